"""Text chunks of PNG files, read without trusting the file.

Only chunk headers and the one wanted text are read; picture data is skipped, never inflated.

Source: PNG (third edition), W3C 2025, sections 5.3 (chunks) and 11.3.3 (textual information).
"""

from __future__ import annotations

import zlib
from typing import BinaryIO

from renderer.errors import RendererError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
MAX_CHUNKS = 20_000
"""More than any encoder writes: with 8 KB of data each, a picture of 160 MB."""


class PngError(RendererError, ValueError):
    """The file is no sound PNG; the message is for the user."""


def read_text(file: BinaryIO, keyword: str, limit: int) -> str | None:
    """The text of the first text chunk called `keyword`, or None when there is none.

    Args:
        file: positioned at the beginning, seekable.
        keyword: ASCII, compared exactly.
        limit: largest text in bytes, compressed or not.

    Raises:
        PngError: not a PNG, cut off, damaged, or the text is larger than `limit`.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise PngError("it is not a PNG file")
    wanted = keyword.encode("ascii") + b"\0"
    for _ in range(MAX_CHUNKS):
        kind, length = _header(file)
        start = file.tell()
        if start + length + 4 > size:
            raise PngError("the file is cut off")
        if kind in TEXT_CHUNKS and file.read(min(length, len(wanted))) == wanted:
            return _text(file, kind, start, length, len(wanted), limit)
        if kind == b"IEND":
            return None
        file.seek(start + length + 4)
    raise PngError("it has too many parts")


def _header(file: BinaryIO) -> tuple[bytes, int]:
    header = file.read(8)
    if len(header) < 8:
        raise PngError("the file is cut off")
    kind, length = header[4:], int.from_bytes(header[:4], "big")
    if not kind.isalpha() or length > 0x7FFFFFFF:
        raise PngError("the file is damaged")
    return kind, length


def _text(file: BinaryIO, kind: bytes, start: int, length: int, skip: int, limit: int) -> str:
    if length > limit + 1000:
        raise PngError("its text is far too large")
    file.seek(start)
    data = file.read(length)
    checksum = int.from_bytes(file.read(4), "big")
    if len(data) < length or zlib.crc32(kind + data) != checksum:
        raise PngError("the file is damaged")
    try:
        if kind == b"tEXt":
            return data[skip:].decode("latin-1")
        if kind == b"zTXt":
            return _inflate(data[skip:], limit).decode("latin-1")
        return _international(data[skip:], limit)
    except UnicodeDecodeError as error:
        raise PngError("its text is damaged") from error


def _international(body: bytes, limit: int) -> str:
    """The text of an iTXt chunk after its keyword: flag, method, language, translation, text."""
    compressed, body = body[:1] == b"\1", body[2:]
    parts = body.split(b"\0", 2)
    if len(parts) < 3:
        raise PngError("its text is damaged")
    text = _inflate(b"\0" + parts[2], limit) if compressed else parts[2]
    return text.decode("utf-8")


def _inflate(body: bytes, limit: int) -> bytes:
    """A method byte and a zlib stream to at most `limit` bytes: a bomb stops there."""
    if body[:1] != b"\0":
        raise PngError("its text is damaged")
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(body[1:], limit + 1)
    except zlib.error as error:
        raise PngError("its text is damaged") from error
    if len(text) > limit:
        raise PngError("its text is far too large")
    if not stream.eof:
        raise PngError("its text is damaged")
    return text
