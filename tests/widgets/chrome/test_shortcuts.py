"""Keys for what had none: tabs below the picture, panels, and wandering."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui

from tests.visualizer.driver import Driver
from visualizer.window.layout import TABS
from visualizer.window.shared_glfw import glfw
from widgets.actions import ShowDialog
from widgets.chrome.shortcuts import COMMANDS, DRAWER_KEYS, DRAWERS, GESTURES, PANELS, WANDER
from widgets.latent.wander import Wandering

Key = imgui.Key


def test_every_tab_has_a_key_and_no_key_has_two_commands() -> None:
    assert list(DRAWER_KEYS) == [tab.title for tab in TABS]
    assert {*DRAWERS, PANELS, WANDER} <= {*COMMANDS}
    chords = [command.chord for command in COMMANDS]
    assert len(set(chords)) == len(chords)


@pytest.mark.display
def test_a_key_opens_a_tab_and_closes_it_also_while_one_types(ui: Driver) -> None:
    seen: list[str] = []

    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        for key in (Key.f4, Key.f2, Key.f2):
            c.key_press(key)
            c.yield_(2)
            seen.append(ui.app.session.options.drawer)
        c.key_chars("x")
        c.yield_(2)

    ui(body)
    assert seen == ["Grid", "History", ""]
    assert "x" in ui.recipe.text.prompts[0].text


@pytest.mark.display
def test_panels_and_wandering_are_switched_by_keys(ui: Driver) -> None:
    def wanders() -> bool:
        return ui.app._context(0.0).see(Wandering).playing

    ui(lambda c: c.key_press(Key.f7))
    assert wanders()
    ui(lambda c: c.key_press(Key.f7))
    assert not wanders()
    ui(lambda c: c.key_press(Key.f8))
    assert not ui.app.session.options.show_sidebar
    ui(lambda c: c.key_press(Key.f8))
    assert ui.app.session.options.show_sidebar


@pytest.mark.display
@pytest.mark.parametrize("size", [(720, 480), (1178, 736), (1600, 600), (1920, 1000)])
def test_the_overview_scrolls_only_where_it_must(ui: Driver, size: tuple[int, int]) -> None:
    glfw.set_window_size(ui.window.handle, *size)
    ui.app.commands.do(ShowDialog("shortcuts"))
    ui.frames(6)
    window = imgui.internal.find_window_by_name("Shortcuts")
    assert window.content_size.x > 200
    room = imgui.get_main_viewport().size
    assert not window.scrollbar_x or window.size.x > 0.9 * room.x
    assert not window.scrollbar_y or window.size.y > 0.9 * room.y
    assert size[0] < 1000 or size[1] < 700 or not window.scrollbar_y


@pytest.mark.display
def test_no_word_of_the_overview_is_cut(ui: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    room: dict[str, float] = {}
    write = imgui.text_disabled

    def spied(text: str) -> None:
        room[text] = imgui.get_content_region_avail().x - imgui.calc_text_size(text).x
        write(text)

    monkeypatch.setattr(imgui, "text_disabled", spied)
    ui.app.commands.do(ShowDialog("shortcuts"))
    ui.frames(6)
    words = {*(what for _, what in GESTURES), *(command.title for command in COMMANDS)}
    assert words - {*DRAWER_KEYS} <= {*room}
    assert [text for text, left in room.items() if left < 0] == []
