"""Keys of the output for the panels."""

from __future__ import annotations

import pytest
from imgui_bundle import imgui

from visualizer.window.foreign_keys import KEYS, key_of
from visualizer.window.shared_glfw import glfw
from widgets.chrome.shortcuts import COMMANDS


def test_every_key_of_a_command_can_be_struck() -> None:
    assert {command.key for command in COMMANDS} <= set(KEYS.values())


@pytest.mark.parametrize(
    ("key", "written", "expected"),
    [
        (glfw.KEY_F10, None, imgui.Key.f10),
        (glfw.KEY_1, "1", imgui.Key._1),
        (glfw.KEY_KP_1, "1", imgui.Key.keypad1),
        (glfw.KEY_Q, "a", imgui.Key.a),  # a French keyboard
        (glfw.KEY_LEFT_CONTROL, None, imgui.Key.left_ctrl),
        (glfw.KEY_RIGHT, None, imgui.Key.right_arrow),
        (glfw.KEY_SEMICOLON, "ö", imgui.Key.semicolon),
        (glfw.KEY_UNKNOWN, None, None),
        (99_999, "", None),
    ],
)
def test_letters_follow_the_keyboard_s_layout(
    key: int, written: str | None, expected: imgui.Key | None
) -> None:
    assert key_of(key, written) == expected
