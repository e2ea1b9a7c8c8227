"""Comparing two pictures, with a real mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Context, Laid, Options
from widgets.picture.compare import Compare, ComparisonView, SetA, SetB, SwapSides, hides_changes

pytestmark = pytest.mark.display

Key = imgui.Key
FIRST, SECOND, THIRD = Recipe(psi=0.1), Recipe(psi=0.2), Recipe(psi=0.3)


_laid: list[Laid] = []
"""What was laid over the picture in the last frame."""


@pytest.fixture
def ui(open_window: Open, monkeypatch: pytest.MonkeyPatch) -> Driver:
    ui = open_window(state=State(FIRST, Options(smooth=False)))
    paint = ui.app._paint

    def noted(context: Context) -> None:
        _laid[:] = context.out.laid
        paint(context)

    monkeypatch.setattr(ui.app, "_paint", noted)
    ui.frames(3)
    return ui


def view(ui: Driver) -> ComparisonView:
    views = [v for i in ui.app.instruments for v in i.views(0.0)]
    return next(v for v in views if isinstance(v, ComparisonView))


def colours(ui: Driver) -> tuple[Any, Any]:
    """The colour at a quarter and at three quarters of the picture's width."""
    ui.frames(4)
    screen = ui.app.screenshot()
    left, top, right, bottom = ui.app.layout.picture.box or (0, 0, 0, 0)
    y = round(top + 0.3 * (bottom - top))
    places = (round(left + share * (right - left)) for share in (0.25, 0.75))
    first, second = (tuple(int(value) for value in screen[y, x]) for x in places)
    return first, second


def colour(ui: Driver, recipe: Recipe) -> tuple[int, ...]:
    """The colour that the picture of a recipe has."""
    known = ui.app.session.recipe.model
    pixels = ui.thread._pixels(replace(recipe, model=known))
    return tuple(int(value) for value in pixels[0, 0])


def plain_colour(ui: Driver, recipe: Recipe) -> tuple[int, ...]:
    """The colour of a preview, which is asked for without the model's hash."""
    return tuple(int(value) for value in ui.thread._pixels(recipe)[0, 0])


def edit(ui: Driver, recipe: Recipe) -> None:
    """Go to a picture, on the model that is there."""
    ui.app.session.edit(replace(recipe, model=ui.app.session.recipe.model))
    ui.frames(3)


def test_a_is_kept_and_the_picture_of_now_goes_on_at_the_right(ui: Driver) -> None:
    ui(lambda c: c.key_press(Key.a))
    assert view(ui).on
    edit(ui, SECOND)
    assert colours(ui) == (plain_colour(ui, FIRST), colour(ui, SECOND))
    edit(ui, THIRD)
    assert colours(ui) == (plain_colour(ui, FIRST), colour(ui, THIRD))


def test_two_recipes_are_compared_side_by_side_and_swapped(ui: Driver) -> None:
    ui.app.commands.do(Compare(SECOND, THIRD))
    assert colours(ui) == (plain_colour(ui, SECOND), plain_colour(ui, THIRD))
    ui(lambda c: c.item_click("//Picture/###swap"))
    assert colours(ui) == (plain_colour(ui, THIRD), plain_colour(ui, SECOND))
    ui.app.commands.do(SwapSides())
    ui.app.commands.do(SetA(THIRD))
    ui.app.commands.do(SetB())
    assert (view(ui).a, view(ui).b) == (THIRD, ui.app.session.recipe)


def test_the_line_is_dragged_and_the_recipe_stays(ui: Driver) -> None:
    ui.app.commands.do(Compare(SECOND, THIRD))
    ui.frames(3)
    before = ui.recipe
    left, _, right, _ = ui.app.layout.picture.box or (0, 0, 0, 0)
    ui(lambda c: c.item_drag_with_delta("//Picture/wipe", (-0.45 * (right - left), 0)))
    assert colours(ui) == (plain_colour(ui, THIRD), plain_colour(ui, THIRD))
    ui(lambda c: c.item_drag_with_delta("//Picture/wipe", (5000, 0)))
    assert colours(ui) == (plain_colour(ui, SECOND), plain_colour(ui, SECOND))
    assert ui.recipe == before
    assert not ui.app.session.document.can_undo


@pytest.mark.parametrize("way", ["key", "button"])
def test_a_comparison_ends(ui: Driver, way: str) -> None:
    ui.app.commands.do(Compare(SECOND, THIRD))
    ui.frames(3)
    if way == "key":
        ui(lambda c: c.key_press(Key.escape))
    else:
        ui(lambda c: c.item_click("//Picture/###stop comparing"))
    assert not view(ui).on
    assert colours(ui) == (plain_colour(ui, FIRST), plain_colour(ui, FIRST))


def test_holding_b_shows_the_picture_before(ui: Driver) -> None:
    edit(ui, SECOND)
    seen: list[Any] = []

    def peek(c: Any) -> None:
        c.key_down(Key.b)
        c.yield_(6)
        seen.append([laid.picture.width for laid in _laid])
        c.key_up(Key.b)
        c.yield_(3)
        seen.append([laid.picture.width for laid in _laid])

    ui(peek)
    assert seen == [[64], []]


def test_holding_b_while_comparing_shows_a(ui: Driver) -> None:
    ui.app.commands.do(Compare(THIRD))
    ui.frames(4)
    clips: list[float] = []

    def peek(c: Any) -> None:
        clips.append(_laid[0].clip[2])
        c.key_down(Key.b)
        c.yield_(4)
        clips.append(_laid[0].clip[2])
        c.key_up(Key.b)

    ui(peek)
    left, _, right, _ = ui.app.layout.picture.box or (0, 0, 0, 0)
    assert clips == pytest.approx([(left + right) / 2, right])


def test_who_types_a_and_b_compares_nothing(ui: Driver) -> None:
    def typing(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_chars_append("ab")
        c.key_press(Key.a)

    ui(typing)
    assert not view(ui).on


def test_a_side_whose_picture_is_still_to_come_says_so(ui: Driver) -> None:
    ui.thread.answers = False
    ui.app.commands.do(Compare(SECOND))
    ui.frames(4)
    assert _laid == []
    with_words = ui.app.screenshot()
    ui.thread.answers = True
    ui.app.previews.forget_refused()
    ui.frames(4)
    assert len(_laid) == 1
    assert not np.array_equal(with_words, ui.app.screenshot())


def test_with_both_kept_it_is_said_that_changes_are_not_shown_and_b_can_follow(ui: Driver) -> None:
    ui.app.commands.do(SetA())
    edit(ui, SECOND)
    ui.app.commands.do(SetB())
    ui.frames(2)
    assert not hides_changes(ui.app.session.recipe, view(ui))
    edit(ui, THIRD)
    assert hides_changes(ui.app.session.recipe, view(ui))
    ui(lambda c: c.item_click("//Picture/###follow"))
    assert view(ui).on
    assert view(ui).b is None
    assert not hides_changes(ui.app.session.recipe, view(ui))
