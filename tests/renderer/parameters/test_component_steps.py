"""The addresses of directions, and what moves along them."""

from __future__ import annotations

import dataclasses
from array import array

import pytest

from renderer.parameters.component_steps import misfit
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import MAX_MOVES, Move, Recipe, Vector
from tests.visualizer.fake import MODEL


def vector(rows: int, columns: int) -> Vector:
    return Vector(rows, array("f", [0.5] * (rows * columns)).tobytes())


SMILE = Move("vector", name="Big smile", vector=vector(1, MODEL.latent_dim))
NAMED = Recipe(
    moves=(
        Move("mapped", 2, 1.5, name="age"),
        Move("style", 40, 0.5, 3, "hair"),
        Move("block", 1, 0.25, 2, "sky"),
        SMILE,
    )
)


def test_directions_go_by_their_names_too() -> None:
    known = parameters_of(NAMED, MODEL)
    for address, other, value in (
        ("/move/age", "/move/mapped/3", 1.5),
        ("/move/hair", "/move/style/3/41", 0.5),
        ("/move/sky", f"/move/block/{MODEL.blocks[2]}/2", 0.25),
        ("/move/big-smile", "/move/vector/big-smile", 0.0),
    ):
        assert known.parameter(address) is known.parameter(other)
        assert known.parameter(address).read(NAMED) == value
        moved = known.set(NAMED, address, -2.0).recipe
        assert known.parameter(other).read(moved) == -2.0
        assert known.set(moved, address, 0.0).recipe.moves != NAMED.moves or value == 0.0
        assert len(known.set(moved, address, 0.0).recipe.moves) == len(NAMED.moves)


def test_equal_names_have_addresses_of_their_own() -> None:
    other = Move("vector", name="big smile", vector=vector(1, MODEL.w_dim))
    both = Recipe(moves=(SMILE, other))
    known = parameters_of(both, MODEL)
    assert known.set(both, "/move/vector/big-smile-2", 1.0).recipe != both
    assert known.parameter("/move/big-smile") is not known.parameter("/move/big-smile-2")


def test_a_block_has_directions_without_any_name() -> None:
    moved = parameters_of(Recipe(), MODEL).set(Recipe(), f"/move/block/{MODEL.blocks[1]}/1", 2.0)
    assert moved.recipe.moves == (Move("block", 0, 2.0, 1),)


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        (1, MODEL.latent_dim, ""),
        (MODEL.num_ws, MODEL.latent_dim, ""),
        (1, MODEL.w_dim, ""),
        (2, MODEL.latent_dim, "2 rows"),
        (1, 7, "7 numbers"),
    ],
)
def test_a_vector_fits_or_it_is_said_why_not(rows: int, columns: int, words: str) -> None:
    reason = misfit(vector(rows, columns), MODEL)
    assert words in reason and bool(reason) == bool(words)
    step = Move("vector", name="it", vector=vector(rows, columns))
    known = parameters_of(Recipe(moves=(step,)), MODEL)
    inert = known.parameter("/move/it").reason(Recipe(moves=(step,)), MODEL)
    assert bool(inert) == bool(words)


def test_a_full_recipe_can_still_move_along_what_it_has() -> None:
    full = Recipe(moves=tuple(Move("mapped", index, 1.0) for index in range(MAX_MOVES)))
    large = dataclasses.replace(MODEL, latent_dim=64)
    known = parameters_of(full, large)
    assert known.parameter("/move/mapped/1").reason(full, large) == ""
    assert "at most 256" in known.parameter("/move/style/0/1").reason(full, large)
