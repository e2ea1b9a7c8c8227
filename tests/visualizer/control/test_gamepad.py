"""Gamepads: what moves on them, with dead zones, plugged in and out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from renderer.parameters.bindings import Binding, Touch, bound_value, source_label
from renderer.parameters.kinds import Switch
from renderer.parameters.parameters import declared
from visualizer.control import gamepad
from visualizer.control.gamepad import NO_GLFW, Gamepads, WindowlessGamepads, asked, values_of
from visualizer.control.signal_queue import Signal
from visualizer.window.display import NoDisplayError
from visualizer.window.shared_glfw import glfw


@dataclass
class Pad:
    """A pad at rest, as glfw describes one."""

    buttons: list[int] = field(default_factory=lambda: [0] * 15)
    axes: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0, -1.0, -1.0])


def test_only_what_moves_is_heard() -> None:
    pads: dict[int, Pad] = {1: Pad()}
    heard = Gamepads(pads.get)
    assert heard.changed() == [] and heard.present == 1  # it came, and rests
    pads[1].buttons[0], pads[1].axes[0], pads[1].axes[5] = 1, 1.0, 0.0
    assert heard.changed() == [
        Signal("pad/2/a", (1.0,)),
        Signal("pad/2/lx", (1.0,)),
        Signal("pad/2/rt", (0.5,)),
    ]
    assert heard.changed() == []
    pads[1].axes[0] = 0.05  # let go, not quite in the middle
    assert heard.changed() == [Signal("pad/2/lx", (0.5,))]
    del pads[1]
    assert heard.changed() == [Signal("pad/2/a", (0.0,))] and heard.present == 0
    assert heard.changed() == []
    pads[1] = Pad()
    assert heard.changed() == [] and heard.present == 1


def test_sticks_have_a_dead_zone_and_up_is_more() -> None:
    pad = Pad(axes=[0.1, -1.0, 0.56, 1.0, 1.0, math.nan])
    values = values_of(pad)
    assert (values["lx"], values["ly"], values["ry"], values["lt"]) == (0.5, 1.0, 0.0, 1.0)
    assert values["rx"] == pytest.approx(0.75)
    assert "rt" not in values
    assert values_of(Pad(axes=[9.0, -math.inf])) == {**values_of(Pad(axes=[])), "lx": 1.0}


def test_slow_moves_arrive_and_noise_does_not() -> None:
    pad = Pad()
    heard = Gamepads({0: pad}.get)
    heard.changed()
    pad.axes[0] = 0.5
    assert heard.changed()
    pad.axes[0] = 0.5001
    assert heard.changed() == []
    pad.axes[0] = 0.51
    assert heard.changed()


def test_a_pad_that_raises_stops_nothing() -> None:
    def broken(pad: int) -> Pad | None:
        raise OSError("the driver is gone")

    assert Gamepads(broken).changed() == []


def test_glfw_is_asked_for_known_pads_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glfw, "joystick_present", lambda pad: pad < 2)
    monkeypatch.setattr(glfw, "joystick_is_gamepad", lambda pad: pad == 1)
    monkeypatch.setattr(glfw, "get_gamepad_state", lambda pad: Pad())
    assert [pad for pad in range(16) if asked(pad) is not None] == [1]


def test_names_and_buttons_that_turn_switches_over() -> None:
    assert source_label("pad/1/ly") == "Gamepad left stick ↕"
    assert source_label("pad/2/a") == "Gamepad 2 A"
    switch = declared("/text/normalize")
    assert isinstance(switch.kind, Switch)
    button = Binding("pad/1/a", switch.address)
    assert bound_value(button, switch, Touch(1.0), True) is False
    assert bound_value(button, switch, Touch(0.0, 1.0), False) is None


def test_without_a_window_glfw_is_started_once_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(gamepad, "start_glfw", lambda: calls.append("start"))
    monkeypatch.setattr(glfw, "poll_events", lambda: calls.append("poll"))
    monkeypatch.setattr(glfw, "terminate", lambda: calls.append("end"))
    pad = Pad()
    heard = WindowlessGamepads({0: pad}.get)
    heard.close()
    assert calls == []  # nobody asked
    assert heard.changed() == [] and heard.present == 1
    pad.buttons[0] = 1
    assert heard.changed() == [Signal("pad/1/a", (1.0,))]
    heard.close()
    assert calls == ["start", "poll", "poll", "end"]


def test_without_any_display_that_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def start() -> None:
        raise NoDisplayError("no display")

    monkeypatch.setattr(gamepad, "start_glfw", start)
    heard = WindowlessGamepads({0: Pad()}.get)
    assert heard.changed() == [] and heard.news == (NO_GLFW, "warning")
    assert heard.changed() == [] and heard.news is None
    heard.close()
