"""Where panels, picture and drawer lie: they fill the window and never overlap."""

from __future__ import annotations

import pytest

from visualizer.window.places import Places, arranged
from widgets.picture.tools import Box

EM = 10.0


def placed(
    width: float, panels_em: float | None = 26.0, *, drawer: float = 20.0, opened: bool = False
) -> Places:
    return arranged((0.0, 30.0, width, 530.0), EM, panels_em, drawer, opened=opened)


def area(box: Box | None) -> float:
    return 0.0 if box is None else (box[2] - box[0]) * (box[3] - box[1])


@pytest.mark.parametrize("width", [190.0, 329.0, 330.0, 480.0, 650.0, 1280.0])
@pytest.mark.parametrize("panels_em", [None, 21.0, 42.0])
@pytest.mark.parametrize("opened", [False, True])
def test_the_parts_fill_the_window(width: float, panels_em: float | None, opened: bool) -> None:
    places = placed(width, panels_em, drawer=150.0 if opened else 20.0, opened=opened)
    boxes = (places.picture, places.drawer, places.panels)
    assert sum(map(area, boxes)) == pytest.approx(width * 500.0)
    assert all(area(box) >= 0.0 and box[2] <= width for box in boxes if box)
    assert area(places.picture) > 0.0


def test_an_open_drawer_takes_the_whole_width_where_little_is_left_beside_the_panels() -> None:
    assert placed(1280.0, opened=True).drawer[0] == 260.0
    narrow = placed(480.0, drawer=150.0, opened=True)
    assert narrow.drawer[0] == 0.0
    assert narrow.panels == (0.0, 30.0, 260.0, 380.0)


def test_in_a_narrow_window_panels_stand_below_the_picture_or_an_open_drawer_instead() -> None:
    closed = placed(300.0)
    assert closed.panels == (0.0, closed.picture[3], 300.0, closed.drawer[1])
    assert closed.reach == (300.0, 300.0)
    assert placed(300.0, opened=True).panels is None


def test_panels_leave_room_for_the_picture_and_are_never_too_narrow() -> None:
    assert placed(480.0, 42.0).reach == (210.0, 320.0)
    assert placed(340.0, 42.0).reach == (210.0, 210.0)
