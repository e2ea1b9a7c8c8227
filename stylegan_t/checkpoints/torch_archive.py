"""Files with pickles: plain ones, or what `torch.save` writes, with the numbers beside the pickle.

`torch.save` writes a zip since torch 1.6, and before that five pickles with the numbers behind
them.  Nothing is imported, called or run; see `stylegan_t.checkpoints.pickle_stream`.
"""

from __future__ import annotations

import gc
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    Call,
    Global,
    ListNode,
    Persistent,
    PickleStreamError,
    Source,
)
from stylegan_t.checkpoints.pickle_stream import Stream
from stylegan_t.checkpoints.reference_values import TensorReader
from stylegan_t.checkpoints.torch_storage import (
    LEGACY_MAGIC,
    MAX_OPCODES,
    STORAGE_TYPES,
    Storage,
    located,
    require_legacy,
    storage_reference,
    zip_entries,
    zip_pickle,
)
from stylegan_t.encoders.tower_files import is_torchscript

MAX_FILES = 20_000
"""Of a zip: one for each storage.  A training state has some thousand."""
ZIP_START = b"PK\x03\x04"
PROGRAM = "it is a program (TorchScript), which would have to be run; save its state dict instead"
DAMAGED = "its numbers do not lie where it says"


@dataclass(frozen=True)
class Archive:
    """The content of a file with pickles: its root, every name that it mentions, every call that
    asks for something by a text; and what turns its nodes into tensors."""

    root: object
    names: tuple[Global, ...]
    lookups: tuple[Call, ...]
    tensors: TensorReader


def open_archive(source: Source, size: int) -> Archive:
    """Interpret the pickle in a file; its numbers stay there.

    Args:
        source: the open file.
        size: its length in bytes.

    Raises:
        PickleStreamError: it is damaged, or beyond the bounds.
    """
    blob = Blob(source, 0, size)
    if blob.read(0, min(size, len(ZIP_START))) == ZIP_START:
        return _zipped(blob)
    stream, root = _interpreted(Stream(blob))
    if root == LEGACY_MAGIC:
        return _legacy(blob, stream.end)
    if stream.end != size:
        raise PickleStreamError("it goes on after its end")
    return _archive(stream, root, None)


def _archive(
    stream: Stream, root: object, outside: Callable[[Persistent], Storage] | None
) -> Archive:
    names = tuple(stream.globals.values())
    return Archive(root, names, tuple(stream.lookups), TensorReader(outside))


def _interpreted(stream: Stream) -> tuple[Stream, object]:
    with _uncollected():
        return stream, stream.read()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for garbage among a million nodes that are all in use."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _zipped(blob: Blob) -> Archive:
    """The zip that torch writes: a pickle, and one file for each storage."""
    try:
        entries = zip_entries(blob, MAX_FILES)
    except (struct.error, UnicodeDecodeError) as error:
        raise PickleStreamError("its list of files is damaged") from error
    if is_torchscript(entries):
        raise PickleStreamError(PROGRAM)
    if not any(name.endswith("data.pkl") for name in entries):
        raise PickleStreamError("it is a zip archive that torch did not write")
    folder, pickled = zip_pickle(entries)
    stream, root = _interpreted(Stream(pickled))
    if stream.end != pickled.length:
        raise PickleStreamError("it goes on after its end")

    def outside(node: Persistent) -> Storage:
        kind, key, count = storage_reference(node)
        numbers = entries.get(f"{folder}data/{key}")
        if numbers is None:
            raise PickleStreamError(DAMAGED)
        return located(kind, count, numbers, 0, numbers.length)

    return _archive(stream, root, outside)


def _legacy(blob: Blob, at: int) -> Archive:
    """The older form: what its pickles say, then the storages in the order of a list of keys."""
    protocol, at = _short(blob, at)
    system, at = _short(blob, at)
    require_legacy(LEGACY_MAGIC, protocol, system)
    stream, root = _interpreted(Stream(blob, at))
    keys, at = _short(blob, stream.end, MAX_OPCODES * 50)
    if not isinstance(keys, ListNode):
        raise PickleStreamError(DAMAGED)
    known = _laid_out(blob, at, keys.appended, stream.outside)

    def outside(node: Persistent) -> Storage:
        kind, key, count = storage_reference(node)
        found = known.get(key)
        if found is None or (found.kind, found.count) != (kind, count):
            raise PickleStreamError(DAMAGED)
        return found

    return _archive(stream, root, outside)


def _short(blob: Blob, at: int, most: int = MAX_OPCODES) -> tuple[object, int]:
    """A pickle that has no reason to name anything, and the place behind it."""
    stream = Stream(blob, at, most)
    node = stream.read()
    if stream.globals:
        raise PickleStreamError(DAMAGED)
    return node, stream.end


def _laid_out(
    blob: Blob, at: int, keys: list[object], outside: list[Persistent]
) -> dict[str, Storage]:
    """The storages by their keys: each is its number of elements, then the elements."""
    told: dict[str, tuple[str, int]] = {}
    for node in outside:
        if not isinstance(node.id, tuple) or node.id[:1] != ("storage",):
            continue  # a class, as that form writes them: refused where it is reached
        kind, key, count = storage_reference(node)
        if told.setdefault(key, (kind, count)) != (kind, count):
            raise PickleStreamError(DAMAGED)
    found: dict[str, Storage] = {}
    for key in keys:
        if not isinstance(key, str) or key not in told or key in found:
            raise PickleStreamError(DAMAGED)
        kind, count = told[key]
        if blob.read(at, 8) != struct.pack("<Q", count):
            raise PickleStreamError(DAMAGED)
        length = count * STORAGE_TYPES[kind].itemsize
        if length > blob.length - at - 8:
            raise PickleStreamError("it ends in the middle")
        found[key] = located(kind, count, blob, at + 8, length)
        at += 8 + length
    if at != blob.length:
        raise PickleStreamError("it goes on after its end")
    return found
