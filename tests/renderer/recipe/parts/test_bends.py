"""Bends as values: one form for each, within their limits."""

from __future__ import annotations

import math
from typing import get_args

import pytest

from renderer.recipe.parts.bends import AMOUNTS, VERTICAL, Bend, neutral, new_bend
from renderer.recipe.recipe import MAX_BENDS, Recipe, RecipeError, check, from_json, to_json
from stylegan_t.config import BendKind


def test_every_kind_has_an_amount_that_does_nothing_and_one_that_does() -> None:
    assert set(AMOUNTS) == set(get_args(BendKind))
    for kind, amount in AMOUNTS.items():
        assert amount.low <= amount.neutral <= amount.high
        assert new_bend("b8.input", kind).acts
        assert not neutral(new_bend("b8.input", kind)).acts
    assert not Bend("b8.input", "blur", 0.1, on=False).acts


def test_what_a_kind_does_not_read_is_left_out() -> None:
    assert Bend("a", "gain", 2.0, 0.5, 7) == Bend("a", "gain", 2.0)
    assert Bend("a", "noise", 2.0, 0.5, 7).seed == 7
    assert [Bend("a", kind, 0.1, 0.1).vertical for kind in VERTICAL] == [0.1, 0.1]


def test_amounts_end_where_their_kind_does() -> None:
    assert Bend("a", "blur", 9.0).amount == AMOUNTS["blur"].high
    assert Bend("a", "scale", -1.0).amount == AMOUNTS["scale"].low
    assert Bend("a", "mirror", 1.0, -3.0).vertical == 0.0
    with pytest.raises(RecipeError, match="finite"):
        check(Recipe(bends=(Bend("a", "blur", math.nan),)))


def test_channels_have_one_form() -> None:
    assert Bend(channels=((0, None, 1),)) == Bend()
    assert Bend(channels=((4, 9, 1), (0, 3, 1))).channels == ((0, 9, 1),)
    assert Bend(channels=((8, None, 1), (2, 2, 5), (2, 2, 1))).channels == ((2, 2, 1), (8, None, 1))


@pytest.mark.parametrize(
    "body",
    [
        '{"kind": "explode"}',
        '{"amount": 1e9}',
        '{"channels": [[0, 1, 0]]}',
        '{"channels": [[-1, 1, 1]]}',
        '{"seed": -1}',
        '{"code": "x"}',
    ],
)
def test_what_no_bend_is_cannot_be_read(body: str) -> None:
    with pytest.raises(RecipeError, match="damaged"):
        from_json(f'{{"stylegan_t_recipe": 5, "recipe": {{"bends": [{body}]}}}}')


def test_there_is_an_end_of_bends() -> None:
    most = Recipe(bends=(Bend("a", "gain", 2.0),) * MAX_BENDS)
    assert from_json(to_json(most)) == most
    with pytest.raises(RecipeError):
        to_json(Recipe(bends=(Bend(),) * (MAX_BENDS + 1)))
