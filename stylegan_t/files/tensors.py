"""Tensors in `.safetensors` files, which are read piece by piece and never mapped into memory.

A mapped file that another program shortens or rewrites meanwhile ends the process (SIGBUS).  Here
every byte is read, its place is known to lie within the file beforehand, and a file that changed
while it was read is refused.

Source: the description of the format in safetensors' README, "Format".
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import torch
from torch import Tensor

from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files.whole import whole_file

MAX_HEADER_BYTES = 10_000_000
"""The header of a training state, the longest that there is, has about a tenth of it."""
MAX_TENSORS = 100_000
MAX_DIMENSIONS = 16
_DTYPES = {
    **{"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16},
    **{"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "BOOL": torch.bool},
    **{"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8},
    **{"U64": torch.uint64, "U32": torch.uint32, "U16": torch.uint16, "U8": torch.uint8},
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_ORDER = tuple(
    "BOOL U8 I8 F8_E5M2 F8_E4M3 I16 U16 F16 BF16 I32 U32 F32 F64 I64 U64".split()  # noqa: SIM905
)
"""Types in the order in which safetensors itself sorts them, last first: wide ones lie aligned."""
_METADATA = "__metadata__"
_ALIGNMENT = 8
_Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 62)]


class TensorFileError(ValueError):
    """A file cannot be read as tensors; the message ends a sentence."""


class _Entry(msgspec.Struct, frozen=True):
    """A tensor as the header describes it: its bytes lie behind the header."""

    dtype: str
    shape: Annotated[tuple[_Count, ...], msgspec.Meta(max_length=MAX_DIMENSIONS)]
    data_offsets: tuple[_Count, _Count]


_HEADER = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRINGS = msgspec.json.Decoder(dict[str, str])
_ENTRY = msgspec.json.Decoder(_Entry)
CHANGED = "it changed while it was read"


def _stamp(status: os.stat_result) -> tuple[int, int, int, int]:
    """Return what shows that a file is another one, or has changed."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _stamp_at(path: Path) -> tuple[int, int, int, int] | None:
    try:
        return _stamp(os.stat(path))
    except OSError:
        return None


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Refuse what was read inside, if the file at `path` changed or was replaced meanwhile.

    Raises:
        TensorFileError: it did; also in place of what a reader complained of.
    """
    before = _stamp_at(path)
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        if _stamp_at(path) != before:
            raise TensorFileError(CHANGED) from error
        raise
    if _stamp_at(path) != before:
        raise TensorFileError(CHANGED)


class TensorFile:
    """An open `.safetensors` file; leaving its context says whether it changed meanwhile.

    `metadata` holds the texts of its header, `shapes` the size of each tensor by name.

    Raises:
        TensorFileError: it is no such file, or is damaged.
        OSError: it cannot be opened or read.
    """

    def __init__(self, path: Path) -> None:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for its other end
            raise TensorFileError("it is not a file")
        self._path = path
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by `close`
        try:
            self._stamp = _stamp(os.fstat(self._file.fileno()))
            self._start, header = self._header()
            self.metadata, self._entries = _understood(header)
            _check_places(self._entries.values(), self._stamp[2] - self._start)
        except BaseException:
            self._file.close()
            raise
        self.shapes = {name: entry.shape for name, entry in self._entries.items()}

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self.require_unchanged()
        finally:
            self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def require_unchanged(self) -> None:
        """Refuse what was read, if the file is another one by now.

        Raises:
            TensorFileError: it has changed, or has been replaced or deleted.
        """
        now = _stamp(os.fstat(self._file.fileno()))
        if self._stamp != now or _stamp_at(self._path) != now:
            raise TensorFileError(CHANGED)

    def dtype(self, name: str) -> torch.dtype:
        """Return the type of a tensor's numbers."""
        return _DTYPES[self._entries[name].dtype]

    def read(self, name: str) -> Tensor:
        """Return a tensor of the file's own type, on the CPU.

        Raises:
            TensorFileError: the file changed meanwhile, or the memory does not suffice.
            OSError: it cannot be read.
        """
        entry = self._entries[name]
        try:
            tensor = torch.empty(entry.shape, dtype=_DTYPES[entry.dtype])
        except RuntimeError as error:
            raise TensorFileError("it holds a tensor that is too large for the memory") from error
        self._fill(tensor, entry)
        return tensor

    def read_into(self, name: str, target: Tensor) -> None:
        """Copy a tensor into `target`, of the same shape, in memory of its own on the CPU.

        Raises:
            TensorFileError, OSError: as `read`.
        """
        entry = self._entries[name]
        if target.dtype == _DTYPES[entry.dtype] and target.is_contiguous():
            self._fill(target.detach(), entry)
        else:
            target.copy_(self.read(name))

    def read_all(
        self, names: Iterable[str] | None = None, most: float = float("inf")
    ) -> dict[str, Tensor]:
        """Return some tensors, or all, by name, once they are known to fit into the memory and to
        have at most `most` numbers.

        Raises:
            TensorFileError, OSError: as `read`.
        """
        wanted = list(self._entries if names is None else names)
        ends = (self._entries[name].data_offsets for name in wanted)
        if sum(end - begin for begin, end in ends) > memory_bytes():
            raise TensorFileError("it holds more than this computer's memory")
        if sum(math.prod(self.shapes[name]) for name in wanted) > most:
            raise TensorFileError("it holds more numbers than any network of its kind")
        return {name: self.read(name) for name in wanted}

    def _fill(self, tensor: Tensor, entry: _Entry) -> None:
        if tensor.numel():
            self._read_at(self._start + entry.data_offsets[0], _bytes_of(tensor))

    def _header(self) -> tuple[int, bytes]:
        """The place behind the header, and the header."""
        length = bytearray(8)
        size = self._stamp[2]
        if size < 8:
            raise TensorFileError("it is empty or cut short")
        self._read_at(0, memoryview(length))
        count = int.from_bytes(length, "little")
        if count > MAX_HEADER_BYTES or count + 8 > size:
            raise TensorFileError("it is cut short, or not a safetensors file")
        header = bytearray(count)
        self._read_at(8, memoryview(header))
        return 8 + count, bytes(header)

    def _read_at(self, place: int, target: memoryview) -> None:
        self._file.seek(place)
        done = 0
        while done < len(target):
            count = self._file.readinto(target[done:])
            if not count:
                raise TensorFileError(CHANGED)
            done += count


