"""The canvas in the real window, on a tiny model that really draws."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.parts.canvas import Canvas
from renderer.recipe.recipe import Recipe, TransformPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.real import RealThread
from tests.widgets.test_panels import opened
from visualizer.session.state import State
from widgets.context import Options
from widgets.picture.transform_handles import square


@pytest.mark.display
def test_a_shape_is_chosen_and_everything_shows_the_wide_picture(open_window: Open) -> None:
    ui = open_window(thread=RealThread(), state=opened("Canvas"))
    ui(lambda c: c.item_click("**/shape/16:9"))
    assert ui.recipe.canvas == Canvas(16 / 9, 1.0)
    ui.until(lambda: picture(ui) == (28, 16))
    left, top, right, bottom = box_of(ui)
    assert (right - left) / (bottom - top) == pytest.approx(28 / 16, rel=0.02)
    ui(lambda c: c.item_drag_with_delta("**/Height/##track", (60, 0)))
    assert ui.recipe.canvas.height > 1.0
    ui(lambda c: c.item_click("**/Shape/###reset"))
    assert ui.recipe.canvas == Canvas()
    ui.until(lambda: picture(ui) == (16, 16))


@pytest.mark.display
def test_layers_and_handles_go_by_the_wide_picture(open_window: Open) -> None:
    recipe = Recipe(canvas=Canvas(2.0, 1.0))
    options = Options(drawer="Layers", drawer_em=16.0, tool="place")
    ui = open_window(thread=RealThread(), state=State(recipe, options))
    ui.until(lambda: picture(ui) == (32, 16))
    ui.frames(4)
    box = box_of(ui)
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)

    def drag(c: Any) -> None:
        c.mouse_move_to_pos(middle)
        c.mouse_down(0)
        c.mouse_move_to_pos((middle[0] + (box[3] - box[1]) / 4, middle[1]))
        c.mouse_up(0)

    ui(drag)
    assert ui.recipe.transform == replace(TransformPart(), x=pytest.approx(0.25, abs=0.02))


def box_of(ui: Driver) -> tuple[float, float, float, float]:
    """The place of the picture in the window."""
    box = ui.app.layout.picture.box
    assert box is not None
    return box


def picture(ui: Driver) -> tuple[int, int] | None:
    """The width and height of the picture that is shown."""
    frame = ui.app.session.frame
    if frame is None or frame.image is None:
        return None
    height, width = frame.image.shape[:2]
    return width, height


def test_the_square_lies_in_the_middle_of_the_picture() -> None:
    assert square((0.0, 0.0, 200.0, 100.0), Canvas(2.0, 1.0)) == (50.0, 0.0, 150.0, 100.0)
    assert square((0.0, 0.0, 80.0, 80.0), Canvas()) == (0.0, 0.0, 80.0, 80.0)
