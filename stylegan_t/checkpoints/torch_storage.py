"""Tensors that lie in a reference checkpoint: where their numbers are, and how to copy them.

A snapshot nests one small file for each tensor storage: the stream that `torch.save` wrote, either
the legacy kind (five pickles, then the numbers) or a zip archive.  Both are read here by hand, as
far as a single storage needs it; no number is touched before its place and size are known to lie
within the file.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from stylegan_t.checkpoints.pickle_nodes import (
    Blob,
    DictNode,
    Global,
    Persistent,
    PickleStreamError,
    ZeroSource,
)
from stylegan_t.checkpoints.pickle_stream import Stream

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
LEGACY_PROTOCOL = 1001
MAX_OPCODES = 2000
"""A storage's pickles have some forty."""
MAX_DIMENSIONS = 8
MAX_ZIP_ENTRIES = 64
MAX_ZIP_NAME = 512
MAX_ZIP_EXTRA = 1024
"""Bytes of a name and of what a directory adds to it: torch writes some forty of each."""
ZIP_TAIL = 20 + 22
"""The end records of a zip (APPNOTE, 4.3.15 and 4.3.16); torch writes no comment behind them."""
STORAGE_TYPES = {
    "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"),
    "BFloat16Storage": np.dtype("<u2"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"),
    "CharStorage": np.dtype("<i1"),
    "ByteStorage": np.dtype("<u1"),
    "BoolStorage": np.dtype("?"),
}
STORAGE_MODULES = ("torch", "torch.cuda", "torch.storage")
FLOATING = ("FloatStorage", "HalfStorage", "BFloat16Storage", "DoubleStorage")
DAMAGED = "a nested tensor is damaged"
BIG_ENDIAN = "it was written on a big-endian machine"


@dataclass(frozen=True)
class Storage:
    """`count` numbers of type `kind` (such as "FloatStorage") at the beginning of `data`."""

    kind: str
    count: int
    data: Blob


