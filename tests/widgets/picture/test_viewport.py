from __future__ import annotations

import random

import pytest

from widgets.picture.viewport import (
    KEEP_VISIBLE,
    MAX_SCALE,
    MIN_SCALE,
    View,
    fit_scale,
    kept_inside,
    next_scale,
    panned,
    zoomed,
)


@pytest.mark.parametrize("image", [(64, 64), (512, 512), (2000, 100)])
def test_a_fitted_picture_fits_and_is_large(image: tuple[float, float]) -> None:
    area = (900.0, 700.0)
    scale = fit_scale(area, image)
    shown = (image[0] * scale, image[1] * scale)
    assert shown[0] <= area[0]
    assert shown[1] <= area[1]
    assert shown[0] > 0.9 * area[0] or shown[1] > 0.9 * area[1]


def test_steps_are_whole_multiples_above_one_and_whole_divisions_below() -> None:
    assert [next_scale(1.0, 1), next_scale(1.5, 1), next_scale(6.1, 1)] == [2.0, 2.0, 7.0]
    assert [next_scale(6.1, -1), next_scale(2.0, -1), next_scale(1.5, -1)] == [6.0, 1.0, 1.0]
    assert [next_scale(1.0, -1), next_scale(0.5, -1)] == [0.5, pytest.approx(1 / 3)]
    assert [next_scale(0.5, 1), next_scale(0.4, 1)] == [1.0, 0.5]


def test_zooming_stays_within_its_ends() -> None:
    scale = 1.0
    for _ in range(200):
        scale = next_scale(scale, 1)
    assert scale == MAX_SCALE
    for _ in range(200):
        scale = next_scale(scale, -1)
    assert scale == pytest.approx(MIN_SCALE)


def test_in_and_out_again_is_the_same_scale() -> None:
    for scale in (1 / 8, 1 / 3, 0.5, 1.0, 2.0, 5.0):
        assert next_scale(next_scale(scale, 1), -1) == pytest.approx(scale)


def test_the_point_under_the_cursor_stays() -> None:
    chance = random.Random(1)
    for _ in range(100):
        centre, cursor = ((chance.uniform(-300, 300), chance.uniform(-300, 300)) for _ in range(2))
        scale, new = chance.uniform(0.1, 20), chance.uniform(0.1, 20)
        before = [(c - at) / scale for c, at in zip(cursor, centre, strict=True)]
        view = zoomed(View(scale, centre), scale, new, cursor)
        after = [(c - at) / new for c, at in zip(cursor, view.centre, strict=True)]
        assert after == pytest.approx(before)


def test_panning_moves_and_keeps_some_of_the_picture() -> None:
    view = panned(View(), 2.0, (10.0, -5.0))
    assert view == View(2.0, (10.0, -5.0))
    far = kept_inside(panned(view, 2.0, (1e6, 1e6)), (800.0, 600.0), (200.0, 200.0))
    assert far.centre == (500.0 - KEEP_VISIBLE, 400.0 - KEEP_VISIBLE)
    assert kept_inside(view, (800.0, 600.0), (200.0, 200.0)) == view
