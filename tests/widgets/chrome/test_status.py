"""The status line: its figures, and the last word to the user."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from tests.visualizer.driver import Driver
from visualizer.window.shared_glfw import glfw
from widgets.chrome.status import flow, took


def test_a_picture_that_was_kept_has_no_time() -> None:
    assert took(0.0) == took(0.4) == "kept"
    assert took(68.7) == "69 ms"


def test_single_pictures_have_no_speed() -> None:
    assert flow(0.0) == flow(1.0) == ""
    assert flow(14.0) == "14 FPS"


@pytest.mark.display
@pytest.mark.parametrize("zoom", [1.0, 2.5])
def test_there_is_room_for_a_word_to_the_user_in_the_smallest_window(
    ui: Driver, zoom: float
) -> None:
    glfw.set_window_size(ui.window.handle, 720, 480)
    ui.app.session.options = replace(ui.app.session.options, zoom=zoom)
    ui.frames(3)
    ui.app.session.say("The disk is full: nothing was saved.", "error")
    shares: list[float] = []

    def look(c: Any) -> None:
        box = c.item_info("//Status/notice").rect_full
        shares.append((box.max.x - box.min.x) / imgui.get_main_viewport().size.x)

    ui(look)
    assert shares[0] > 0.25


@pytest.mark.display
def test_a_click_on_the_last_word_shows_all_messages(ui: Driver) -> None:
    ui.app.session.say("word " * 200, "warning")
    found: list[bool] = []

    def body(c: Any) -> None:
        c.item_click("//Status/notice")
        c.yield_(3)
        found.append(c.item_exists("//Messages/Close"))

    ui(body)
    assert found == [True]