@dataclass(frozen=True)
class StoredTensor:
    """A view of a storage: `offset` and `stride` in numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def is_floating(self) -> bool:
        return self.storage.kind in FLOATING

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def span(self) -> int:
        """Numbers from the first to the last in the storage; 0 where there are none."""
        steps = zip(self.shape, self.stride, strict=True)
        return 1 + sum((size - 1) * step for size, step in steps) if self.elements else 0

    def read_into(self, target: Tensor) -> None:
        """Copy the numbers into `target`, a contiguous float32 tensor of this shape on the CPU.

        Raises:
            PickleStreamError: the file ends before them.
        """
        if not self.elements:
            return
        flat = target.detach().view(-1)
        kind = STORAGE_TYPES[self.storage.kind]
        if self.storage.kind == "FloatStorage" and self._is_contiguous():
            self.storage.data.read_into(self.offset * kind.itemsize, _bytes_of(flat.numpy()))
            return
        raw = np.empty(self.span, kind)
        self.storage.data.read_into(self.offset * kind.itemsize, _bytes_of(raw))
        if self.storage.kind == "BFloat16Storage":  # the upper half of a float32
            raw = (raw.astype("<u4") << 16).view("<f4")
        steps = tuple(step * raw.itemsize for step in self.stride)
        view = np.lib.stride_tricks.as_strided(raw, self.shape, steps, writeable=False)
        np.copyto(flat.numpy().reshape(self.shape), view, casting="unsafe")

    def _is_contiguous(self) -> bool:
        expected = 1
        for size, step in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if size != 1 and step != expected:
                return False
            expected *= size
        return True


def _bytes_of(array: np.ndarray) -> memoryview:
    return array.view(np.uint8).data


def view_of(storage: Storage, offset: object, shape: object, stride: object) -> StoredTensor:
    """A view of a storage, once it is known to lie within it.

    Raises:
        PickleStreamError: it reaches beyond the storage, or its sizes are no sizes.
    """
    sizes, steps = _sizes(shape), _sizes(stride)
    start = _sizes((offset,))[0]
    if len(sizes) != len(steps):
        raise PickleStreamError("its sizes make no sense")
    elements = math.prod(sizes)
    if elements:
        last = start + sum((size - 1) * step for size, step in zip(sizes, steps, strict=True))
        # A stride of 0 would let one number pass for a million.
        if last >= storage.count or elements > storage.count:
            raise PickleStreamError("it reaches beyond its storage")
    return StoredTensor(storage, start, sizes, steps)


def _sizes(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple) or len(values) > MAX_DIMENSIONS:
        raise PickleStreamError("its sizes make no sense")
    for value in values:
        if type(value) is not int or not 0 <= value < 1 << 62:
            raise PickleStreamError("its sizes make no sense")
    return values


def read_storage(blob: Blob) -> Storage:
    """The storage in what `torch.save` wrote for a single one.

    Raises:
        PickleStreamError: it is damaged, holds anything else, or names what a storage does not.
    """
    try:
        if blob.read(0, min(blob.length, 4)) == b"PK\x03\x04":
            return _zip_storage(blob)
        return _legacy_storage(blob)
    except (struct.error, UnicodeDecodeError) as error:
        raise PickleStreamError(DAMAGED) from error


# -- the legacy kind -----------------------------------------------------------------------------


def _legacy_storage(blob: Blob) -> Storage:
    at, parts = 0, []
    for _ in range(5):
        stream = Stream(blob, at, MAX_OPCODES)
        parts.append(_read(stream))
        at = stream.end
    magic, protocol, system, reference, keys = parts
    require_legacy(magic, protocol, system)
    kind, _, count = storage_reference(reference)
    if not hasattr(keys, "appended") or blob.length - at < 8:
        raise PickleStreamError(DAMAGED)
    if struct.unpack("<q", blob.read(at, 8))[0] != count:
        raise PickleStreamError(DAMAGED)
    return located(kind, count, blob, at + 8, blob.length - at - 8)


def require_legacy(magic: object, protocol: object, system: object) -> None:
    """Raise `PickleStreamError` unless these three values begin a legacy file that can be read."""
    if magic != LEGACY_MAGIC or protocol != LEGACY_PROTOCOL:
        raise PickleStreamError(DAMAGED)
    if isinstance(system, DictNode) and ("little_endian", False) in system.pairs:
        raise PickleStreamError(BIG_ENDIAN)


def _read(stream: Stream) -> object:
    """A nested pickle, which may name the types of storages and nothing else."""
    node = stream.read()
    for name in stream.globals.values():
        if name.module not in STORAGE_MODULES or not name.name.endswith("Storage"):
            raise PickleStreamError(f"a nested tensor names {name}")
    return node


def storage_reference(node: object) -> tuple[str, str, int]:
    """Type, key and number of elements from the persistent id that stands for a storage.

    Raises:
        PickleStreamError: it is no such id, or asks for what is not supported.
    """
    parts = node.id if isinstance(node, Persistent) else None
    if not isinstance(parts, tuple) or len(parts) not in (5, 6) or parts[0] != "storage":
        raise PickleStreamError(DAMAGED)
    kind, key, count = parts[1], parts[2], parts[4]
    if not isinstance(kind, Global) or not isinstance(key, str):
        raise PickleStreamError(DAMAGED)
    if kind.name not in STORAGE_TYPES or kind.module not in STORAGE_MODULES:
        raise PickleStreamError(f"a nested tensor is a {kind}, which is not supported")
    if len(parts) == 6 and parts[5] is not None:
        raise PickleStreamError("a nested tensor is a view of a view, as no torch since 1.9 writes")
    return kind.name, key, _sizes((count,))[0]


def located(kind: str, count: int, blob: Blob, start: int, room: int) -> Storage:
    """A storage of `count` numbers from `start`, which fill exactly `room` bytes.

    Raises:
        PickleStreamError: they do not.
    """
    length = count * STORAGE_TYPES[kind].itemsize
    if length > room:
        raise PickleStreamError("a nested tensor claims more numbers than it holds")
    if length < room:
        raise PickleStreamError("a nested tensor holds more than its numbers")
    return Storage(kind, count, Blob(blob.source, blob.start + start, length))


# -- the zip kind (APPNOTE.TXT, sections 4.3 and 4.5) --------------------------------------------


def _zip_storage(blob: Blob) -> Storage:
    entries = zip_entries(blob, MAX_ZIP_ENTRIES)
    folder, pickled = zip_pickle(entries)
    node = _read(Stream(pickled, 0, MAX_OPCODES))
    kind, key, count = storage_reference(node)
    numbers = entries.get(f"{folder}data/{key}")
    if numbers is None:
        raise PickleStreamError(DAMAGED)
    return located(kind, count, numbers, 0, numbers.length)


def zip_pickle(entries: dict[str, Blob]) -> tuple[str, Blob]:
    """The folder in a zip that torch wrote, and the pickle in it.

    Raises:
        PickleStreamError: it is no such zip.
    """
    pickles = [name for name in entries if name.endswith("/data.pkl") or name == "data.pkl"]
    if len(pickles) != 1:
        raise PickleStreamError(DAMAGED)
    folder = pickles[0].removesuffix("data.pkl")
    order = entries.get(f"{folder}byteorder")
    if order is not None and order.length < 16 and order.read() != b"little":
        raise PickleStreamError(BIG_ENDIAN)
    return folder, entries[pickles[0]]


def zip_entries(blob: Blob, most: int) -> dict[str, Blob]:
    """The entries of a zip by name, `most` at most: stored ones only, torch compresses nothing.

    Raises:
        PickleStreamError: it is damaged, or holds what torch does not write.
    """
    count, at = _zip_directory(blob, most)
    entries: dict[str, Blob] = {}
    for _ in range(count):
        head = blob.read(at, 46)
        if head[:4] != b"PK\x01\x02":
            raise PickleStreamError(DAMAGED)
        method, packed, size, name_size, extra_size, note_size = struct.unpack_from(
            "<10xH8xIIHHH", head
        )
        if name_size > MAX_ZIP_NAME or max(extra_size, note_size) > MAX_ZIP_EXTRA:
            raise PickleStreamError("a nested tensor holds absurdly long names")
        start = struct.unpack_from("<42xI", head)[0]
        name = blob.read(at + 46, name_size).decode("utf-8")
        extra = blob.read(at + 46 + name_size, extra_size)
        size, packed, start = _zip64(extra, size, packed, start)
        if method or packed != size:
            raise PickleStreamError("a nested tensor is compressed, as torch never does")
        entries[name] = _zip_entry(blob, start, size)
        at += 46 + name_size + extra_size + note_size
    return entries


def _zip_directory(blob: Blob, most: int) -> tuple[int, int]:
    """Number of entries and the place of the first in the central directory."""
    size = min(blob.length, ZIP_TAIL)
    tail = blob.read(blob.length - size, size)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end != 22:
        raise PickleStreamError(DAMAGED)
    count, at = struct.unpack_from("<10xH4xI", tail, end)
    if (count == 0xFFFF or at == 0xFFFFFFFF) and tail[end - 20 : end - 16] == b"PK\x06\x07":
        record = struct.unpack_from("<8xQ", tail, end - 20)[0]
        big = blob.read(record, 56)
        if big[:4] != b"PK\x06\x06":
            raise PickleStreamError(DAMAGED)
        count, at = struct.unpack_from("<32xQ8xQ", big)
    if count > most:
        raise PickleStreamError("it holds far too many files")
    return count, at


def _zip64(extra: bytes, *values: int) -> list[int]:
    """Sizes and place of an entry, from the zip64 field where they do not fit 32 bits."""
    long: list[int] = []
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            long = list(struct.unpack_from(f"<{size // 8}Q", extra, at + 4))
        at += 4 + size
    return [long.pop(0) if value == 0xFFFFFFFF and long else value for value in values]


def _zip_entry(blob: Blob, start: int, size: int) -> Blob:
    head = blob.read(start, 30)
    if head[:4] != b"PK\x03\x04":
        raise PickleStreamError(DAMAGED)
    name_size, extra_size = struct.unpack_from("<26xHH", head)
    first = start + 30 + name_size + extra_size
    if first + size > blob.length:
        raise PickleStreamError("a nested tensor claims more numbers than it holds")
    return Blob(blob.source, blob.start + first, size)


def empty_like(tensor: StoredTensor) -> Tensor:
    """A float32 tensor on the CPU to read `tensor` into."""
    return torch.empty(tensor.shape, dtype=torch.float32)


def zero_tensor(shape: tuple[int, ...]) -> StoredTensor:
    """A tensor of zeros that no file holds."""
    count = math.prod(shape)
    stride = tuple(math.prod(shape[k + 1 :]) for k in range(len(shape)))
    zeros = Blob(ZeroSource(), 0, 4 * count)
    return StoredTensor(Storage("FloatStorage", count, zeros), 0, shape, stride)
