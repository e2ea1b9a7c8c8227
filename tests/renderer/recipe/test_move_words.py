"""Steps along directions as they are typed."""

from __future__ import annotations

import pytest

from renderer.recipe.move_words import (
    direction_in_words,
    move_in_words,
    read_amount,
    read_direction,
)
from renderer.recipe.recipe import Move, RecipeError


@pytest.mark.parametrize(
    "move",
    [
        Move("mapped", 2),
        Move("style", 0, row=5),
        Move("weights", 63, row=511),
        Move("block", 4095, row=2),
    ],
)
def test_what_is_written_is_read_again(move: Move) -> None:
    assert read_direction(direction_in_words(move)) == move


@pytest.mark.parametrize(
    "text",
    [
        *("", "mapped", "mapped/0", "mapped/4097", "mapped/1/2", "style/5", "style/512/1"),
        *("vector/1", "mapped/-1", "block/2/0", "mapped/99999", "mapped/\u0663"),
    ],
)
def test_what_is_none_is_refused_with_examples(text: str) -> None:
    with pytest.raises(RecipeError, match="is not a direction: give"):
        read_direction(text)


def test_amounts_are_numbers_within_what_a_recipe_takes() -> None:
    assert read_amount("-1.5") == -1.5
    for text in ("", "a", "nan", "inf", "1e5", "-20000"):
        with pytest.raises(RecipeError, match="is not a number"):
            read_amount(text)
    assert move_in_words(Move("block", 0, -0.25, 2)) == "block/2/1=-0.25"
