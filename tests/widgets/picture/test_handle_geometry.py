"""The geometry of the handles, as properties."""

from __future__ import annotations

import math

import pytest

from renderer.recipe.recipe import WILD, TransformPart
from widgets.picture.handle_geometry import Drag, handles, wrapped

BOX = (100.0, 50.0, 500.0, 450.0)
CLIP = (0.0, 0.0, 600.0, 500.0)
UNIT = 16.0
TURNED = TransformPart(rotate_deg=30.0, x=0.1, y=-0.05, zoom=1.2)


def test_the_frame_lies_on_the_content() -> None:
    plain = handles(TransformPart(), BOX, CLIP, UNIT)
    assert plain.centre == (300.0, 250.0)
    assert plain.corners[0] == pytest.approx((180.0, 130.0))
    assert plain.knob == pytest.approx((300.0, 130.0 - plain.stem))
    moved = handles(TransformPart(x=0.25, y=0.25), BOX, CLIP, UNIT)
    assert moved.centre == (400.0, 150.0)


def test_it_turns_counter_clockwise_and_grows_with_the_content() -> None:
    turned = handles(TransformPart(rotate_deg=90.0), BOX, CLIP, UNIT)
    assert turned.knob == pytest.approx((300.0 - turned.half - turned.stem, 250.0))
    large = handles(TransformPart(zoom=1.5), BOX, CLIP, UNIT)
    assert large.half == pytest.approx(1.5 * handles(TransformPart(), BOX, CLIP, UNIT).half)


@pytest.mark.parametrize("part", [TransformPart(x=9.0, y=-9.0), TransformPart(zoom=90.0)])
@pytest.mark.parametrize("clip", [CLIP, (0.0, 0.0, 30.0, 20.0)])
def test_the_centre_can_always_be_reached(
    part: TransformPart, clip: tuple[float, float, float, float]
) -> None:
    shown = handles(part, BOX, clip, UNIT)
    assert clip[0] <= shown.centre[0] <= max(clip[2], 1.5 * UNIT)
    assert clip[1] <= shown.centre[1] <= max(clip[3], 1.5 * UNIT)
    assert 0 < shown.half <= max(clip[3] - clip[1], 2 * UNIT)


def test_each_handle_is_taken_by_a_press_near_to_it() -> None:
    shown = handles(TURNED, BOX, CLIP, UNIT)
    assert shown.under(shown.knob, UNIT) == "turn"
    assert {shown.under(corner, UNIT) for corner in shown.corners} == {"zoom"}
    assert shown.under(shown.centre, UNIT) == "move"
    assert shown.under((590.0, 10.0), UNIT) == "move"


def test_a_drag_that_does_not_go_anywhere_changes_nothing() -> None:
    shown = handles(TURNED, BOX, CLIP, UNIT)
    for where in (shown.centre, shown.knob, shown.corners[2]):
        drag = Drag(shown.under(where, UNIT), TURNED, shown, where)
        assert drag.to(where, BOX, snap=False) == TURNED


def test_a_drag_ends_where_a_recipe_does() -> None:
    far = TransformPart(x=WILD, y=-WILD)
    shown = handles(far, BOX, CLIP, UNIT)
    dragged = Drag("move", far, shown, (300.0, 250.0)).to((400.0, 350.0), BOX, snap=False)
    assert (dragged.x, dragged.y) == (WILD, -WILD)


def test_the_content_follows_the_mouse() -> None:
    shown = handles(TURNED, BOX, CLIP, UNIT)
    moved = Drag("move", TURNED, shown, (300.0, 250.0)).to((340.0, 230.0), BOX, snap=False)
    assert (moved.x, moved.y) == pytest.approx((0.2, 0.0))
    along = Drag("move", TURNED, shown, (300.0, 250.0)).to((340.0, 230.0), BOX, snap=True)
    assert (along.x, along.y) == pytest.approx((0.2, -0.05))


def test_a_corner_stays_under_the_mouse() -> None:
    shown = handles(TURNED, BOX, CLIP, UNIT)
    corner = shown.corners[1]
    goal = tuple(c + (at - c) * 1.1 for c, at in zip(shown.centre, corner, strict=True))
    part = Drag("zoom", TURNED, shown, corner).to((goal[0], goal[1]), BOX, snap=False)
    assert part.zoom == pytest.approx(1.1 * TURNED.zoom, abs=1e-3)
    assert handles(part, BOX, CLIP, UNIT).corners[1] == pytest.approx(goal, abs=0.5)


def test_a_drag_through_the_centre_stays_within_what_a_recipe_holds() -> None:
    shown = handles(TURNED, BOX, CLIP, UNIT)
    drag = Drag("zoom", TURNED, shown, shown.corners[0])
    assert drag.to(shown.centre, BOX, snap=False).zoom > 0.01
    assert drag.to((1e7, 1e7), BOX, snap=False).zoom < 100.0


def test_turning_follows_the_knob_and_snaps() -> None:
    shown = handles(TransformPart(), BOX, CLIP, UNIT)
    drag = Drag("turn", TransformPart(), shown, shown.knob)
    angle = math.radians(90 + 37)
    goal = (300.0 + 90 * math.cos(angle), 250.0 - 90 * math.sin(angle))
    assert drag.to(goal, BOX, snap=False).rotate_deg == pytest.approx(37.0)
    assert drag.to(goal, BOX, snap=True).rotate_deg == 30.0


@pytest.mark.parametrize(
    ("angle", "same"), [(0, 0), (180, 180), (-180, 180), (190, -170), (-190, 170), (720, 0)]
)
def test_angles_stay_within_the_slider(angle: float, same: float) -> None:
    assert wrapped(angle) == same
