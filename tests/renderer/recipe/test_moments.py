"""Moments: which part of a picture a recall changes, and edits that give new moments."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from renderer.recipe.moments import (
    FIELDS,
    MAX_NAME,
    PARTS,
    Moment,
    Moments,
    in_order,
    plain_name,
)
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.renderer.recipe.test_recipe import FULL

BEFORE = Recipe(text=TextPart((Prompt("before"),)), psi=0.3)


def test_every_field_of_a_recipe_belongs_to_one_part() -> None:
    fields = [field for part in PARTS for field in FIELDS[part]]
    assert sorted(fields) == sorted(Recipe.__struct_fields__)


@pytest.mark.parametrize("part", PARTS)
def test_a_moment_changes_the_parts_that_it_holds_and_nothing_else(part: str) -> None:
    after = Moment(1, FULL, parts=(part,)).applied(BEFORE)  # type: ignore[arg-type]
    for field in Recipe.__struct_fields__:
        source = FULL if field in FIELDS[part] else BEFORE  # type: ignore[index]
        assert getattr(after, field) == getattr(source, field)


def test_without_parts_it_holds_all_of_them_and_all_are_none() -> None:
    assert Moment(1, FULL).applied(BEFORE) == FULL
    assert Moment(1, FULL, parts=tuple(reversed(PARTS))) == Moment(1, FULL)
    assert in_order(("psi", "prompts", "psi")) == ("prompts", "psi")


def test_moments_are_in_order_and_each_number_is_there_once() -> None:
    moments = Moments((Moment(7, FULL), Moment(2, BEFORE), Moment(7, BEFORE)))
    assert [(one.number, one.recipe) for one in moments.items] == [(2, BEFORE), (7, BEFORE)]
    assert moments.find(7) == Moment(7, BEFORE) and moments.find(3) is None
    assert moments.without(2).items == (Moment(7, BEFORE),)
    assert moments.stored(Moment(2, FULL)).find(2) == Moment(2, FULL)


def test_a_moved_moment_and_the_one_that_was_there_change_places() -> None:
    moments = Moments((Moment(1, FULL, "one"), Moment(3, BEFORE, "three")))
    swapped = moments.moved(1, 3)
    assert [(one.number, one.name) for one in swapped.items] == [(1, "three"), (3, "one")]
    assert [one.number for one in moments.moved(1, 9).items] == [3, 9]


def test_the_next_moment_is_the_next_that_is_there() -> None:
    moments = Moments((Moment(2, FULL), Moment(5, FULL)))
    assert [moments.neighbour(number, 1) for number in (0, 2, 3, 5)] == [2, 5, 5, 2]
    assert [moments.neighbour(number, -1) for number in (0, 2, 3, 5)] == [5, 5, 2, 2]
    assert Moments().neighbour(1, 1) is None


def test_without_a_name_it_is_called_by_its_prompt_and_seed() -> None:
    assert Moment(1, BEFORE).shown == "before, seed 0"
    assert replace(Moment(1, BEFORE), name="Dawn").shown == "Dawn"
    assert plain_name(" two\nlines\t " + "x" * 200) == ("two lines " + "x" * 200)[:MAX_NAME]
