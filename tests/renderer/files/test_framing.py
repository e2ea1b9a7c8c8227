"""Pictures at an exact size: whole, covering, smooth or with sharp pixels; never squeezed."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.files.framing import framed

RAMP = np.linspace(20, 235, 30)[None, :, None] * np.ones((30, 1, 3))
SQUARE = RAMP.astype(np.uint8)


def test_a_picture_of_that_size_is_left_alone() -> None:
    assert framed(SQUARE, (30, 30)) is SQUARE


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("size", [(160, 90), (90, 160), (31, 30), (12, 7)])
def test_fit_shows_the_whole_picture_on_black(size: tuple[int, int], smooth: bool) -> None:
    seen = framed(SQUARE, size, "fit", smooth=smooth)
    assert seen.shape == (size[1], size[0], 3)
    side = min(size)
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    inside = seen[top : top + side, left : left + side]
    assert inside[:, 0].max() < 60 and inside[:, -1].min() > 200  # both edges are there
    around = seen.copy()
    around[top : top + side, left : left + side] = 0
    assert not around.any()


@pytest.mark.parametrize("smooth", [True, False])
def test_fill_covers_the_frame_and_cuts_both_sides_alike(smooth: bool) -> None:
    seen = framed(SQUARE, (90, 180), "fill", smooth=smooth).astype(float)
    assert seen.shape == (180, 90, 3)
    # The middle half of the ramp, which runs from 20 to 235.
    assert seen[:, 0].mean() == pytest.approx(20 + 215 * 0.25, abs=5)
    assert seen[:, -1].mean() == pytest.approx(20 + 215 * 0.75, abs=5)


def test_sharp_pixels_are_even_squares_where_the_factor_is_no_whole_number() -> None:
    board = (np.indices((4, 4)).sum(0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, -1)
    seen = framed(board, (10, 10), smooth=False)[:, :, 0]
    assert seen[0].tolist() == [0, 0, 128, 255, 255, 0, 0, 128, 255, 255]
    assert np.array_equal(framed(board, (8, 8), smooth=False), board.repeat(2, 0).repeat(2, 1))
