"""Recipes are compared without their model's hash, in one place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from msgspec.structs import replace

from renderer.recipe.identity import (
    hash_learnt,
    needs,
    same_picture,
    second_of,
    unhashed,
    with_hash,
)
from renderer.recipe.recipe import ModelBlend, ModelRef, Recipe
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


@pytest.mark.slow
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


def test_both_hashes_of_a_blend_are_learnt_and_taken_away() -> None:
    blended = replace(PLAIN, model=ModelRef("demo", blend=ModelBlend("/b", mapping=0.5)))
    known = with_hash(blended, HASH, "cd" * 32)
    assert known.model.sha256 == HASH and known.model.blend.sha256 == "cd" * 32
    assert unhashed(known) == blended and same_picture(known, blended)
    assert hash_learnt(blended, known.model) == known
    assert second_of(known.model) == ModelRef("/b", "cd" * 32)
    other = replace(known.model, blend=replace(known.model.blend, path="/c"))
    assert hash_learnt(blended, other) == with_hash(blended, HASH)


def test_a_second_model_must_be_loaded_and_its_weights_need_nothing() -> None:
    def blend(path: str, weight: float) -> Recipe:
        return replace(PLAIN, model=ModelRef("demo", blend=ModelBlend(path, mapping=weight)))

    assert needs(blend("/b", 0.1)) == needs(blend("/x/../b", 0.9))
    assert len({needs(blend("/b", 0.1)), needs(blend("/c", 0.1)), needs(PLAIN)}) == 3


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
