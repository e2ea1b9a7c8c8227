"""Progress of a long command, on stderr."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time

import click

from stylegan_t.terminal.console import CLEAR_REST, Output, control, is_dumb
from stylegan_t.terminal.visible import ERRORS, visible

TOLD_EVERY_S = 5.0
MOVED_EVERY_S = 0.1
TICK_S = 1.0
"""Seconds after which a moving line shows that work goes on."""


class ProgressLine:
    """Tells on stderr what is being done: a moving line for a person, a line now and then else.

    The moving line lives: where nothing new is told, it counts the seconds.

    Args:
        speaks: whether this process tells anything; of several, one does.
        logs: whether it also writes to what is not a terminal, such as a file.
    """

    def __init__(self, speaks: bool = True, *, logs: bool = True) -> None:
        self.moving = sys.stderr is not None and sys.stderr.isatty() and not is_dumb()
        self.speaks = speaks and (logs or self.moving)
        self.label, self.share = "", 0.0
        self.began = self.told = 0.0
        self._lock = threading.Lock()
        self._ticker: threading.Thread | None = None

    @classmethod
    def of_first(cls, *, logs: bool = True) -> ProgressLine:
        """One that speaks in the first process of those that `torchrun` started."""
        return cls(os.environ.get("RANK", "0") == "0", logs=logs)

    def say(self, text: str) -> None:
        """A line of its own."""
        if self.speaks:
            with self._lock:
                click.echo(visible(text), err=True)

    def tell(self, label: str, share: float = 0.0) -> None:
        """Show what is being done, and how much of it is."""
        now = time.monotonic()
        with self._lock:
            if label != self.label:
                self.began = now
            elif not self.speaks or (share < 1 and now - self.told < self.wait):
                return
            self.label, self.share, self.told = label, share, now
            if self.speaks:
                self._show()

    @property
    def wait(self) -> float:
        """Seconds between two reports of the same thing."""
        return MOVED_EVERY_S if self.moving else TOLD_EVERY_S

    def done(self) -> None:
        """Leave the line."""
        with self._lock:
            self.label, self._ticker = "", None
            if self.speaks and self.moving:
                control(CLEAR_REST)
                Output.moving = False

    def _show(self) -> None:
        text = f"{self.label}  {self.share:.0%}" if self.share > 0 else f"{self.label} ..."
        if not self.moving:
            click.echo(visible(text), err=True)
            return
        seconds = time.monotonic() - self.began
        if seconds >= 2 * TICK_S:
            text += f"  {seconds:.0f} s"
        # A line that wraps could not be written over again.
        room = max(shutil.get_terminal_size().columns - 1, 1)
        encoding = sys.stderr.encoding or "utf-8"
        shown = visible(text)[:room].encode(encoding, ERRORS).decode(encoding)[:room]
        control(f"{shown}{CLEAR_REST}\r")
        Output.moving = True
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()

    def _tick(self) -> None:
        me = threading.current_thread()
        while True:
            time.sleep(TICK_S)
            with self._lock:
                if self._ticker is not me or not Output.live:
                    return
                if time.monotonic() - self.told >= TICK_S:
                    self._show()
