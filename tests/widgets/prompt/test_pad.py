"""The pad in the real window: dragged, walked with keys, and filled corner by corner."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Pad, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.widgets.test_panels import reset
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.pad_square import Square, at
from widgets.prompt.pad import shares

Key = imgui.Key
SURFACE = "**/pad/surface"
FOUR = TextPart(prompts=tuple(Prompt(words) for words in ("a", "b", "c", "d")), pad=Pad())


def with_text(open_window: Open, text: TextPart) -> Driver:
    """A window with these prompts, and nothing but the prompts open."""
    options = Options(open_sections=("Prompt",))
    return open_window(state=State(Recipe(text=text), options))


def pad_of(ui: Driver) -> Pad:
    """Where the puck lies."""
    assert ui.recipe.text.pad is not None
    return ui.recipe.text.pad


def test_a_place_is_kept_within_the_square() -> None:
    assert at(-0.5, 1.5) == Pad(0.0, 1.0)
    assert at(0.123456, 0.5) == Pad(0.123, 0.5)
    square = Square(100.0, 50.0, 200.0)
    assert square.place(150.0, 150.0) == Pad(0.25, 0.5)
    assert square.point(Pad(0.25, 0.5)) == (150.0, 150.0)


def test_shares_are_of_the_whole_blend() -> None:
    assert shares(replace(FOUR, pad=Pad(0.0, 0.0))) == (1.0, 0.0, 0.0, 0.0)
    fifth = replace(FOUR, prompts=(*FOUR.prompts, Prompt("e", 3.0)))
    assert shares(fifth) == (0.0625, 0.0625, 0.0625, 0.0625, 0.75)
    away = replace(FOUR, prompts=(*FOUR.prompts, Prompt("e", -1.0)))
    assert shares(away) == (0.125, 0.125, 0.125, 0.125, -0.5)
    assert shares(replace(FOUR, prompts=FOUR.prompts[:2])) == (0.5, 0.5)


@pytest.mark.display
def test_the_button_lays_the_pad_out_and_puts_it_away(open_window: Open) -> None:
    ui = with_text(open_window, replace(FOUR, pad=None))
    ui(lambda c: c.item_click("**/###pad"))
    assert ui.recipe.text.pad == Pad()
    assert ui.recipe.text.weights == (0.25, 0.25, 0.25, 0.25)
    ui(lambda c: c.item_click("**/###pad"))
    assert ui.recipe.text.pad is None
    assert ui.recipe.text.weights == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.display
def test_the_puck_follows_the_mouse_in_one_step_of_undo(open_window: Open) -> None:
    ui = with_text(open_window, FOUR)
    before = len(ui.thread.submitted)
    ui(lambda c: c.item_drag_with_delta(SURFACE, (60, -30)))
    assert pad_of(ui).x > 0.6
    assert pad_of(ui).y < 0.45
    assert len(ui.thread.submitted) > before + 1  # while it was dragged
    ui(lambda c: c.item_drag_with_delta(SURFACE, (-900, 900)))
    assert pad_of(ui) == Pad(0.0, 1.0)
    ui.app.session.document.undo()
    ui.app.session.document.undo()
    assert pad_of(ui) == Pad()


@pytest.mark.display
def test_arrows_walk_once_the_pad_was_used(open_window: Open) -> None:
    ui = with_text(open_window, FOUR)
    seed = ui.recipe.latent.seed

    def body(c: Any) -> None:
        c.item_click(SURFACE)
        c.yield_(3)
        start = pad_of(ui)
        c.key_press(Key.right_arrow, 3)
        c.key_press(Key.up_arrow)
        c.key_press(Key.down_arrow | Key.mod_shift)
        c.yield_(2)
        walked = pad_of(ui)
        assert (walked.x, walked.y) == pytest.approx((start.x + 0.06, start.y - 0.02 + 0.1))

    ui(body)
    assert ui.recipe.latent.seed == seed


@pytest.mark.display
@pytest.mark.parametrize("back", ["double-click", "right-click"])
def test_the_puck_goes_back_to_the_middle(open_window: Open, back: str) -> None:
    ui = with_text(open_window, replace(FOUR, pad=Pad(0.1, 0.9)))
    if back == "double-click":
        ui(lambda c: c.item_double_click(SURFACE))
    else:
        ui(lambda c: reset(c, SURFACE))
    assert pad_of(ui) == Pad()


@pytest.mark.display
def test_an_empty_corner_takes_the_next_example(open_window: Open) -> None:
    ui = with_text(open_window, TextPart(prompts=(Prompt("a red house at sunset"),), pad=Pad()))
    ui(lambda c: c.item_click("**/pad/$$1/corner"))
    ui(lambda c: c.item_click("**/pad/$$2/corner"))
    words = [prompt.text for prompt in ui.recipe.text.prompts]
    assert words == [
        "a red house at sunset",
        "a tree in the snow, watercolor",
        "a boat on the sea at night",
    ]


@pytest.mark.display
def test_the_pad_sets_the_weights_of_four_rows_only(open_window: Open) -> None:
    five = replace(FOUR, prompts=(*FOUR.prompts, Prompt("e", 0.5)))
    ui = with_text(open_window, five)
    ui(lambda c: c.item_drag_with_delta("**/prompt0/##track", (30, 0)))
    assert ui.recipe.text == five  # greyed out
    ui(lambda c: c.item_click("**/prompt4/###mute"))
    assert ui.recipe.text.weights == (0.25, 0.25, 0.25, 0.25, 0.0)
