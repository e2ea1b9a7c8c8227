"""The view of the Output section: screens, the clean output, and other programs."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.output import SinkKey


@dataclass(frozen=True)
class ScreenView:
    """A connected screen: its name, and a label with its size."""

    name: str
    label: str


@dataclass(frozen=True)
class ScreensView:
    """The connected screens.

    `shown_on` is the screen that the clean output covers, "window" where it has a frame, and empty
    where it is not open; `missing` is the screen that it waits for.  `chosen` is the name of the
    screen that was chosen, if that is connected.
    """

    screens: tuple[ScreenView, ...] = ()
    shown_on: str = ""
    missing: str = ""
    chosen: str = ""


@dataclass(frozen=True)
class SinkView:
    """Another program that the picture can go to.

    `text` says what it is for.  `missing` is what is not installed and `problem` why it was
    switched off, sentences; `status` is a few words, `per_s` pictures sent per second.
    """

    key: SinkKey
    title: str
    text: str
    on: bool = False
    missing: str = ""
    problem: str = ""
    status: str = ""
    per_s: float = 0.0
    dropped: int = 0


@dataclass(frozen=True)
class SinksView:
    """The other programs."""

    sinks: tuple[SinkView, ...] = ()
