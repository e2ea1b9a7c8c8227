"""Early pictures: worth showing when the rest takes long, and never otherwise."""

from __future__ import annotations

import pytest
import torch

from renderer.early import PAUSE_S, WORTH_S, EarlyPictures, enlarged


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taught(clock: Clock, usual_s: float) -> EarlyPictures:
    """One that has seen a picture of model 1 take so long."""
    early = EarlyPictures(clock)
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
    early = EarlyPictures(clock)
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
    large = enlarged(image, 16)
    assert large.shape == (16, 16, 3) and large.dtype == torch.uint8
    assert large[:, :5].max() == 0 and large[:, 11:].min() == 255
