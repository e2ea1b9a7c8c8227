"""Carries out the addresses that do something rather than set something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from renderer.parameters.kinds import Value
from visualizer.session.undo_stack import BURST_S
from widgets import actions
from widgets.controls.recording_view import Record
from widgets.controls.timeline_view import AddKey, Seek, SetSpeed, StepKey, TogglePlay
from widgets.prompt.suggestions import SurpriseMe

ACTIONS: dict[str, Callable[[Any, bool], object]] = {
    "/random": lambda value, begins: actions.RandomSeed(),
    "/surprise": lambda value, begins: SurpriseMe(),
    "/seed/next": lambda value, begins: actions.StepSeed(1),
    "/seed/previous": lambda value, begins: actions.StepSeed(-1),
    "/capture": lambda value, begins: actions.CaptureImage(),
    "/undo": lambda value, begins: actions.Undo(),
    "/redo": lambda value, begins: actions.Redo(),
    "/reset": lambda value, begins: actions.ResetRecipe(),
    "/record": lambda value, begins: Record(),
    "/play": lambda value, begins: TogglePlay(),
    "/seek": lambda value, begins: Seek(value, begins),
    "/speed": lambda value, begins: SetSpeed(value),
    "/key/add": lambda value, begins: AddKey(),
    "/key/next": lambda value, begins: StepKey(1),
    "/key/previous": lambda value, begins: StepKey(-1),
}
"""For each command's address, what makes the action out of the value, and of whether it is the
first of a burst."""


class Commander:
    """Carries out commands, and knows which belong to one burst.

    Args:
        do: carries out an action, see `visualizer.services.instrument.Desk`.
        clock: monotonic seconds.
    """

    def __init__(self, do: Callable[[Any], None], clock: Callable[[], float]) -> None:
        self._do, self._clock = do, clock
        self._last_s: dict[str, float] = {}

    def carry_out(self, address: str, value: Value) -> None:
        """Do what `address`, one of `ACTIONS`, does; `value` is one that its kind takes."""
        now_s = self._clock()
        begins = now_s - self._last_s.get(address, float("-inf")) > BURST_S
        self._last_s[address] = now_s
        self._do(ACTIONS[address](value, begins))
