"""Wildcards in the prompts of a grid: drawn line by line, and kept with what was drawn."""

from __future__ import annotations

from renderer.recipe.contact_sheet import Axis, Sheet, at, from_json, to_json
from renderer.recipe.recipe import Prompt, Recipe
from renderer.recipe.sheet_prompts import typed_prompts, with_prompts

LISTS = {"colours": ("red", "blue", "green", "white")}
LINES = ("a {red|blue|green|white} house",) * 6 + ("a __colours__ boat", "a cat")


def test_each_line_draws_by_a_seed_of_its_own_and_the_lines_come_back() -> None:
    axis = with_prompts(Axis("prompt"), LINES, 3, LISTS)
    assert len(set(axis.prompts)) > 3
    assert all("{" not in text and "__" not in text for text in axis.prompts)
    assert typed_prompts(axis) == LINES
    assert with_prompts(axis, typed_prompts(axis), 3, LISTS) == axis
    assert with_prompts(axis, LINES, 4, LISTS).prompts != axis.prompts


def test_a_sheet_is_drawn_again_without_the_lists() -> None:
    sheet = Sheet(with_prompts(Axis("prompt"), LINES, 3, LISTS), Axis())
    again = from_json(to_json(sheet))
    cell = at(again, Recipe(), 6, 0)
    assert cell is not None
    assert cell.text.prompts == (Prompt(sheet.rows.prompts[6], template=LINES[6]),)


def test_lines_without_wildcards_are_kept_once_and_earlier_ones_mean_themselves() -> None:
    assert with_prompts(Axis("prompt"), ("a", "b"), 0).templates == ()
    before = Axis("prompt", prompts=("{a|b}",))
    assert with_prompts(before, typed_prompts(before), 7) == before
    assert with_prompts(before, (), 7).prompts == ()
