"""Recipes are compared without their model's hash, in one place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from msgspec.structs import replace

from renderer.recipe.identity import hash_learnt, needs, same_picture, unhashed, with_hash
from renderer.recipe.recipe import ModelRef, Recipe
from tests.renderer.strategies import recipes
from tests.source_tree import PACKAGES, ROOT

HASH = "ab" * 32
PLAIN = Recipe(psi=0.5)
KNOWN = with_hash(PLAIN, HASH)


def test_a_hash_that_became_known_is_no_change_of_the_picture() -> None:
    assert KNOWN.model == ModelRef("demo", HASH) and KNOWN != PLAIN
    assert same_picture(PLAIN, KNOWN) and same_picture(KNOWN, PLAIN)
    assert unhashed(KNOWN) == PLAIN and unhashed(PLAIN) is PLAIN
    assert not same_picture(PLAIN, replace(KNOWN, psi=0.4))
    assert not same_picture(PLAIN, replace(PLAIN, model=ModelRef("/other")))
    assert not same_picture(PLAIN, replace(PLAIN, model=ModelRef("demo", tower="x")))


@given(recipes(), recipes())
def test_recipes_are_one_picture_where_they_are_equal_without_the_hash(
    first: Recipe, second: Recipe
) -> None:
    for one in (first, with_hash(first, HASH)):
        for other in (second, with_hash(second, HASH), with_hash(first, "cd" * 32)):
            assert same_picture(one, other) == (unhashed(one) == unhashed(other))


def test_a_hash_is_learnt_once_and_of_the_same_model_alone() -> None:
    assert hash_learnt(PLAIN, KNOWN.model) == KNOWN
    assert hash_learnt(KNOWN, ModelRef("demo", "cd" * 32)) == KNOWN
    for other in (ModelRef("/other", HASH), ModelRef("demo", HASH, "x")):
        assert hash_learnt(PLAIN, other) == PLAIN


def test_what_a_recipe_needs_does_not_hang_on_how_a_path_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    short, long = (Recipe(model=ModelRef(p)) for p in ("~/m.pkl", "/home/somebody/m.pkl"))
    assert needs(short) == needs(long)
    assert needs(short) == needs(replace(with_hash(long, HASH), psi=0.1))
    half, tower = (
        replace(short, precision="float16"),
        replace(short, model=ModelRef("~/m.pkl", "", "t")),
    )
    assert len({needs(short), needs(half), needs(tower), needs(PLAIN)}) == 4


def test_no_other_file_takes_the_hash_out_of_a_recipe_or_compares_without_it() -> None:
    pattern = re.compile(r"replace\([^\n]*sha256=|def _?(nameless|same_picture|needs)\(")
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"renderer/recipe/identity.py"}
