"""Equal pictures are equal recipes: one form for what could be written in several ways."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from renderer.pipeline import cache_keys
from renderer.recipe.canonical import in_order, merged, trimmed
from renderer.recipe.recipe import (
    WILD,
    MixingPart,
    MixSource,
    MixTrack,
    Move,
    NoisePart,
    Recipe,
    RecipeError,
    check,
    from_json,
    to_json,
)
from tests.renderer.strategies import recipes

MOVES = (
    Move("mapped", 0, 1.0),
    Move("mapped", 7, -2.0),
    Move("style", 3, 0.5, 2),
    Move("style", 1, 0.5, 4),
)


@pytest.mark.parametrize("seed", range(6))
def test_moves_have_one_order(seed: int) -> None:
    shuffled = random.Random(seed).sample(MOVES, len(MOVES))
    assert Recipe(moves=tuple(shuffled)) == Recipe(moves=MOVES)
    assert hash(Recipe(moves=tuple(shuffled))) == hash(Recipe(moves=MOVES))
    assert replace(Recipe(), moves=tuple(shuffled)).moves == MOVES


def test_each_component_is_moved_along_once() -> None:
    halves = (Move("style", 1, 0.5, 4), MOVES[1], Move("style", 1, 0.25, 4), Move(amount=0.0))
    assert Recipe(moves=halves).moves == (MOVES[1], Move("style", 1, 0.75, 4))
    assert Recipe(moves=(Move(amount=1.0), Move(amount=-1.0))) == Recipe()
    assert Move("mapped", 3, 1.0, row=9) == Move("mapped", 3, 1.0)


def test_what_no_move_can_hold_stays_apart_and_what_is_impossible_is_still_refused() -> None:
    wild = (Move(amount=WILD), Move(amount=WILD))
    assert Recipe(moves=wild).moves == wild
    check(Recipe(moves=wild))
    for value in (float("nan"), float("inf"), 2 * WILD):
        with pytest.raises(RecipeError):
            check(Recipe(moves=(Move("style", 0, value, 1), Move(amount=1.0))))


@pytest.mark.parametrize(
    ("long", "short"),
    [
        (MixTrack((0.5, 0.0, 0.0)), MixTrack((0.5,))),
        (MixTrack(rows=((4, 1.0), (2, 0.0))), MixTrack(rows=((2, 0.0), (4, 1.0)))),
        (MixTrack(rows=((4, 1.0), (4, 0.5))), MixTrack(rows=((4, 0.5),))),
        (NoisePart(blocks=(0.5, 1.0)), NoisePart(blocks=(0.5,))),
        (Recipe(psi_blocks=(None, 0.5, None)), Recipe(psi_blocks=(None, 0.5))),
    ],
)
def test_what_says_nothing_is_left_out(long: Any, short: Any) -> None:
    assert long == short and hash(long) == hash(short)


def test_older_recipes_become_canonical_when_they_are_read() -> None:
    text = (
        '{"stylegan_t_recipe": 2, "recipe": {"moves": [{"space": "style", "component": 3, '
        '"amount": 0.5, "row": 2}, {"component": 0, "amount": 1.0, "row": 5}, {"amount": 0.0, '
        '"component": 9}], "noise": {"blocks": [0.5, 1.0]}, "psi_blocks": [0.5, null], "mixing": '
        '{"sources": [{"latent": {"weights": [1.0, 0.0], "rows": [[5, 1.0], [2, 0.5]]}}]}}}'
    )
    track = MixTrack((1.0,), ((2, 0.5), (5, 1.0)))
    assert from_json(text) == Recipe(
        moves=(Move("mapped", 0, 1.0), Move("style", 3, 0.5, 2)),
        noise=NoisePart(blocks=(0.5,)),
        psi_blocks=(0.5,),
        mixing=MixingPart((MixSource(latent=track),)),
    )


@pytest.mark.slow
@given(recipes(), st.randoms(use_true_random=False))
def test_recipes_of_any_kind_are_the_same_however_their_moves_were_shuffled(
    recipe: Recipe, chance: random.Random
) -> None:
    moves = list(recipe.moves)
    chance.shuffle(moves)
    again = replace(recipe, moves=tuple(moves))
    assert again == recipe and to_json(again) == to_json(recipe)
    assert from_json(to_json(recipe)) == recipe


@given(
    st.lists(
        st.builds(
            Move,
            st.sampled_from(["mapped", "style"]),
            st.integers(0, 2),
            st.floats(-3, 3),
            st.integers(0, 2),
        ),
        max_size=6,
    ).map(tuple)
)
def test_the_picture_stays(moves: tuple[Move, ...]) -> None:
    """What is drawn depends on the sums of the steps alone."""
    for space in ("mapped", "style"):
        before = dict[tuple[int, int], float]()
        for move in moves:
            if move.space == space:
                place = move.row, move.component
                before[place] = before.get(place, 0.0) + move.amount
        after = {
            (row, component): amount
            for row, component, amount in cache_keys._steps(merged(moves, WILD), space)
        }
        assert after == pytest.approx({key: value for key, value in before.items() if value})


def test_the_pieces() -> None:
    assert trimmed((1, 0, 0), 0) == (1,) and trimmed((), 0) == ()
    assert in_order(((3, "c"), (1, "a"), (3, "d"))) == ((1, "a"), (3, "d"))
    assert merged(MOVES, WILD) is MOVES
