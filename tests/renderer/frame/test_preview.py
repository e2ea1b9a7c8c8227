"""Previews: shrunk pictures that the render thread makes when nobody wants anything else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish, shrunk
from renderer.pipeline.renderer import Renderer
from tests.renderer.fakes import CountingLoader, nothing, recipe
from tests.renderer.pipeline.test_render_thread import WAIT_S, Stage


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def stage(loader: CountingLoader) -> Iterator[Stage]:
    stage = Stage(loader)
    stage.thread.start()
    yield stage
    loader.block_s = loader.load_s = 0
    assert stage.thread.stop(WAIT_S)


def granted(stage: Stage, count: int) -> list[Granted]:
    """Wait for so many previews."""
    found: list[Granted] = []

    def enough() -> bool:
        found.extend(stage.thread.take_granted())
        return len(found) >= count

    stage.until(enough)
    return found


def test_a_picture_is_averaged_down_and_never_enlarged() -> None:
    image = torch.zeros(4, 4, 3, dtype=torch.uint8)
    image[:2, :2] = torch.tensor([0, 100, 201], dtype=torch.uint8)
    image[0, 0] = 255
    frame = Frame(recipe(), None, image)
    small = shrunk(frame, 2)
    assert small.shape == (2, 2, 3) and small.dtype == np.uint8
    assert small[0, 0].tolist() == [64, 139, 214] or small[0, 0].tolist() == [64, 139, 215]
    assert not small[1].any()
    assert np.array_equal(shrunk(frame, 9), image.numpy())


def test_wishes_are_granted_in_their_order(stage: Stage) -> None:
    stage.show(recipe())
    wishes = [Wish(recipe(seed=seed), 8) for seed in (5, 3, 9)]
    stage.thread.wish(wishes)
    found = granted(stage, 3)
    assert [each.wish for each in found] == wishes
    for each in found:
        assert each.pixels is not None and each.pixels.shape == (8, 8, 3)
        expected = stage.show(each.wish.recipe)
        assert np.array_equal(each.pixels, shrunk(expected, 8))


def test_newer_wishes_take_the_place_of_older_ones(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    blocked = stage.thread.run(lambda renderer: nothing(), "waits")
    stage.thread.wish([Wish(recipe(seed=seed), 8) for seed in range(100, 140)])
    stage.thread.wish([Wish(recipe(seed=7), 8)])
    blocked.result(WAIT_S)
    found = granted(stage, 1)
    assert found[-1].wish.recipe == recipe(seed=7)
    assert len(found) < 40


def test_a_recipe_goes_before_previews(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    loader.block_s = 0.02
    stage.thread.wish([Wish(recipe(seed=seed), 8) for seed in range(100, 130)])
    granted(stage, 1)
    stage.show(recipe(seed=2))
    assert len(stage.thread.take_granted()) < 25
    loader.block_s = 0.0
    granted(stage, 1)


def test_an_interrupted_preview_is_made_afterwards(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    loader.block_s = 0.05
    wish = Wish(recipe(seed=50), 8)
    stage.thread.wish([wish])
    stage.show(recipe(seed=2))
    assert [each.wish for each in granted(stage, 1)] == [wish]


def test_a_preview_never_loads_another_model(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    before = sum(loader.calls.values())
    other = replace(recipe(), model=replace(recipe().model, path="/models/other.safetensors"))
    stage.thread.wish([Wish(other, 8)])
    assert granted(stage, 1)[0].pixels is None
    assert sum(loader.calls.values()) == before


def test_a_preview_that_says_so_loads_another_model_and_the_current_one_stays(
    stage: Stage, loader: CountingLoader
) -> None:
    stage.show(recipe())
    for name in ("b", "cc", "ddd"):
        other = replace(recipe(), model=replace(recipe().model, path=f"/models/{name}"))
        stage.thread.wish([Wish(other, 8, loads=True)])
        assert granted(stage, 1)[0].pixels is not None
    stage.show(recipe(seed=9))
    assert loader.paths == ["demo", "/models/b", "/models/cc", "/models/ddd"]


def test_a_preview_of_an_impossible_recipe_is_none(stage: Stage) -> None:
    stage.show(recipe())
    stage.thread.wish([Wish(replace(recipe(), psi=float("nan")), 8)])
    assert granted(stage, 1)[0].pixels is None
    assert stage.show(recipe(seed=3)).error is None


def test_previews_leave_the_status_alone(stage: Stage) -> None:
    stage.show(recipe())
    stage.thread.wish([Wish(recipe(seed=4), 8)])
    granted(stage, 1)
    assert stage.thread.status.kind == "idle"


def test_the_thread_stops_amid_previews(loader: CountingLoader) -> None:
    stage = Stage(loader)
    stage.thread.start()
    stage.show(recipe())
    loader.block_s = 0.05
    stage.thread.wish([Wish(recipe(seed=seed), 8) for seed in range(50)])
    assert stage.thread.stop(WAIT_S)


def test_the_renderer_makes_the_same_picture_for_preview_and_capture() -> None:
    renderer = Renderer("cpu", load=CountingLoader())
    frame = renderer.render(recipe())
    assert np.array_equal(shrunk(frame, 16), frame.pixels())


def test_a_wide_picture_keeps_its_form() -> None:
    frame = Frame(recipe(), None, torch.zeros(64, 112, 3, dtype=torch.uint8))
    assert shrunk(frame, 56).shape == (32, 56, 3)
    assert shrunk(frame, 112).shape == (64, 112, 3)
