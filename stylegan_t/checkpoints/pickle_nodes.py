"""The content of a pickle stream as inert values: names, calls that were not made, bytes not read.

Nothing here imports, calls or runs anything; see `stylegan_t.checkpoints.pickle_stream` for the
interpreter.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Protocol

import numpy as np

PIECE = 1 << 24
"""Bytes that are read at once; between pieces a load can be cancelled."""
TEXT_PIECE = 1 << 16
RENAMED = {"__builtin__": "builtins", "copy_reg": "copyreg"}
"""Modules that old protocols call by their Python 2 names."""
_MOVED = re.compile(r".+\.(networks\.\w+|torch_utils\.persistence|dnnlib\.util)")
"""Modules of the reference code, which forks put into packages of their own."""


class PickleStreamError(ValueError):
    """A stream is damaged, cut short or beyond the bounds; the message ends a sentence."""


class Source(Protocol):
    """Bytes that can be read anywhere."""

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill `target` with the bytes from `offset`; raises `PickleStreamError` at the end."""
        ...


class FileSource:
    """An open file as a `Source`.  It is read, never mapped: a file may shrink meanwhile.

    `ask` is called before every piece that is read, and may raise to cancel.
    """

    def __init__(
        self, file: io.BufferedIOBase | io.RawIOBase, ask: Callable[[], None] = lambda: None
    ) -> None:
        self._file, self._ask = file, ask

    def read_into(self, offset: int, target: memoryview) -> None:
        """See `Source`."""
        self._file.seek(offset)
        done = 0
        while done < len(target):
            self._ask()
            count = self._file.readinto(target[done : done + PIECE])
            if not count:
                raise PickleStreamError("it ends in the middle")
            done += count


class BytesSource:
    """Bytes in memory as a `Source`."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read_into(self, offset: int, target: memoryview) -> None:
        """See `Source`."""
        piece = self._data[offset : offset + len(target)]
        if len(piece) < len(target):
            raise PickleStreamError("it ends in the middle")
        target[:] = piece


class ZeroSource:
    """Zeros without end as a `Source`."""

    def read_into(self, offset: int, target: memoryview) -> None:
        """See `Source`."""
        np.frombuffer(target, np.uint8)[:] = 0


class LatinSource:
    """The bytes whose Latin-1 form is a text in a file, as a `Source`; `length` is their number.

    They are worked out where they are read, a piece at a time: only where each piece begins is
    kept.
    """

    def __init__(self, text: Blob) -> None:
        self._text = text
        self._starts = [0]
        for at in range(0, text.length, TEXT_PIECE):
            piece = np.frombuffer(text.read(at, min(TEXT_PIECE, text.length - at)), np.uint8)
            # Every character has one byte in UTF-8 that does not continue another.
            count = int(np.count_nonzero((piece & 0xC0) != 0x80))
            self._starts.append(self._starts[-1] + count)
        self.length = self._starts[-1]
        self._known: tuple[int, bytes] = (-1, b"")

    def read_into(self, offset: int, target: memoryview) -> None:
        """See `Source`."""
        if offset + len(target) > self.length:
            raise PickleStreamError("it ends in the middle")
        done = 0
        while done < len(target):
            index = bisect_right(self._starts, offset + done) - 1
            skipped = offset + done - self._starts[index]
            data = memoryview(self._piece(index))[skipped : skipped + len(target) - done]
            target[done : done + len(data)] = data
            done += len(data)

    def _piece(self, index: int) -> bytes:
        """The bytes of a piece; a character on its end is the piece's in which it begins."""
        if self._known[0] != index:
            start = index * TEXT_PIECE
            text = self._text.read(start, min(TEXT_PIECE + 1, self._text.length - start))
            body, beyond = text[:TEXT_PIECE], text[TEXT_PIECE:]
            if index and body[0] & 0xC0 == 0x80:
                body = body[1:]
            if beyond and beyond[0] & 0xC0 == 0x80:
                body += beyond
            try:
                data = body.decode().encode("latin-1")
            except UnicodeError as error:
                raise PickleStreamError("its bytes are damaged") from error
            self._known = index, data
        return self._known[1]


class Blob:
    """`length` bytes of `source` from `start`, not read yet.  `is_text` when they are UTF-8."""

    __slots__ = ("is_text", "length", "source", "start")

    def __init__(self, source: Source, start: int, length: int, is_text: bool = False) -> None:
        self.source, self.start, self.length, self.is_text = source, start, length, is_text

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `offset`, or all that follow."""
        length = self.length - offset if length is None else length
        data = bytearray(length)
        self.read_into(offset, memoryview(data))
        return bytes(data)

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill `target` with the bytes from `offset`."""
        if offset < 0 or offset + len(target) > self.length:
            raise PickleStreamError("it ends in the middle")
        self.source.read_into(self.start + offset, target)


class Global:
    """A name that the stream refers to: a class or a function, never looked up.

    `key` is what it is known by, whatever package the reference code was moved into.
    """

    __slots__ = ("key", "module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = RENAMED.get(module, module), name
        moved = _MOVED.fullmatch(self.module)
        self.key = (moved[1] if moved else self.module, name)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"[:200]


class Call:
    """A call that was not made: `function(*arguments)`, then what would be put into the result.

    `states` are the arguments of BUILD, `appended` list items, `pairs` dictionary items.
    `keywords` is what NEWOBJ_EX brings.
    """

    __slots__ = ("appended", "arguments", "function", "keywords", "pairs", "states")

    def __init__(self, function: object, arguments: object, keywords: object = None) -> None:
        self.function, self.arguments, self.keywords = function, arguments, keywords
        self.states: list[object] = []
        self.appended: list[object] = []
        self.pairs: list[tuple[object, object]] = []


class ListNode:
    """A list or a set; what is in a set may be anything, also what cannot be hashed."""

    __slots__ = ("appended",)

    def __init__(self, appended: list[object] | None = None) -> None:
        self.appended: list[object] = [] if appended is None else appended


class DictNode:
    """A dictionary as a list of pairs: keys may be anything, also what cannot be hashed."""

    __slots__ = ("pairs",)

    def __init__(self) -> None:
        self.pairs: list[tuple[object, object]] = []


class Persistent:
    """A reference to something outside the stream."""

    __slots__ = ("id",)

    def __init__(self, id: object) -> None:
        self.id = id
