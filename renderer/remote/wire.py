"""Messages on two byte streams: four bytes of length, big end first, then the message.

What a login shell prints before the renderer speaks is passed over: the renderer begins with a line
that nothing else prints.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol

from renderer.errors import RendererError
from renderer.remote.messages import encode

GREETING = b"\x00stylegan-t renderer\n"
MAX_BANNER = 65_536
"""Bytes that may come before the greeting."""
MAX_MESSAGE = 2**28
"""Bytes of one message: a picture of the largest size, raw."""
MAX_ASKED = 2**25
"""Bytes of one message of the window: many recipes with latents written out."""
CHUNK = 2**20
"""Bytes read at a time: a length that was made up costs no memory."""
BROKEN = (OSError, ValueError)
"""Raised where the other side has closed the line."""


class LineError(RendererError):
    """The other side does not speak as it should, or no more; the message is for the user."""


class EndedError(LineError):
    """The stream ended where a message should have begun or gone on."""


class Writer:
    """Sends whole messages; from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def greet(self) -> None:
        """Say that messages follow."""
        with self._lock:
            self._stream.write(GREETING)
            self._stream.flush()

    def send(self, message: Any) -> None:
        """Send a message.

        Raises:
            OSError, ValueError: the stream is closed.
        """
        self.send_encoded(encode(message))

    def send_encoded(self, data: bytes) -> None:
        """Send a message that is encoded already; raises as `send` does."""
        if len(data) > MAX_MESSAGE:
            raise LineError("A message is too long to send.")
        with self._lock:
            self._stream.write(len(data).to_bytes(4, "big") + data)
            self._stream.flush()

    def close(self, timeout_s: float = 0.2) -> None:
        """Close the stream, unless a message is stuck on its way."""
        if self._lock.acquire(timeout=timeout_s):
            try:
                with contextlib.suppress(*BROKEN):
                    self._stream.close()
            finally:
                self._lock.release()


class Readable(Protocol):
    """A stream of bytes; less than was asked for may come, and nothing at its end."""

    def read(self, count: int, /) -> bytes: ...


def passed_over(stream: Readable) -> str:
    """Read up to the end of the greeting; returns what came before it.

    Raises:
        EndedError: there was none; what came is in the message.
    """
    came = bytearray()
    while not came.endswith(GREETING):
        byte = stream.read(1)
        if not byte or len(came) > MAX_BANNER:
            raise EndedError(_text(bytes(came)))
        came += byte
    return _text(bytes(came[: -len(GREETING)]))


def _text(came: bytes) -> str:
    return came[-1000:].decode("utf-8", "replace").strip()


def received(stream: Readable, limit: int) -> Iterator[bytes]:
    """All messages of a stream, until it ends between two.

    Args:
        stream: to read.
        limit: bytes of the longest message.

    Raises:
        LineError: a message is too long, or the stream ends within one.
    """
    while header := _exactly(stream, 4, may_end=True):
        length = int.from_bytes(header, "big")
        if length > limit:
            raise LineError(f"The other side announced a message of {length} bytes.")
        yield _exactly(stream, length)


def _exactly(stream: Readable, count: int, *, may_end: bool = False) -> bytes:
    parts: list[bytes] = []
    missing = count
    while missing:
        part = stream.read(min(missing, CHUNK))
        if not part:
            if may_end and not parts:
                return b""
            raise EndedError("The connection ended in the middle of a message.")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
