"""Addresses that do something: the right action, and what belongs to one burst."""

from __future__ import annotations

from typing import Any

from renderer.parameters.commands import COMMANDS
from visualizer.control.command_addresses import ACTIONS, Commander
from visualizer.session.undo_stack import BURST_S
from widgets import actions
from widgets.controls.timeline_view import Seek, SetSpeed, StepKey


def commander(now: list[float]) -> tuple[Commander, list[Any]]:
    done: list[Any] = []
    return Commander(done.append, lambda: now[0]), done


def test_every_command_of_the_registry_is_carried_out() -> None:
    assert set(ACTIONS) == {command.address for command in COMMANDS}


def test_an_address_becomes_its_action() -> None:
    carrier, done = commander([0.0])
    for address in ("/seed/next", "/seed/previous", "/key/previous"):
        carrier.carry_out(address, True)
    carrier.carry_out("/speed", 0.5)
    assert done == [actions.StepSeed(1), actions.StepSeed(-1), StepKey(-1), SetSpeed(0.5)]


def test_outputs_are_switched_by_their_addresses() -> None:
    carrier, done = commander([0.0])
    for key in ("", "/ndi", "/spout", "/syphon", "/camera"):
        carrier.carry_out(f"/output{key}", False)
    sinks = [actions.SwitchSink(key, False) for key in ("ndi", "spout", "syphon", "camera")]
    assert done == [actions.ToggleOutput(False), *sinks]


def test_a_fader_that_goes_on_belongs_to_one_burst() -> None:
    now = [10.0]
    carrier, done = commander(now)
    for pause_s in (0.0, BURST_S * 0.5, BURST_S * 0.5, BURST_S * 1.5):
        now[0] += pause_s
        carrier.carry_out("/seek", 2.0)
    assert done == [Seek(2.0, begins) for begins in (True, False, False, True)]


def test_bursts_of_two_addresses_are_told_apart() -> None:
    carrier, done = commander([0.0])
    carrier.carry_out("/speed", 1.0)
    carrier.carry_out("/seek", 1.0)
    assert done[-1] == Seek(1.0, True)
