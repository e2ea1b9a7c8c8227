"""The addresses of two models in one: each part, all at once, and what greys them."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.parameters.parameters import declared, parameters_of
from renderer.recipe.recipe import ModelBlend, ModelRef, Recipe
from tests.visualizer.fake import MODEL

BLENDED = Recipe(model=ModelRef(blend=ModelBlend("/b")))
KNOWN = parameters_of(BLENDED, MODEL)


def test_one_knob_moves_every_part_and_reads_their_mean() -> None:
    every = KNOWN.parameter("/blend/all")
    moved = every.set(BLENDED, 0.25)
    parts = [f"/blend/block/{size}" for size in MODEL.blocks]
    for address in ("/blend/mapping", *parts):
        assert KNOWN.parameter(address).read(moved) == 0.25
    assert every.read(moved) == 0.25
    uneven = KNOWN.parameter(parts[0]).set(moved, 1.0)
    assert every.read(uneven) == (1.0 + 0.25 * len(parts)) / (1 + len(parts))


def test_a_weight_may_lie_outside_the_two_models() -> None:
    found = KNOWN.set(BLENDED, "/blend/mapping", -0.5)
    assert found.refusal == "" and found.recipe.model.blend.mapping == -0.5


def test_without_a_second_model_it_says_why_it_is_grey() -> None:
    for address in ("/blend/all", "/blend/mapping"):
        assert "no second model" in declared(address).reason(Recipe(), MODEL)
        assert not declared(address).reason(BLENDED, MODEL)


def test_the_second_model_has_no_address() -> None:
    changed = replace(BLENDED, model=ModelRef(blend=ModelBlend("/c")))
    assert not list(KNOWN.changed(BLENDED, changed))
