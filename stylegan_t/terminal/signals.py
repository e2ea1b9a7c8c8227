"""Signals that ask a program to end: Ctrl-C in the terminal, or the system's request."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

ASKING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""SIGHUP comes when the terminal is closed; Windows knows none."""
SIGNALLED = 128
"""A shell's exit code for a program that a signal has ended is this and the signal's number."""


class SignalledError(SystemExit):
    """The program was asked to end; whatever it has begun to write is taken away on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__(SIGNALLED + number)


@contextmanager
def heard() -> Iterator[None]:
    """While it is entered, the first such signal raises `SignalledError` on the main thread, and
    the second ends the process at once."""
    before = {}

    def hear(number: int, frame: FrameType | None) -> NoReturn:
        for other in before:
            signal.signal(other, signal.SIG_DFL)
        raise SignalledError(number)

    if threading.current_thread() is threading.main_thread():
        for number in ASKING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # such as below nohup
                before[number] = signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
