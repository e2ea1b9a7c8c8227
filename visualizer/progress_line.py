"""How far a long command is, told on stderr."""

from __future__ import annotations

import sys
import time

import click

TOLD_EVERY_S = 5.0
MOVED_EVERY_S = 0.1


class ProgressLine:
    """Tells on stderr what is being done: a moving line for a person, a line now and then else."""

    def __init__(self, speaks: bool) -> None:
        self.speaks, self.moving = speaks, sys.stderr.isatty()
        self.label, self.told = "", 0.0

    def say(self, text: str) -> None:
        """A line of its own."""
        if self.speaks:
            click.echo(text, err=True)

    def tell(self, label: str, share: float) -> None:
        """What is being done, and how much of it is."""
        now = time.monotonic()
        if not self.speaks or (label == self.label and share < 1 and now - self.told < self.wait):
            return
        text = f"{label}  {share:.0%}" if share > 0 else f"{label} ..."
        if self.moving:
            end = "\r" if share < 1 else "\n"
            sys.stderr.write(f"{text}\x1b[K{end}")
            sys.stderr.flush()
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
            sys.stderr.write("\r\x1b[K")
