"""Pictures wider or higher than trained: the trained square in the middle, and more around it.

Sizes are counted in cells of the grid that the input is sampled on: 8 to the side of StyleGAN-T's
square, 4 of StyleGAN2's, 16 of StyleGAN3's.  A layer at a resolution `r` has `r / grid` samples
for each cell.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Extent(NamedTuple):
    """The height and the width of a picture, in cells."""

    rows: int
    columns: int


def lead(size: int, side: int, grid: int) -> int:
    """Return how many samples lie before the trained square.

    Args:
        size: of the whole axis, in samples.
        side: of the square, in samples.
        grid: cells of the square.
    """
    each = side // grid
    return (size - side) // each // 2 * each


def centre(x: Tensor, side: int, grid: int) -> Tensor:
    """The trained square of features [..., H, W]."""
    top, left = (lead(size, side, grid) for size in x.shape[-2:])
    return x[..., top : top + side, left : left + side]


def extended(square: Tensor, height: int, width: int, grid: int) -> Tensor:
    """A map [..., H, W] as large as wanted, mirrored at its edges, as often as it takes.

    Args:
        square: a learned constant, noise, or places; it stays where `lead` says.
        height, width: at least H and W.
        grid: cells of the square; as many as samples where each is one.
    """
    return _along(_along(square, height, -2, grid), width, -1, grid)


def _along(x: Tensor, size: int, axis: int, grid: int) -> Tensor:
    side = x.shape[axis]
    if size == side:
        return x
    first = lead(size, side, grid)
    places = (torch.arange(size, device=x.device) - first) % (2 * side)
    return x.index_select(axis, torch.where(places < side, places, 2 * side - 1 - places))
