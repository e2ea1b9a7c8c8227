"""The window's side of an upload: a file in pieces, as many on their way as the line carries.

Nothing is lost where the line breaks: pieces without an answer are sent again on the next one, and
a renderer that knows nothing of them says how much it has.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from pathlib import Path
from typing import Any

from renderer.errors import PictureError
from renderer.remote import calls
from renderer.remote.calls import Procedure, Uploaded
from renderer.remote.flow_control import FlowControl
from stylegan_t.files.hashes import file_sha256
from stylegan_t.progress import Steps

PIECE_S = 0.02
"""Seconds on the line that a piece may take: what is typed meanwhile waits no longer than that."""
LEAST_PIECE = 2**14
LOOK_S = 0.05
MAX_TRIES = 8
"""Times that what has arrived may turn out to be less than was thought."""
READING, SENDING, CHECKING = "Reading", "Uploading", "Checking"
"""The steps."""
Send = Callable[[Procedure[Any, Any], Any, Callable[[float], None] | None], "Future[Any]"]


class Upload:
    """Sends one file.

    Args:
        send: has a call done there, and hears how far it is.
        path: of the file.
        tell: hears the step and its share; what it raises gives the upload up, and what has arrived
            is deleted there.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        send: Send,
        path: Path,
        tell: Steps,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._path, self._tell, self._clock = send, path, tell, clock
        self._flow, self._serial = FlowControl(), 0
        self._size, self._sha256 = 0, ""

    def run(self) -> str:
        """Send all of it; returns its path there.

        Raises:
            PictureError: it cannot be read here, or written there; one sentence.
        """
        try:
            self._size = os.path.getsize(self._path)
            if not 1 <= self._size <= calls.MAX_UPLOAD:
                raise PictureError(f"{self._path.name} is empty, or too large to upload.")
            self._sha256 = file_sha256(self._path, lambda share: self._tell(READING, share))
            return self._sent()
        except OSError as error:
            why = error.strerror or error
            raise PictureError(f"{self._path.name} cannot be read: {why}.") from error

    def _sent(self) -> str:
        try:
            for _ in range(MAX_TRIES):
                known = self._asked(calls.BEGIN_UPLOAD, calls.BeginUpload)
                if not known.path and self._pieces(known.received) == self._size:
                    known = self._asked(calls.END_UPLOAD, calls.EndUpload)
                if known.path:
                    return known.path
        except BaseException:
            self._send(calls.DROP_UPLOAD, calls.DropUpload(self._sha256), None)
            raise
        raise PictureError(f"{self._path.name} could not be uploaded: try again.")

    def _asked(
        self,
        procedure: Procedure[Any, Any],
        make: type[calls.BeginUpload] | type[calls.EndUpload],
    ) -> Uploaded:
        """Ask about the file as a whole: where it is read there, that takes its time."""
        shares = [0.0]
        ask = make(self._path.name, self._size, self._sha256)
        future = self._send(procedure, ask, shares.append)
        while True:
            with suppress(NotYet):
                return future.result(LOOK_S)
            self._tell(CHECKING, shares[-1])

    def _pieces(self, at: int) -> int:
        """Send from byte `at` on; returns the bytes that have arrived, all of them or fewer."""
        on_way: deque[tuple[Future[Uploaded], int, int]] = deque()
        received = at
        with open(self._path, "rb") as file:
            file.seek(at)
            while received < self._size:
                while at < self._size and self._flow.free:
                    data = file.read(min(self._piece_size(), self._size - at))
                    if not data:
                        raise PictureError(f"{self._path.name} became shorter meanwhile.")
                    piece = calls.Piece(self._sha256, self._size, at, data)
                    at += len(data)
                    self._serial += 1
                    self._flow.sent(self._serial, len(data), self._clock())
                    on_way.append((self._send(calls.PIECE, piece, None), at, self._serial))
                self._tell(SENDING, received / self._size)
                future, end, serial = on_way[0]
                with suppress(NotYet):
                    there = future.result(LOOK_S).received
                    on_way.popleft()
                    self._flow.seen(serial, self._clock())
                    if there < end:
                        self._drain(on_way)
                        return there
                    received = end
        return received

    def _drain(self, on_way: deque[tuple[Future[Uploaded], int, int]]) -> None:
        """Wait for pieces that came too early to be of use."""
        for future, _, serial in on_way:
            while not future.done():
                with suppress(NotYet):
                    future.exception(LOOK_S)
                self._tell(SENDING, 0.0)
            self._flow.seen(serial, self._clock())

    def _piece_size(self) -> int:
        return min(max(int((self._flow.rate or 0.0) * PIECE_S), LEAST_PIECE), calls.MAX_PIECE)
