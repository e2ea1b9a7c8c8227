"""Signals that ask the window to close: Ctrl+C in the terminal, or the system's request."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from stylegan_t.terminal.signals import ASKING, SIGNALLED


class Signals:
    """While it is entered, the first such signal closes the window as the user would, so that
    everything is saved; the second one ends the program at once.

    Args:
        close: asks the window to close; called on the main thread.
        wake: wakes the main thread from waiting for events; called on another thread.
    """

    def __init__(self, close: Callable[[], None], wake: Callable[[], None]) -> None:
        self._close, self._wake = close, wake
        self._before: dict[int, Any] = {}
        self._ears: tuple[socket.socket, socket.socket] | None = None
        self.heard = 0
        """The number of the signal that came, or 0."""

    @property
    def exit_code(self) -> int:
        """Return what the program should end with: 0 where no signal came."""
        return SIGNALLED + self.heard if self.heard else 0

    def __enter__(self) -> Signals:
        # Python gives signals to its main thread; a window on another one does without them.
        if threading.current_thread() is threading.main_thread():
            for number in ASKING:
                if signal.getsignal(number) is not signal.SIG_IGN:  # such as below nohup
                    self._before[number] = signal.signal(number, self._hear)
            self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
        if self._ears is not None:
            signal.set_wakeup_fd(-1)
            for ear in self._ears:
                ear.close()
            self._ears = None

    def _listen(self) -> None:
        """Python hears a signal when its main thread comes back from glfw: see that it does."""
        ears = self._ears = socket.socketpair()
        ears[1].setblocking(False)
        signal.set_wakeup_fd(ears[1].fileno(), warn_on_full_buffer=False)

        def main() -> None:
            try:
                while ears[0].recv(1):
                    self._wake()
            except OSError:
                return  # closed

        threading.Thread(target=main, name="signals", daemon=True).start()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = number
        for other in self._before:
            signal.signal(other, signal.SIG_DFL)
        self._close()
