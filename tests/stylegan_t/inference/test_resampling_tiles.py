"""The filtered leaky ReLU by products of matrices gives what its readable form gives."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from stylegan_t.family.resampling import filtered_lrelu, low_pass
from stylegan_t.inference import resampling_tiles
from stylegan_t.inference.resampling_tiles import Axis, FilteredActivation, separated


def lopsided(taps: int) -> Tensor:
    """A filter whose ends differ: one that is turned around would show."""
    torch.manual_seed(taps)
    return torch.rand(taps) / taps


def disc(taps: int) -> Tensor:
    """The same in every direction, as in StyleGAN3-R."""
    found = low_pass(taps, 2.0, 6.0, 32.0, radial=True)
    assert found is not None
    return found


def both(
    axis: Axis,
    up_fir: Tensor | None,
    down_fir: Tensor | None,
    size: tuple[int, int] | None = None,
    **options: Any,
) -> tuple[Tensor, Tensor]:
    """What is found and what is expected, [C, height, width]; `size` is of what comes in."""
    torch.manual_seed(axis.size)
    x = torch.randn(1, 5, *(size or (axis.size, axis.size)))
    how: dict[str, Any] = {"gain": 1.3, "slope": 0.2, "clamp": None, **options}
    expected = filtered_lrelu(
        x,
        up_fir,
        down_fir,
        torch.zeros(5),
        up=axis.up,
        down=axis.down,
        padding=(axis.before, axis.after) * 2,
        **how,
    )
    activation = FilteredActivation(axis, up_fir, down_fir, **how)
    if size is not None:
        activation = activation.sized(*size)
    whole, place = activation.room(5)
    place.copy_(x[0].permute(1, 2, 0)[activation.taken])
    return activation(whole).permute(2, 0, 1), expected[0]


def close(found: Tensor, expected: Tensor) -> bool:
    """Equal within 1e-5 of the largest value."""
    assert found.shape == expected.shape
    return float((found - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


@pytest.mark.parametrize("clamp", [None, 0.4])
@pytest.mark.parametrize(
    ("size", "up", "down", "before", "after"),
    [
        (38, 2, 2, 11, 10),
        (38, 4, 2, -2, -5),
        (58, 2, 2, -9, -10),
        (20, 4, 4, 5, 8),
        (17, 3, 2, 0, 3),
        (9, 1, 1, 4, -1),
        (16, 2, 1, 30, 25),
        (40, 1, 4, -8, -3),
        (13, 8, 2, 3, 3),
    ],
)
def test_separable_filters_of_all_shapes(
    size: int, up: int, down: int, before: int, after: int, clamp: float | None
) -> None:
    axis = Axis(size, up, down, 6 * up, 6 * down, before, after)
    assert close(*both(axis, lopsided(6 * up), lopsided(6 * down), clamp=clamp))


@pytest.mark.parametrize("size", [(38, 38), (38, 67), (67, 38), (38, 130), (20, 39), (129, 31)])
@pytest.mark.parametrize(("up", "down", "before", "after"), [(4, 2, -2, -5), (2, 2, 11, 10)])
def test_any_height_and_width(
    size: tuple[int, int], up: int, down: int, before: int, after: int
) -> None:
    axis = Axis(38, up, down, 6 * up, 6 * down, before, after)
    assert close(*both(axis, lopsided(6 * up), disc(6 * down), size, clamp=0.4))
    square = FilteredActivation(axis, None, lopsided(6), gain=1.0, slope=0.2, clamp=None)
    assert square.sized(67, 40).lower is square.lower, "matrices are shared"


def test_no_filter_at_all() -> None:
    assert close(*both(Axis(12, 1, 1, 1, 1, 2, -3), None, None))


@pytest.mark.parametrize(("up", "down"), [(2, 2), (4, 2), (2, 4)])
def test_a_filter_of_two_dimensions(up: int, down: int) -> None:
    axis = Axis(38, up, down, 6 * up, 6 * down, 7, 6)
    assert close(*both(axis, lopsided(6 * up), disc(6 * down), clamp=0.4))
    assert close(*both(axis, lopsided(6 * up), torch.rand(6 * down, 6 * down) - 0.3))


def test_rows_at_once_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    axis = Axis(38, 4, 2, 24, 12, -2, -5)
    whole, _ = both(axis, lopsided(24), lopsided(12))
    for size in (1, 60_000):
        monkeypatch.setattr(resampling_tiles, "CHUNK_BYTES", size)
        assert close(both(axis, lopsided(24), lopsided(12))[0], whole)


def test_a_disc_needs_few_separable_filters() -> None:
    assert len(separated(lopsided(12))) == 1
    assert len(separated(disc(12))) <= 4
    for fir in (disc(12), disc(24), torch.rand(6, 6)):
        parts = torch.stack([torch.outer(down, across) for down, across in separated(fir)])
        assert torch.allclose(parts.sum(dim=0), fir.double(), atol=2e-6 * float(fir.abs().max()))
