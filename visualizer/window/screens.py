"""Screens: which are connected, and the one that is meant by a name or a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from stylegan_t.terminal.visible import visible
from visualizer.window.shared_glfw import glfw

MAX_NAME = 60


@dataclass(frozen=True)
class Screen:
    """A connected screen.

    `name` is no other's; `box` is left, top, width and height in screen coordinates, `refresh_hz`
    its refreshes per second, and `monitor` what glfw calls it.
    """

    name: str
    box: tuple[int, int, int, int]
    refresh_hz: int
    monitor: Any = field(compare=False, repr=False)

    def holds(self, x: float, y: float) -> bool:
        """Return whether a point in screen coordinates is on it."""
        left, top, width, height = self.box
        return left <= x < left + width and top <= y < top + height

    @property
    def label(self) -> str:
        """The name with its size."""
        return f"{self.name}, {self.box[2]} x {self.box[3]}"


def connected() -> tuple[Screen, ...]:
    """All screens, the primary one first."""
    found: list[Screen] = []
    for monitor in glfw.get_monitors():
        mode = glfw.get_video_mode(monitor)
        if mode is None:  # it is being disconnected at this very moment
            continue
        name = _unlike(_name(monitor), [screen.name for screen in found])
        left, top = glfw.get_monitor_pos(monitor)
        box = (left, top, mode.size.width, mode.size.height)
        found.append(Screen(name, box, mode.refresh_rate, monitor))
    return tuple(found)


def meant(place: str, screens: Sequence[Screen]) -> Screen | None:
    """Return the screen that is called `place`, or has that number, counted from 1; else None."""
    named = next((screen for screen in screens if screen.name == place), None)
    if named is None and place.isdecimal() and 1 <= int(place[:4]) <= len(screens):
        return screens[int(place[:4]) - 1]
    return named


def holding(point: tuple[float, float], screens: Sequence[Screen]) -> Screen | None:
    """Return the screen that a point is on; the first, if there is one, where it is on none."""
    return next((one for one in screens if one.holds(*point)), next(iter(screens), None))


def _name(monitor: Any) -> str:
    raw = glfw.get_monitor_name(monitor) or b""
    text = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
    return visible(text).strip()[:MAX_NAME] or "Screen"


def _unlike(name: str, taken: Sequence[str]) -> str:
    """`name`, or with a number where another screen of the same make has it."""
    tries = (name, *(f"{name} ({number})" for number in range(2, len(taken) + 3)))
    return next(one for one in tries if one not in taken)
