"""The addresses of bends, and when they have no effect."""

from __future__ import annotations

import pytest

from renderer.models.info import describe
from renderer.parameters.bends import KINDS, SWEEPS, TEXTS, UPWARD, amount_range
from renderer.parameters.kinds import Number
from renderer.parameters.parameters import Parameters, parameters_of
from renderer.recipe.parts.bends import AMOUNTS, VERTICAL
from renderer.recipe.recipe import MAX_BENDS, Bend, Recipe
from tests.renderer.fakes import tiny_model
from tests.visualizer.fake import MODEL

SHIFTED = Recipe(bends=(Bend("b8.input", "shift", 0.1),))


def known(recipe: Recipe) -> Parameters:
    return parameters_of(recipe, MODEL)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_slider_within_its_limits_and_words(kind: str) -> None:
    for of in KINDS:
        if of == kind:
            found, limits = amount_range(of), AMOUNTS[of]
            assert limits.low <= found.low <= limits.neutral <= found.high <= limits.high
            assert found.low <= limits.usual <= found.high
            assert TEXTS[of].endswith(".")
            assert (of in UPWARD) == (of in VERTICAL)
    assert set(SWEEPS) <= set(KINDS)


def test_setting_one_adds_the_next_bend() -> None:
    recipe = known(Recipe()).set(Recipe(), "/bend/1/layer", "b16.conv0").recipe
    recipe = known(recipe).set(recipe, "/bend/1/kind", "blur").recipe
    assert recipe.bends == (Bend("b16.conv0", "blur", AMOUNTS["blur"].usual),)
    recipe = known(recipe).set(recipe, "/bend/1/amount", 0.25).recipe
    recipe = known(recipe).set(recipe, "/bend/1/channels", "0..3, 8../2").recipe
    assert recipe.bends == (Bend("b16.conv0", "blur", 0.25, channels=((0, 3, 1), (8, None, 2))),)
    full = Recipe(bends=(Bend("b8.input", "gain", 2.0),) * MAX_BENDS)
    assert known(full).find(f"/bend/{MAX_BENDS + 1}/layer") is None


def test_only_what_a_kind_reads_has_an_address() -> None:
    addresses = {item.address for item in known(SHIFTED)}
    assert "/bend/1/vertical" in addresses
    assert "/bend/1/seed" not in addresses
    noisy = Recipe(bends=(Bend("b8.input", "noise", 1.0),))
    assert "/bend/1/seed" in {item.address for item in known(noisy)}


def test_what_does_not_fit_is_refused_with_a_sentence() -> None:
    outcome = known(SHIFTED).set(SHIFTED, "/bend/1/channels", "some")
    assert outcome.recipe == SHIFTED
    assert "count from 0" in outcome.refusal
    assert "takes -2 to 2" in known(SHIFTED).set(SHIFTED, "/bend/1/amount", 3.0).refusal
    kind = known(SHIFTED).parameter("/bend/1/amount").kind
    assert isinstance(kind, Number) and kind.limits == (-2.0, 2.0)


def test_a_bend_of_a_layer_that_the_model_lacks_says_so() -> None:
    other = Recipe(bends=(Bend("L3_52_512", "gain", 2.0),))
    amount = known(other).parameter("/bend/1/amount")
    model = describe(tiny_model(), "tiny")
    assert amount.reason(other, model) == "This model has no such layer."
    assert amount.reason(other, None) == ""
    assert known(SHIFTED).parameter("/bend/1/amount").reason(SHIFTED, model) == ""
