"""The mouse in the real window: what comes in between two redraws is not lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest
from imgui_bundle import imgui

from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.typing import handle
from visualizer.window.shared_glfw import glfw

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no X server"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]
ARRIVES_S = 0.3
"""Events have come from the X server by then, all at once for the next redraw."""


def redraw(ui: Driver) -> list[bool]:
    """One redraw of a window with two things, the upper of which lies on the lower; after each of
    its turns, whether the lower one is held."""
    held: list[bool] = []
    glfw.poll_events()
    while not held or ui.window.queued:
        ui.window.begin_frame(further=bool(held))
        imgui.set_next_window_pos((0, 0))
        imgui.set_next_window_size((400, 300))
        imgui.begin("all")
        imgui.set_next_item_allow_overlap()
        imgui.invisible_button("below", (300, 200))
        held.append(imgui.is_item_active())
        imgui.set_cursor_pos((20, 40))
        imgui.button("above", (30, 20))
        imgui.end()
        ui.window.end_frame()
        ui.window.present()
        assert imgui.get_io().mouse_source == imgui.MouseSource.mouse
    return held


def test_a_press_right_after_the_move_finds_what_is_there(open_window: Open) -> None:
    ui = open_window()
    window = handle(ui)
    there, away = (
        ["mousemove", "--window", window, *at] for at in (("200", "150"), ("380", "280"))
    )
    for script in ([*away], [*there, "mousedown", "1"], [*away, "mouseup", "1"]):
        subprocess.run(["xdotool", *script], check=True)
        time.sleep(ARRIVES_S)
        held = redraw(ui)
        assert held[-1] == ("mousedown" in script), script