def memory_bytes() -> float:
    """Return the size of the machine's main memory, or infinity where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return float("inf")


def _understood(header: bytes) -> tuple[dict[str, str], dict[str, _Entry]]:
    """The texts and the tensors of a header."""
    if header.count(b"{") > MAX_TENSORS:
        raise TensorFileError("its header is absurdly large")
    try:
        parts = _HEADER.decode(header)
        metadata = _STRINGS.decode(parts.pop(_METADATA, msgspec.Raw(b"{}")))
        entries = {name: _ENTRY.decode(part) for name, part in parts.items()}
    except (*BROKEN_JSON, ValueError) as error:
        raise TensorFileError("its header is damaged") from error
    for entry in entries.values():
        if entry.dtype not in _DTYPES:
            raise TensorFileError(f"it holds numbers of a type that is not known ({entry.dtype})")
    return metadata, entries


def _check_places(entries: Iterable[_Entry], room: int) -> None:
    """Refuse tensors that overlap, leave gaps, or have not as many bytes as their shapes need."""
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.data_offsets):
        begin, end = entry.data_offsets
        needed = math.prod(entry.shape) * _DTYPES[entry.dtype].itemsize
        if begin != at or end - begin != needed:
            raise TensorFileError("its header is damaged: tensors do not lie where it says")
        at = end
    if at != room:
        raise TensorFileError("it is cut short, or longer than its tensors")


def _bytes_of(tensor: Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def write_tensors(
    file: BinaryIO, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> None:
    """Write tensors and texts; equal ones give equal bytes.

    Raises:
        OSError: they cannot be written.
    """
    names = sorted(tensors)
    names.sort(key=lambda name: -_ORDER.index(_NAMES[tensors[name].dtype]))
    header: dict[str, Any] = {_METADATA: dict(sorted(metadata.items()))} if metadata else {}
    at = 0
    for name in names:
        tensor, begin = tensors[name], at
        at += tensor.nbytes
        header[name] = _Entry(_NAMES[tensor.dtype], tuple(tensor.shape), (begin, at))
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        stored = tensors[name].detach().cpu().contiguous()
        if stored.numel():
            file.write(_bytes_of(stored))


def save_tensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str] | None = None,
    *,
    overwrite: bool = True,
) -> None:
    """Write a file of tensors, whole or not at all; see `write_tensors` and `whole_file`.

    Raises:
        TakenError: it exists, and `overwrite` is false.
        OSError: it cannot be written.
    """
    with whole_file(path, overwrite=overwrite) as file:
        write_tensors(file, tensors, metadata or {})
