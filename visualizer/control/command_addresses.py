"""Carries out the addresses that do something rather than set something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from renderer.parameters.kinds import Value
from renderer.parameters.lfo import lfo_commands
from renderer.recipe.moments import MAX_MOMENTS
from visualizer.session.undo_stack import BURST_S
from widgets import actions
from widgets.actions import Action
from widgets.controls.moments_view import RecallMoment, SetFade, StepMoment, StoreMoment
from widgets.controls.music_view import RestartBar, SetTempo, TapTempo, TuneLfo
from widgets.controls.recording_view import Record
from widgets.controls.timeline_view import AddKey, Seek, SetSpeed, StepKey, TogglePlay
from widgets.latent.wander import SetWander, ToggleWander, Wander
from widgets.prompt.suggestions import SurpriseMe

Maker = Callable[[Any, bool], Action]


def _of_moment(number: int) -> dict[str, Maker]:
    """Return what the addresses of one moment do."""
    at = f"/moment/{number}"
    return {
        at: lambda value, begins: RecallMoment(number),
        f"{at}/fade": lambda value, begins: RecallMoment(number, value),
        f"{at}/store": lambda value, begins: StoreMoment(number),
    }


def _of_lfo(address: str) -> Maker:
    """Return what an address of an oscillator does."""
    number, name = address.split("/")[2:]
    return lambda value, begins: TuneLfo(int(number), name, value)


ACTIONS: dict[str, Maker] = {
    "/random": lambda value, begins: actions.RandomSeed(),
    "/surprise": lambda value, begins: SurpriseMe(),
    "/seed/next": lambda value, begins: actions.StepSeed(1),
    "/seed/previous": lambda value, begins: actions.StepSeed(-1),
    "/capture": lambda value, begins: actions.CaptureImage(),
    "/wander": lambda value, begins: Wander(value),
    "/wander/toggle": lambda value, begins: ToggleWander(),
    "/wander/speed": lambda value, begins: SetWander(speed=value),
    "/wander/smooth": lambda value, begins: SetWander(smoothness=value),
    "/tempo": lambda value, begins: SetTempo(value),
    "/tempo/tap": lambda value, begins: TapTempo(),
    "/tempo/restart": lambda value, begins: RestartBar(),
    "/output": lambda value, begins: actions.ToggleOutput(value),
    "/output/ndi": lambda value, begins: actions.SwitchSink("ndi", value),
    "/output/spout": lambda value, begins: actions.SwitchSink("spout", value),
    "/output/syphon": lambda value, begins: actions.SwitchSink("syphon", value),
    "/output/camera": lambda value, begins: actions.SwitchSink("camera", value),
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
    "/moment": lambda value, begins: RecallMoment(value),
    "/moment/next": lambda value, begins: StepMoment(1),
    "/moment/previous": lambda value, begins: StepMoment(-1),
    "/moment/fade": lambda value, begins: SetFade(value),
    **{at: make for n in range(1, MAX_MOMENTS + 1) for at, make in _of_moment(n).items()},
    **{command.address: _of_lfo(command.address) for command in lfo_commands()},
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
