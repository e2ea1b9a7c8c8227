"""The beat in the status line of the real window."""

from __future__ import annotations

from dataclasses import replace as with_ear
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from renderer.parameters.bindings import Binding
from renderer.parameters.lfo import Lfo
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.instruments.test_wander import Clock, pass_time
from tests.visualizer.music.test_instrument import music, view
from visualizer.control import settings as control_settings
from visualizer.control.settings import ControlSettings
from visualizer.window.shared_glfw import glfw
from widgets.controls.music_view import ChangeLfo, FollowClock, SetTempo

pytestmark = pytest.mark.display


def shown(ui: Driver) -> bool:
    """Whether the beat is in the status line."""
    found: list[bool] = []
    ui.frames(2)
    ui(lambda c: found.append(c.item_exists("//Status/tap")))
    return found[0]


def test_the_beat_is_shown_while_something_goes_by_it(open_window: Open) -> None:
    ui = open_window()
    assert not shown(ui)
    ui.app.commands.do(ChangeLfo(1, Lfo()))
    assert shown(ui)
    ui.app.commands.do(ChangeLfo(1, Lfo(unit="seconds")))
    assert not shown(ui)
    ui.app.commands.do(FollowClock("midi"))
    assert shown(ui)
    ui.app.commands.do(FollowClock("own"))
    ui.app.commands.do(SetTempo(90.0))
    assert shown(ui)
    glfw.set_window_size(ui.window.handle, 600, 480)  # the line is left to words
    assert not shown(ui)


def test_what_is_mapped_to_a_beat_shows_it(open_window: Open, tmp_path: Path) -> None:
    control_settings.save(tmp_path, ControlSettings(bindings=(Binding("beat/4", "/random"),)))
    assert shown(open_window())


def test_the_lights_are_tapped_on_and_redrawn_with_the_music_closed(open_window: Open) -> None:
    clock = Clock()
    ui = open_window(clock=clock)
    ui.app.commands.do(SetTempo(90.0))
    ui.frames(2)
    for _ in range(4):
        ui(lambda c: c.item_click("//Status/tap"))
        pass_time(ui, clock, 0.5, 1)
    assert view(ui).bpm == pytest.approx(120.0, rel=0.1)
    wakes: list[float] = []
    music(ui).desk = with_ear(music(ui).desk, wake_at=wakes.append)
    ui.frames(1)
    assert min(wakes) <= clock() + 60 / view(ui).bpm / 4


def test_the_tempo_leads_to_music_wherever_that_is(open_window: Open) -> None:
    ui = open_window()
    ui.app.session.options = replace(
        ui.app.session.options, open_sections=("Prompt", "Latent"), show_sidebar=False
    )
    ui.app.commands.do(SetTempo(90.0))
    ui.frames(2)
    ui(lambda c: c.item_click("//Status/tempo"))
    ui.frames(12)
    found: list[Any] = []
    ui(lambda c: found.append(c.item_info("//Panels/**/###add").rect_full))
    height = glfw.get_window_size(ui.window.handle)[1]
    assert found[0].min.y < found[0].max.y < height
    ui(lambda c: c.scroll_to_top("//Panels"))  # and it is not held there
    ui.frames(4)
    ui(lambda c: c.item_click("//Panels/**/Prompt##header"))
    assert "Prompt" not in ui.app.session.options.open_sections
