"""The view of the Output section: screens and where the clean output is."""

from __future__ import annotations

from dataclasses import dataclass


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
