"""A polite end: the first Ctrl-C or other request asks for a snapshot, the second ends at once."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from stylegan_t.terminal.signals import ASKING


class StopRequest:
    """Listens for signals while it is entered; only on the main thread of a program.

    `asked` turns true with the first signal; `number` is that signal's, and `name` its name.
    """

    def __init__(self) -> None:
        self.asked, self.name, self.number = False, "", 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        for number in ASKING:
            if signal.getsignal(number) is not signal.SIG_IGN:  # such as below nohup
                self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.asked, self.name, self.number = True, signal.Signals(number).name, number
        # Asking twice means not wanting to wait.
        for listened, handler in self._before.items():
            signal.signal(listened, handler)
