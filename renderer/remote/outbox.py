"""Messages that wait to be sent: of each kind that only counts in its newest form there is one."""

from __future__ import annotations

import threading
from collections import deque

from renderer.remote.messages import FromWindow

NEWEST = ("Seen", "Submit", "Timing", "Wishes")
"""Kinds of which the newest takes the place of one that still waits, the most urgent first."""


class Outbox:
    """Messages for one line after another.  From any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, FromWindow] = {}
        self._others: deque[FromWindow] = deque()

    def put(self, message: FromWindow) -> bool:
        """Add a message; returns whether it takes the place of one that still waits."""
        with self._changed:
            kind = type(message).__name__
            replaced = kind in self._newest
            if kind in NEWEST:
                self._newest[kind] = message
            else:
                self._others.append(message)
            self._changed.notify()
            return replaced

    def wake(self) -> None:
        """Let who waits in `take` look again."""
        with self._changed:
            self._changed.notify()

    def take(self, timeout_s: float) -> FromWindow | None:
        """The next message; None when there is none for so long."""
        with self._changed:
            if not (self._newest or self._others):
                self._changed.wait(timeout_s)
            for kind in NEWEST:
                if kind in self._newest:
                    return self._newest.pop(kind)
            return self._others.popleft() if self._others else None

    def clear(self) -> None:
        """Forget everything: the line is broken."""
        with self._changed:
            self._newest.clear()
            self._others.clear()
