"""Gamepads: sticks, triggers and buttons as sources, through glfw's own list of known pads.

glfw tells nothing of a pad by itself: it is asked, on the main thread, once a redraw.  Where there
is no window, nothing has started it yet.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from typing import Protocol

from renderer.parameters.bindings import PAD, PAD_AXES, PAD_BUTTONS
from visualizer.control.signal_queue import Signal
from visualizer.window.display import NoDisplayError, start_glfw
from visualizer.window.shared_glfw import glfw
from widgets.actions import Tone

MAX_PADS = 16
"""The most that glfw knows."""
DEAD_ZONE = 0.12
"""Sticks rest anywhere within this part of their way."""
TRIGGERS = ("lt", "rt")
UPRIGHT = ("ly", "ry")
"""Axes that glfw counts downwards."""
STEP = 1 / 512
"""A smaller change of an axis is noise."""
ASK_S, LOOK_S = 1 / 60, 1.0
"""Time between two looks at pads that are connected, and at whether one is."""
GONE = "A gamepad was unplugged. It works again as soon as it is reconnected."
NO_GLFW = "Gamepads are not heard: without a window they need a display, and there is none."

logger = logging.getLogger(__name__)


class State(Protocol):
    """The state of a pad, as glfw has it."""

    @property
    def buttons(self) -> Sequence[int]:
        """1 for each that is down, in the order of `PAD_BUTTONS`."""
        ...

    @property
    def axes(self) -> Sequence[float]:
        """-1 to 1, in the order of `PAD_AXES`."""
        ...


def asked(pad: int) -> State | None:
    """Return the state of a pad, 0 to 15; None where there is none that glfw knows."""
    if not glfw.joystick_present(pad) or not glfw.joystick_is_gamepad(pad):
        return None
    return glfw.get_gamepad_state(pad)


class Gamepads:
    """Finds what has changed on the pads.

    Args:
        ask: returns a pad's state, or None.
    """

    def __init__(self, ask: Callable[[int], State | None] = asked) -> None:
        self._ask = ask
        self._known: dict[int, dict[str, float]] = {}
        self.present = 0
        """Number of pads that are connected."""
        self.news: tuple[str, Tone] | None = None
        """A sentence for the user where the last look found more pads than before, or fewer."""

    @property
    def pause_s(self) -> float:
        """Return the time until the next look."""
        return ASK_S if self.present else LOOK_S

    def close(self) -> None:
        """Let go of what was started for them."""

    def changed(self) -> list[Signal]:
        """Return a signal for each control that moved; a pad that has just come moves nothing, and
        one that is gone lets its buttons go."""
        found, signals = dict[int, dict[str, float]](), list[Signal]()
        for pad in range(MAX_PADS):
            try:
                state = self._ask(pad)
            except Exception:  # a driver's mistake must not stop the window
                logger.debug("gamepad %d does not answer", pad, exc_info=True)
                continue
            if state is None:
                continue
            before, now = self._known.get(pad), values_of(state)
            found[pad] = now if before is None else before
            for name, value in now.items() if before is not None else ():
                was = found[pad].get(name, value)
                if value != was and (abs(value - was) >= STEP or value in (0.0, 0.5, 1.0)):
                    found[pad][name] = value
                    signals.append(Signal(f"{PAD}{pad + 1}/{name}", (value,)))
        for pad in self._known.keys() - found.keys():
            held = [name for name in PAD_BUTTONS if self._known[pad].get(name)]
            signals += [Signal(f"{PAD}{pad + 1}/{name}", (0.0,)) for name in held]
        come = len(found) - self.present
        self._known, self.present = found, len(found)
        self.news = (GONE, "warning") if come < 0 else None
        if come > 0:
            self.news = ("A gamepad is connected.", "good")
        return signals


class WindowlessGamepads(Gamepads):
    """The same where no window has started glfw: it starts with the first look, if it can.

    Args:
        ask: as above.
    """

    def __init__(self, ask: Callable[[int], State | None] = asked) -> None:
        super().__init__(ask)
        self._runs: bool | None = None

    def changed(self) -> list[Signal]:
        """Return as `Gamepads`; nothing where there is no display, which is told once."""
        if self._runs is None:
            try:
                start_glfw()
                self._runs = True
            except NoDisplayError:
                self._runs, self.news = False, (NO_GLFW, "warning")
                return []
        if not self._runs:
            self.news = None
            return []
        glfw.poll_events()  # it sees what is plugged in
        return super().changed()

    def close(self) -> None:
        """End glfw."""
        if self._runs:
            self._runs = None
            glfw.terminate()


def values_of(state: State) -> dict[str, float]:
    """Return all controls of a pad, 0 to 1: sticks rest at 0.5, the rest at 0."""
    values = {
        name: 1.0 if down else 0.0 for name, down in zip(PAD_BUTTONS, state.buttons, strict=False)
    }
    for name, place in zip(PAD_AXES, state.axes, strict=False):
        if math.isfinite(place):
            values[name] = _share(name, min(max(place, -1.0), 1.0))
    return values


def _share(name: str, place: float) -> float:
    if name in TRIGGERS:
        return (place + 1) / 2
    place = -place if name in UPRIGHT else place
    way = max(abs(place) - DEAD_ZONE, 0.0) / (1 - DEAD_ZONE)
    return 0.5 + math.copysign(way, place) / 2
