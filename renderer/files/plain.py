"""Reading a small file as a whole: a regular file of a bounded size, and nothing else.

A pipe would wait for its other end, a device may never end, and one that was put in the place of
a file of ours must not keep the program from starting.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NotPlainError(OSError):
    """It is no regular file, or too large; `strerror` says which, in a few words."""

    def __init__(self, words: str, path: Path) -> None:
        super().__init__(None, words, str(path))
        self.strerror = words

    def __str__(self) -> str:
        return self.strerror or ""


def read_plain(path: Path, limit: int) -> bytes:
    """The bytes of a file.

    Args:
        path: also a link that leads to a file.
        limit: the most bytes that it may have.

    Raises:
        NotPlainError: it is no regular file, or has more than `limit` bytes.
        OSError: it cannot be read.
    """
    try:
        _check(os.stat(path), path, limit)  # before opening, which may already do something
        with open(os.open(path, _FLAGS), "rb") as file:
            _check(os.fstat(file.fileno()), path, limit)  # it may be another one by now
            data = file.read(limit + 1)
    except ValueError as error:  # a name with a NUL in it
        raise NotPlainError("its name is none of a file", path) from error
    if len(data) > limit:
        raise NotPlainError("it is far too large", path)
    return data


def reason(error: OSError) -> str:
    """Return why a file cannot be read, to stand inside a sentence."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


def _check(status: os.stat_result, path: Path, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise NotPlainError("it is not a file", path)
    if status.st_size > limit:
        raise NotPlainError("it is far too large", path)
