"""How far a long command is, told on stderr."""

from __future__ import annotations

import shutil
import sys
import time

import click

from stylegan_t.console import CLEAR_REST, Output, control, is_dumb
from stylegan_t.visible import visible

TOLD_EVERY_S = 5.0
MOVED_EVERY_S = 0.1


class ProgressLine:
    """Tells on stderr what is being done: a moving line for a person, a line now and then else.

    Args:
        speaks: whether this process tells anything; of several, one does.
        logs: whether it tells something where nobody looks, such as in a file.
    """

    def __init__(self, speaks: bool = True, *, logs: bool = True) -> None:
        self.moving = sys.stderr is not None and sys.stderr.isatty() and not is_dumb()
        self.speaks = speaks and (logs or self.moving)
        self.label, self.told = "", 0.0

    def say(self, text: str) -> None:
        """A line of its own."""
        if self.speaks:
            click.echo(visible(text), err=True)

    def tell(self, label: str, share: float = 0.0) -> None:
        """What is being done, and how much of it is."""
        now = time.monotonic()
        if not self.speaks or (label == self.label and share < 1 and now - self.told < self.wait):
            return
        text = visible(f"{label}  {share:.0%}" if share > 0 else f"{label} ...")
        if self.moving:
            # A line that wraps could not be written over again.
            room = max(shutil.get_terminal_size().columns - 1, 1)
            encoding = sys.stderr.encoding or "utf-8"
            shown = text[:room].encode(encoding, "replace").decode(encoding)
            control(f"{shown}{CLEAR_REST}\r")
            Output.moving = True
        else:
            click.echo(text, err=True)
        self.label, self.told = label, now

    @property
    def wait(self) -> float:
        """Seconds between two reports of the same thing."""
        return MOVED_EVERY_S if self.moving else TOLD_EVERY_S

    def done(self) -> None:
        """Leave the line."""
        if self.speaks and self.moving:
            control(CLEAR_REST)
            Output.moving = False
