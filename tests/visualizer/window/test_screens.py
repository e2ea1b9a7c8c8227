"""Screens by their names and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from visualizer.window import screens
from visualizer.window.screens import Screen
from visualizer.window.shared_glfw import glfw

LEFT = Screen("DP-1", (0, 0, 1280, 800), 60, None)
RIGHT = Screen("HDMI-1", (1280, 0, 1920, 1080), 60, None)


class Mode:
    """A video mode, as glfw has them."""

    def __init__(self, width: int, height: int) -> None:
        self.size = type("Size", (), {"width": width, "height": height})
        self.refresh_rate = 50


@pytest.fixture
def monitors(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Mode | None]]:
    """The connected monitors, each a name and a mode; a test fills the list."""
    known: list[tuple[Any, Mode | None]] = []
    monkeypatch.setattr(glfw, "get_monitors", lambda: range(len(known)))
    monkeypatch.setattr(glfw, "get_monitor_name", lambda monitor: known[monitor][0])
    monkeypatch.setattr(glfw, "get_video_mode", lambda monitor: known[monitor][1])
    monkeypatch.setattr(glfw, "get_monitor_pos", lambda monitor: (100 * monitor, 0))
    return known


def test_screens_of_one_make_are_told_apart(monitors: list[tuple[Any, Mode | None]]) -> None:
    monitors += [(b"DELL", Mode(640, 480)), (b"DELL", Mode(800, 600)), (b"DELL", Mode(320, 200))]
    found = screens.connected()
    assert [screen.name for screen in found] == ["DELL", "DELL (2)", "DELL (3)"]
    assert found[1].box == (100, 0, 800, 600)
    assert found[1].label == "DELL (2), 800 x 600"
    assert found[1].refresh_hz == 50


def test_odd_names_and_screens_that_just_go(monitors: list[tuple[Any, Mode | None]]) -> None:
    monitors += [(None, Mode(1, 1)), (b"gone", None), (b"\xff\n" * 99, Mode(1, 1))]
    first, second = screens.connected()
    assert first.name == "Screen"
    assert len(second.name) <= screens.MAX_NAME
    assert second.name.isprintable()


@pytest.mark.parametrize(
    ("place", "screen"),
    [
        ("HDMI-1", RIGHT),
        ("1", LEFT),
        ("2", RIGHT),
        *((other, None) for other in ("0", "3", "9" * 99, "²", "-1", "", "HDMI", "window")),
    ],
)
def test_a_screen_is_meant_by_its_name_or_its_number(place: str, screen: Screen | None) -> None:
    assert screens.meant(place, (LEFT, RIGHT)) is screen


def test_a_point_is_on_one_screen() -> None:
    assert screens.holding((10, 10), (LEFT, RIGHT)) is LEFT
    assert screens.holding((1280, 900), (LEFT, RIGHT)) is RIGHT
    assert screens.holding((-500, 0), (LEFT, RIGHT)) is LEFT, "the primary one"
    assert screens.holding((0, 0), ()) is None
