"""Windows that share a settings folder: each has a seat there, known by a lock that ends with it.

The first window has seat 1 and goes on with the session of the last run.  Every further one keeps
its session in files of its own, which become one of the recent sessions when it ends, however that
happens.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stylegan_t.files.locks import lockable, locked

MAX_SEATS = 100
LOCK_S, LOOK_S = 2.0, 0.02
"""Longest wait for another window that is writing, and how often to look whether it has ended."""
NAME = re.compile(r"\.window-([1-9][0-9]{0,2})\.lock")
WRITING = ".writing.lock"

logger = logging.getLogger(__name__)


class Seat:
    """A place among the windows of one settings folder; freed by `leave` or with the process.

    `number` is 1 where no other window is open, `handle` the open lock, None where the system has
    no locks.
    """

    def __init__(self, number: int, handle: int | None = None) -> None:
        self.number, self._handle = number, handle

    def leave(self) -> None:
        """Free the place."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def take_seat(folder: Path) -> Seat:
    """The first free seat; 1 also where nothing can be locked, as on some network drives."""
    for number in range(1, MAX_SEATS + 1):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = locked(folder / f".window-{number}.lock")
        except OSError as error:
            logger.warning("windows in %s cannot be told apart: %s", folder, error)
            return Seat(1)
        if handle is not None:
            return Seat(number, handle)
    return Seat(MAX_SEATS)


def free_seats(folder: Path) -> Iterator[Seat]:
    """The seats beyond the first that were used and are free; each is held while looked at."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for match in filter(None, map(NAME.fullmatch, names)):
        if (number := int(match[1])) == 1:
            continue
        with suppress(OSError):
            if (handle := locked(folder / match[0])) is not None:
                seat = Seat(number, handle)
                yield seat
                seat.leave()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold a folder's files while they are read, changed and written.

    After waiting longer than `LOCK_S`, or without locks, it goes on anyway: a list is better
    written than lost.
    """
    path = lockable(folder, WRITING)
    handle, until_s = None, time.monotonic() + LOCK_S
    try:
        while (handle := locked(path)) is None and time.monotonic() < until_s:
            time.sleep(LOOK_S)
    except OSError as error:
        logger.debug("%s cannot be locked: %s", folder, error)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
