"""A polite end: the first Ctrl-C or SIGTERM asks for a snapshot, the second ends at once."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Listens for signals while it is entered; only on the main thread of a program.

    `asked` turns true with the first signal, and `name` is that signal's name.
    """

    def __init__(self) -> None:
        self.asked, self.name = False, ""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopRequest:
        self._before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.asked, self.name = True, signal.Signals(number).name
        # Whoever asks twice does not want to wait.
        for listened, handler in self._before.items():
            signal.signal(listened, handler)
