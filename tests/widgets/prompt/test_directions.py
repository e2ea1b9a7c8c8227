"""Directions and text strength in the real window, and the ideas that a model's card gives."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import ModelInfo
from renderer.recipe.recipe import Direction, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.layer_range import block_cells, covered, joined, row_cells
from widgets.prompt.direction_ideas import MOST, PLAIN, ideas
from widgets.prompt.direction_popup import title

Key = imgui.Key
NIGHT = Direction(name="night", plus="at night", minus="at noon", amount=1.0)
WITH_NIGHT = TextPart(prompts=(Prompt("a house"),), directions=(NIGHT,))


def with_text(open_window: Open, text: TextPart = WITH_NIGHT) -> Driver:
    """A window with this text, and with the prompts and their disclosures open."""
    options = Options(open_sections=("Prompt", "Directions", "Text strength"))
    return open_window(state=State(Recipe(text=text), options))


def directions(ui: Driver) -> tuple[Direction, ...]:
    """The current directions."""
    return ui.recipe.text.directions


# -- ideas and ranges ----------------------------------------------------------------------------


def test_ideas_are_opposites_within_one_topic_of_the_card() -> None:
    pairs = [(idea.plus, idea.minus) for idea in ideas(MODEL)]
    assert pairs[0] == ("at night", "at noon")
    for plus, minus in pairs:
        assert any({plus, minus} <= set(words) for _, words in MODEL.vocabulary)
    assert all(idea.amount == 1.0 for idea in ideas(MODEL))


def test_a_model_without_a_vocabulary_gets_plain_ideas() -> None:
    bare = ideas(replace_vocabulary(()))
    assert [(idea.plus, idea.minus) for idea in bare] == list(PLAIN)
    assert ideas(None) == bare


def test_a_large_vocabulary_gives_a_few_ideas() -> None:
    topics = tuple((f"topic {i}", (f"first {i}", f"last {i}")) for i in range(40))
    assert len(ideas(replace_vocabulary(topics))) == MOST
    assert ideas(replace_vocabulary((("one", ("alone",)), ("none", ())))) == ideas(None)


def replace_vocabulary(topics: tuple[tuple[str, tuple[str, ...]], ...]) -> ModelInfo:
    """The fake model with other words on its card."""
    return dataclasses.replace(MODEL, vocabulary=topics)


def test_a_direction_is_called_by_its_name_or_by_where_it_leads() -> None:
    assert title(NIGHT) == "night"
    assert title(replace(NIGHT, name=" ")) == "at night"
    assert title(Direction()) == "new direction"


def test_cells_cover_every_row_of_w_once() -> None:
    for cells in (block_cells(MODEL), row_cells(MODEL)):
        rows = [row for cell in cells for row in range(*cell.rows)]
        assert rows == list(range(MODEL.num_ws))
    assert joined((3, 6), (0, 1)) == (0, 6)
    assert covered((3, 6), (5, 9))
    assert not covered((3, 6), (6, 9))


# -- in the window -------------------------------------------------------------------------------


@pytest.mark.display
def test_one_click_on_an_idea_adds_its_slider(open_window: Open) -> None:
    ui = with_text(open_window, TextPart(prompts=(Prompt("a house"),)))

    def body(c: Any) -> None:
        c.item_click("**/###direction")
        c.yield_(2)
        c.item_click("**/ideas/###0")

    ui(body)
    assert directions(ui) == ideas(MODEL)[:1]
    ui(lambda c: c.item_drag_with_delta("**/direction0/##track", (-50, 0)))
    assert directions(ui)[0].amount < 1.0


@pytest.mark.display
def test_two_prompts_of_one_s_own_are_typed(open_window: Open) -> None:
    ui = with_text(open_window, TextPart(prompts=(Prompt("a house"),)))

    def body(c: Any) -> None:
        c.item_click("**/###direction")
        c.yield_(2)
        c.item_click("**/###own")
        c.yield_(2)
        c.item_click("**/Towards/##text")
        c.key_chars("in the rain")
        c.yield_(2)
        c.item_click("**/Away from/##text")
        c.key_chars("in the sun")
        c.yield_(2)

    ui(body)
    assert directions(ui) == (Direction(plus="in the rain", minus="in the sun", amount=1.0),)


@pytest.mark.display
def test_a_direction_is_reset_turned_round_copied_and_removed(open_window: Open) -> None:
    ui = with_text(open_window)
    ui(lambda c: c.item_click("**/direction0/###reset"))
    assert directions(ui) == (replace(NIGHT, amount=0.0),)

    def choose(entry: str) -> None:
        def body(c: Any) -> None:
            c.item_click("**/direction0/###more")
            c.item_click(f"//$FOCUSED/{entry}")

        ui(body)

    choose("Swap the two prompts")
    assert (directions(ui)[0].plus, directions(ui)[0].minus) == ("at noon", "at night")
    choose("Duplicate")
    assert len(directions(ui)) == 2
    choose("Remove")
    assert len(directions(ui)) == 1


@pytest.mark.display
def test_layers_are_chosen_by_blocks_and_by_rows(open_window: Open) -> None:
    ui = with_text(open_window)
    ui(lambda c: c.item_click("**/direction0/name"))
    ui(lambda c: c.item_click("**/layers/cell1"))
    assert (directions(ui)[0].start, directions(ui)[0].stop) == (3, 6)

    def extend(c: Any) -> None:
        c.key_down(Key.mod_shift)
        c.item_click("**/layers/cell3")
        c.key_up(Key.mod_shift)

    ui(extend)
    assert (directions(ui)[0].start, directions(ui)[0].stop) == (3, None)
    ui(lambda c: c.item_drag_and_drop("**/layers/cell2", "**/layers/cell0"))
    assert (directions(ui)[0].start, directions(ui)[0].stop) == (0, 9)
    ui(lambda c: c.item_click("**/Layers/###by rows"))
    ui(lambda c: c.item_click("**/layers/cell4"))
    assert (directions(ui)[0].start, directions(ui)[0].stop) == (4, 5)
    ui(lambda c: c.item_click("**/Layers/###reset"))
    assert (directions(ui)[0].start, directions(ui)[0].stop) == (0, None)


@pytest.mark.display
def test_strength_goes_beyond_its_slider_and_its_neutral_prompt_is_typed(open_window: Open) -> None:
    ui = with_text(open_window)

    def body(c: Any) -> None:
        c.key_down(Key.mod_ctrl)
        c.item_click("**/Strength/##track")
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter("3.5")
        c.item_click("**/Neutral/##text")
        c.key_chars("a photo")
        c.yield_(2)

    ui(body)
    assert ui.recipe.text.strength == 3.5
    assert ui.recipe.text.neutral == "a photo"
    ui(lambda c: c.item_click("**/Strength/neutral"))
    assert ui.recipe.text.strength == 0.0
    ui(lambda c: c.item_click("**/Strength/###reset"))
    ui(lambda c: c.item_click("**/Neutral/###reset"))
    assert ui.recipe.text == WITH_NIGHT
