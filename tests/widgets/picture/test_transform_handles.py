"""The handles on the picture, and the layout lock, in the real window."""

from __future__ import annotations

import math
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import LatentPart, LayoutLock, Prompt, Recipe, TextPart, TransformPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.widgets.test_panels import opened, type_value
from visualizer.session.state import State
from widgets.context import Options
from widgets.picture import handle_geometry
from widgets.picture.handle_geometry import Handles

pytestmark = pytest.mark.display


@pytest.fixture
def ui(open_window: Open) -> Driver:
    """A window in which the handles lie on the picture."""
    return open_window(state=State(Recipe(), Options(open_sections=("Transform",), tool="place")))


def shown(ui: Driver) -> Handles:
    """Where the handles are now."""
    area = ui.app.layout.picture
    assert area.box is not None
    return handle_geometry.handles(ui.recipe.transform, area.box, area.clip, 16.0)


def drag(start: handle_geometry.Point, end: handle_geometry.Point, *, shift: bool = False) -> Any:
    """Drag from `start` to `end` in some steps."""

    def body(c: Any) -> None:
        c.mouse_move_to_pos(start)
        c.mouse_down(0)
        if shift:
            c.key_down(imgui.Key.mod_shift)
        for step in range(1, 6):
            share = step / 5
            c.mouse_move_to_pos(tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)))
        c.mouse_up(0)
        if shift:
            c.key_up(imgui.Key.mod_shift)

    return body


def test_the_centre_moves_the_content_as_one_step(ui: Driver) -> None:
    area, centre = ui.app.layout.picture, shown(ui).centre
    assert area.box is not None
    side = area.box[2] - area.box[0]
    ui(drag(centre, (centre[0] + 0.1 * side, centre[1] - 0.2 * side)))
    part = ui.recipe.transform
    assert (part.x, part.y) == pytest.approx((0.1, 0.2), abs=0.01)
    assert (part.rotate_deg, part.zoom) == (0.0, 1.0)
    assert shown(ui).centre != centre
    ui.app.session.document.undo()
    assert ui.recipe.transform == TransformPart()


@pytest.mark.parametrize("shift", [False, True])
def test_the_knob_turns_the_content(ui: Driver, shift: bool) -> None:
    frame = shown(ui)
    way, angle = frame.half + frame.stem, math.radians(90 - 50)
    goal = (frame.centre[0] + way * math.cos(angle), frame.centre[1] - way * math.sin(angle))
    ui(drag(frame.knob, goal, shift=shift))
    expected = -45.0 if shift else -50.0
    assert ui.recipe.transform.rotate_deg == pytest.approx(expected, abs=0.7)
    assert ui.recipe.transform.zoom == 1.0


def test_a_corner_zooms_also_while_one_looks_at_a_part(ui: Driver) -> None:
    ui.app.layout.picture.zoom(1)
    ui.app.layout.picture.zoom(1)
    ui.frames(2)
    frame = shown(ui)
    corner = frame.corners[2]
    goal = tuple(c + (at - c) * 0.5 for c, at in zip(frame.centre, corner, strict=True))
    ui(drag(corner, (goal[0], goal[1])))
    assert ui.recipe.transform.zoom == pytest.approx(0.5, abs=0.02)
    assert ui.recipe.transform.rotate_deg == 0.0


def test_a_click_changes_nothing_and_a_double_click_puts_it_back(ui: Driver) -> None:
    centre = shown(ui).centre
    ui(drag(centre, (centre[0] + 60, centre[1])))
    moved, away = ui.recipe.transform, shown(ui).centre
    assert moved != TransformPart()

    def click(c: Any) -> None:
        c.mouse_move_to_pos(away)
        c.mouse_click(0)

    def twice(c: Any) -> None:
        c.mouse_move_to_pos(away)
        c.mouse_double_click(0)

    ui(click)
    assert ui.recipe.transform == moved
    view = ui.app.layout.picture.view
    ui(twice)
    assert ui.recipe.transform == TransformPart()
    assert ui.app.layout.picture.view == view


def test_the_section_puts_the_handles_on_the_picture(open_window: Open) -> None:
    ui = open_window(state=opened("Transform"))
    assert ui.app.session.options.tool == "travel"
    ui(lambda c: c.item_click("**/###handles"))
    assert ui.app.session.options.tool == "place"
    ui(lambda c: type_value(c, "**/Rotate/##track", "30"))
    ui(lambda c: c.item_click("**/Handles/###reset"))
    assert ui.recipe.transform == TransformPart()
    ui(lambda c: c.item_click("**/###handles"))
    assert ui.app.session.options.tool == "travel"


def test_the_layout_is_kept_taken_anew_and_let_go(open_window: Open) -> None:
    text, latent = TextPart(prompts=(Prompt("a red house"),)), LatentPart(seed=3)
    recipe = Recipe(text=text, latent=latent, psi=0.8, psi_blocks=(0.5,))
    ui = open_window(state=opened("Transform"), recipe=recipe)
    ui(lambda c: c.item_click("**/###keep"))
    assert ui.recipe.layout == LayoutLock(text, latent, 0.5)
    ui(lambda c: c.key_press(imgui.Key.right_arrow))
    assert ui.recipe.latent.seed == 4
    assert ui.recipe.layout == LayoutLock(text, latent, 0.5)
    ui(lambda c: c.item_click("**/###take"))
    assert ui.recipe.layout == LayoutLock(text, LatentPart(seed=4), 0.5)
    ui(lambda c: c.item_click("**/###keep"))
    assert ui.recipe.layout is None
