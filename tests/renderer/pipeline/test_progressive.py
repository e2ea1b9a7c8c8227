"""Early pictures: worth showing when the rest takes long, and never otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
import torch

from renderer.frame.frame import Frame
from renderer.models.device import Device
from renderer.pipeline.progressive import PAUSE_S, WORTH_S, EarlyImages, enlarged
from renderer.pipeline.renderer import Renderer
from tests.renderer.fakes import CountingLoader, recipe
from tests.renderer.pipeline.test_render_thread import WAIT_S, Stage


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taught(clock: Clock, usual_s: float) -> EarlyImages:
    """One that has seen a picture of model 1 take so long."""
    early = EarlyImages(clock)
    early.begin(1)
    clock.now_s += usual_s
    early.done(whole=True)
    early.begin(1)
    return early


def test_a_fast_model_shows_whole_pictures_only(clock: Clock) -> None:
    early = taught(clock, WORTH_S)
    for _ in range(10):
        clock.now_s += WORTH_S / 10
        assert not early.worth()


def test_a_slow_model_shows_coarse_ones_until_the_end_is_near(clock: Clock) -> None:
    early = taught(clock, 1.0)
    worth = []
    for _ in range(20):
        clock.now_s += 0.05
        worth.append(early.worth())
        if worth[-1]:
            early.shown()
    assert all(worth[:17])
    assert not any(worth[18:]), "the whole picture is about to come"


def test_not_more_often_than_one_sees(clock: Clock) -> None:
    early = taught(clock, 1.0)
    clock.now_s += PAUSE_S
    assert early.worth()
    early.shown()
    clock.now_s += PAUSE_S / 2
    assert not early.worth()


def test_a_model_that_was_never_seen_is_taken_for_slow(clock: Clock) -> None:
    early = EarlyImages(clock)
    early.begin(2)
    assert not early.worth()
    clock.now_s += PAUSE_S
    assert early.worth()


def test_each_model_has_its_own_time(clock: Clock) -> None:
    early = taught(clock, 1.0)
    early.begin(2)
    clock.now_s += 0.02
    early.done(whole=True)
    early.begin(2)
    clock.now_s += PAUSE_S
    assert not early.worth()
    early.begin(1)
    clock.now_s += PAUSE_S
    assert early.worth()
    early.forget(2)
    early.begin(2)
    clock.now_s += PAUSE_S
    assert early.worth()


def test_slow_is_a_model_of_the_past_or_an_unknown_one(clock: Clock) -> None:
    early = taught(clock, WORTH_S + 0.01)
    assert early.slow
    assert not taught(clock, WORTH_S - 0.01).slow
    early.begin(2)
    assert early.slow, "nobody knows yet"


def test_part_of_a_picture_says_nothing_of_the_whole(clock: Clock) -> None:
    early = taught(clock, 1.0)
    clock.now_s += 0.01
    early.done(whole=False)
    early.begin(1)
    clock.now_s += PAUSE_S
    assert early.worth()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_coarse_picture_fills_the_place_of_the_finished_one(channels: int) -> None:
    image = torch.full((1, channels, 4, 4), -1.0)
    image[..., 2:] = 1.0
    large = enlarged(image, (16, 20))
    assert large.shape == (20, 16, 3) and large.dtype == torch.uint8
    assert large[:, :5].max() == 0 and large[:, 11:].min() == 255


# -- from the renderer and its thread ------------------------------------------------------------


def test_a_slow_model_shows_its_coarse_picture_and_then_the_whole_one() -> None:
    loader = CountingLoader(block_s=0.2)
    renderer, shown = Renderer("cpu", load=loader), list[Frame]()
    whole = renderer.render(recipe(), early=shown.append)
    assert [frame.early for frame in shown] == [8]
    coarse = shown[0].pixels()
    assert coarse.shape == whole.pixels().shape
    assert (whole.early, shown[0].recipe) == (0, recipe())
    assert shown[0].tokens == whole.tokens != ()
    assert not np.array_equal(coarse, whole.pixels())
    assert np.array_equal(renderer.render(recipe()).pixels(), whole.pixels())


def test_an_early_picture_is_finished_before_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def recorded(image: torch.Tensor, size_px: tuple[int, int]) -> torch.Tensor:
        done.append("enlarged")
        return enlarged(image, size_px)

    monkeypatch.setattr("renderer.pipeline.renderer.enlarged", recorded)
    monkeypatch.setattr(Device, "synchronize", lambda _: done.append("waited"))
    renderer = Renderer("cpu", load=CountingLoader(block_s=0.2))
    renderer.render(recipe(), early=lambda _: done.append("shown"))
    at = done.index("shown")
    assert done[at - 2 : at] == ["enlarged", "waited"]


@pytest.mark.parametrize(("look_s", "early"), [(0.001, False), (WORTH_S, True)])
def test_only_a_slow_model_shows_something_early(look_s: float, early: bool) -> None:
    """On a clock that goes on at each look, as the real one is late on a busy machine."""
    renderer, shown, looks = Renderer("cpu", load=CountingLoader()), list[Frame](), count()
    renderer._early = EarlyImages(lambda: next(looks) * look_s)
    for seed in range(5):
        renderer.render(recipe(seed=seed), early=shown.append)
    assert bool(shown) is early


@pytest.fixture
def stage() -> Iterator[Stage]:
    loader = CountingLoader()
    stage = Stage(loader)
    stage.thread.start()
    yield stage
    loader.block_s = 0
    assert stage.thread.stop(WAIT_S)


def slowed(stage: Stage) -> None:
    """Make the model slow, and let the thread learn how slow."""
    stage.show(recipe())
    stage.loader.block_s = 0.3
    for seed in range(50, 54):
        stage.show(recipe(seed=seed))


@pytest.mark.slow
def test_the_thread_hands_on_early_pictures(stage: Stage) -> None:
    slowed(stage)
    stage.thread.submit(recipe(seed=2))
    early = stage.next_frame()
    assert (early.early, early.recipe) == (8, recipe(seed=2))
    whole = stage.next_frame()
    assert (whole.early, whole.recipe) == (0, recipe(seed=2))
    assert stage.thread.counts.not_shown == 0


@pytest.mark.slow
def test_an_early_picture_never_takes_the_place_of_a_whole_one(stage: Stage) -> None:
    slowed(stage)
    for seed in (2, 3):
        stage.thread.submit(recipe(seed=seed))
        stage.until(lambda: stage.thread.status.kind == "rendering")
        if seed == 2:
            stage.until(lambda: stage.thread.status.kind == "idle")
    begun = stage.loader.calls["block"]
    stage.until(lambda: stage.loader.calls["block"] > begun)  # the second block of the last
    waiting = stage.next_frame()
    assert (waiting.early, waiting.recipe) == (0, recipe(seed=2))
