"""Two models in one picture: exact, made new only where something changed, and errors that name the
second model."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from renderer.frame.frame import Frame, captured_recipe
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import ModelBlend, ModelRef, Recipe
from stylegan_t import CheckpointError
from tests.renderer.fakes import CountingLoader, FakeTowers, recipe, tiny_model


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def renderer(loader: CountingLoader) -> Renderer:
    return Renderer("cpu", load=loader, open_tower=FakeTowers())


def blended(
    mapping: float = 0.0, *weights: float, second: str = "/bb", first: str = "/a"
) -> Recipe:
    base = recipe()
    return replace(
        base, model=ModelRef(first, blend=ModelBlend(second, mapping=mapping, weights=weights))
    )


def drawn(renderer: Renderer, wanted: Recipe) -> torch.Tensor:
    frame = renderer.render(wanted)
    assert frame.error is None and frame.image is not None
    return frame.image


def refused(renderer: Renderer, wanted: Recipe) -> Frame:
    frame = renderer.render(wanted)
    assert frame.image is None and frame.error is not None
    return frame


def test_the_ends_are_the_pictures_of_either_model(renderer: Renderer) -> None:
    first, second = (drawn(renderer, recipe(model=path)) for path in ("/a", "/bb"))
    assert not torch.equal(first, second)
    assert torch.equal(drawn(renderer, blended()), first)
    between = drawn(renderer, blended(0.5, 0.5, 0.5))
    assert not torch.equal(between, first) and not torch.equal(between, second)
    # The words are still read by the first model's tower.
    text = replace(recipe().text, strength=0.0)
    silent = replace(blended(1.0, 1.0, 1.0), text=text)
    assert drawn(renderer, silent).shape == second.shape
    assert torch.equal(drawn(renderer, blended()), first)


def test_each_part_changes_the_picture_and_comes_back(renderer: Renderer) -> None:
    plain = drawn(renderer, blended())
    for weights in ((0.7,), (0.0, 0.7), (0.0, 0.0, 0.7), (-0.5, 1.5)):
        moved = drawn(renderer, blended(*weights))
        assert not torch.equal(moved, plain), weights
        assert torch.equal(drawn(renderer, blended()), plain)
        assert torch.equal(drawn(renderer, blended(*weights)), moved), weights


def test_dragging_a_weight_loads_nothing_and_reads_no_prompt(
    renderer: Renderer, loader: CountingLoader
) -> None:
    drawn(renderer, blended())
    loads, prompts = len(loader.paths), len(loader.encoded)
    for step in range(5):
        drawn(renderer, blended(0.0, step / 4, 0.0))
    assert len(loader.paths) == loads == 2
    assert len(loader.encoded) == prompts


def test_the_recipe_learns_both_hashes(renderer: Renderer) -> None:
    frame = renderer.render(blended(0.5))
    model = captured_recipe(frame).model
    assert model.sha256 == tiny_model(len("a")).sha256
    assert model.blend.sha256 == tiny_model(len("bb")).sha256
    other = replace(model, blend=replace(model.blend, sha256="ab" * 32))
    (note,) = renderer.render(replace(blended(), model=other)).notes
    assert "another version of bb" in note


def test_a_second_model_that_is_missing_is_named(
    renderer: Renderer, loader: CountingLoader
) -> None:
    loader.fail["bb"] = CheckpointError("There is no file at /bb.")
    frame = refused(renderer, blended(0.5))
    assert frame.fault == "missing second" and "The model bb is not at /bb" in (frame.error or "")
    assert drawn(renderer, recipe(model="/a")) is not None


def test_a_second_model_that_does_not_open_or_does_not_fit_is_told(
    renderer: Renderer, loader: CountingLoader, tmp_path: Path
) -> None:
    (tmp_path / "bad").touch()
    loader.fail["bad"] = CheckpointError("bad is no checkpoint.")
    frame = refused(renderer, blended(0.5, second=str(tmp_path / "bad")))
    assert (frame.fault, frame.error) == ("second", "bad is no checkpoint.")
    loader.make = lambda name: tiny_model(1, 32 if name == "large" else 16)
    frame = refused(renderer, blended(0.5, second="/large"))
    assert frame.fault == "second"
    assert frame.error == (
        "These two models cannot be blended: large has the layer synthesis.b32.conv0, a does not."
    )


def test_a_blend_goes_with_its_models(renderer: Renderer) -> None:
    drawn(renderer, blended(0.5, 0.5))
    kept = renderer._loads.blends._model
    assert kept is not None
    gone = weakref.ref(kept.generator)
    del kept
    for path in ("/c", "/d", "/e"):
        drawn(renderer, recipe(model=path))
    gc.collect()
    assert gone() is None


def test_half_precision_blends_both_in_it(renderer: Renderer) -> None:
    halves = replace(blended(0.5, 0.5, 0.5), precision="bfloat16")
    whole = drawn(renderer, replace(halves, precision="float32")).float()
    assert (drawn(renderer, halves).float() - whole).abs().mean() < 8
