"""Bends of a recipe on a model: what is drawn, what is drawn again, and what is said."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.frame.layer_report import Choice
from renderer.models.info import describe
from renderer.pipeline.bends import bends_of
from renderer.pipeline.inspector import Inspector
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Bend, Recipe
from stylegan_t.inference.bending import Effect
from tests.renderer.fakes import CountingLoader, recipe, tiny_model

INFO = describe(tiny_model(), "tiny")


def bent(*bends: Bend) -> Recipe:
    return replace(recipe(), bends=bends)


def test_bends_go_by_layer_with_the_side_of_each() -> None:
    wanted = bent(
        Bend("b16.conv0", "blur", 0.1),
        Bend("b8.input", "noise", 2.0, seed=2**63 - 1, channels=((1, 2, 1),)),
        Bend("b16.conv0", "gain", 3.0),
        Bend("b16.conv0", "gain", 1.0),
        Bend("nowhere", "gain", 3.0),
    )
    found = bends_of(wanted, INFO)
    assert found["b16.conv0"] == (Effect("blur", 0.1, side=16), Effect("gain", 3.0, side=16))
    (noise,) = found["b8.input"]
    assert (noise.channels, noise.side) == (((1, 2, 1),), 8)
    assert 0 <= noise.seed < 2**32
    assert set(found) == {"b16.conv0", "b8.input"}


def test_dragging_an_amount_draws_from_the_bent_block_on() -> None:
    renderer = Renderer("cpu", load=lambda path, /, device, *, progress: tiny_model())
    plain = renderer.render(recipe())
    assert plain.image is not None
    images = []
    for amount in (2.0, 3.0):
        frame = renderer.render(bent(Bend("b16.conv0", "gain", amount)))
        assert frame.error is None
        images.append(frame.pixels())
        assert [ms > 0 for _, ms in frame.block_ms] == [False, True]
        assert dict(frame.stage_ms)["mapping"] == 0.0
    assert (images[0] != images[1]).any()
    assert (images[0] != plain.pixels()).any()
    off = renderer.render(bent(Bend("b16.conv0", "gain", 2.0, on=False)))
    assert (off.pixels() == plain.pixels()).all()
    assert off.stage_ms == tuple((stage, 0.0) for stage, _ in off.stage_ms)


def test_a_layer_that_is_looked_at_is_seen_bent() -> None:
    renderer, inspector = Renderer("cpu", load=CountingLoader()), Inspector()
    means = [
        inspector.look(renderer, wanted, Choice("b8.convs1.0")).layers[1].mean
        for wanted in (recipe(), bent(Bend("b8.convs1.0", "bias", 5.0)))
    ]
    assert abs(means[1] - means[0] - 5.0) < 1e-3


def test_a_layer_that_the_model_lacks_is_told() -> None:
    frame = Renderer("cpu", load=CountingLoader()).render(bent(Bend("L3_52_512", "gain", 2.0)))
    assert frame.notes == ("This model has no layer L3_52_512, so its bend has no effect.",)
