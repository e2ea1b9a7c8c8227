"""3x3 convolutions with a quarter of the multiplications, for the processor.

Tiles of 4x4 pixels of the output are computed from tiles of 6x6 of the input: F(4x4, 3x3) of
Lavin and Gray 2015, "Fast Algorithms for Convolutional Neural Networks".  Both transforms are
matrix products with small constant matrices over all tiles and channels at once, the multiplication
is one product of matrices for each of the 36 places in a tile.  In float32 the result differs from
the direct sum by about 1e-5 of the largest value.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

TILE, REACH = 4, 6
"""Pixels of the output and of the input of one tile, each way."""
GROWTH = 4
"""Factor by which the weights grow: 36 numbers instead of 9."""
CHUNK_BYTES = 4_000_000
"""Amount of input transformed at once: it stays in the processor's cache (measured)."""
MIN_TILES = 64
"""Fewer at once make products of matrices that are too flat to be fast."""

LEAST_CHANNELS = 256
"""Fewer gain nothing where matrices are multiplied more slowly than images are convolved: at 64 px
on such a processor, 256 channels take 0.95 of the direct sum's time and 64 take 2.5 times as long;
elsewhere many channels gain up to half."""

_FROM_INPUT = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_FROM_WEIGHT = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
_TO_OUTPUT = ((1, 1, 1, 1, 1, 0), (0, 1, -1, 2, -2, 0), (0, 1, 1, 4, 4, 0), (0, 1, -1, 8, -8, 1))


Finish = Callable[[Tensor, Tensor, slice], None]
"""Takes sums of some rows, the place where they go, both [rows / 4, 4, W / 4, 4, O], and which rows
of the picture they are; it fills the place, whose memory is [rows, W, O]."""


class Winograd:
    """A 3x3 convolution with padding 1, in float32 on the processor.

    Args:
        weight: [O, I, 3, 3] float32; kept as 36 / 9 times as many numbers.
    """

    def __init__(self, weight: Tensor) -> None:
        outputs, inputs = weight.shape[:2]
        rows = torch.tensor(_FROM_WEIGHT, dtype=torch.float64)
        tiles = torch.einsum("ai,ocij,bj->abco", rows, weight.double(), rows)
        self._weight = tiles.reshape(REACH * REACH, inputs, outputs).float().contiguous()
        self._from_input = _both_ways(_FROM_INPUT)
        self._to_output = _both_ways(_TO_OUTPUT)

    @property
    def nbytes(self) -> int:
        """Memory that the weights take."""
        return self._weight.nbytes

    def __call__(self, x: Tensor, style: Tensor, finish: Finish) -> Tensor:
        """Convolve, a few rows at a time, each finished while it is in the processor's cache.

        Args:
            x: [1, I, H, W] float32; height and width are multiples of 4.
            style: [I], what the input channels are multiplied by.
            finish: what becomes of the sums.

        Returns:
            [1, O, H, W] float32, channels last in memory.
        """
        _, inputs, height, width = x.shape
        down, across, outputs = height // TILE, width // TILE, self._weight.shape[2]
        padded = _padded(x, style)
        y = torch.empty(height, width, outputs, dtype=x.dtype)
        at_once = rows_at_once(inputs, across)
        for top in range(0, down, at_once):
            count = min(at_once, down - top)
            tiles = _tiles(padded[TILE * top :], count, across)
            seen = torch.mm(self._from_input, tiles).view(REACH * REACH, count * across, inputs)
            made = torch.bmm(seen, self._weight).view(REACH * REACH, -1)
            parts = torch.mm(self._to_output, made).view(TILE, TILE, count, across, outputs)
            rows = slice(TILE * top, TILE * (top + count))
            target = y[rows].view(count, TILE, across, TILE, outputs)
            finish(parts.permute(2, 0, 3, 1, 4), target, rows)
        return y.permute(2, 0, 1)[None]


def suits(inputs: int, outputs: int, side: int) -> bool:
    """Return whether it is not slower than the direct sum for images of `side` pixels.

    It depends on the layer alone: a choice by a measurement could differ from process to process,
    and with it the last bits of an image.
    """
    return side % TILE == 0 and side >= 16 and min(inputs, outputs) >= LEAST_CHANNELS


def rows_at_once(inputs: int, across: int) -> int:
    """Return how many rows of tiles are computed together."""
    wanted = max(MIN_TILES, CHUNK_BYTES // (REACH * REACH * 4 * inputs))
    return max(1, wanted // across)


def _padded(x: Tensor, style: Tensor) -> Tensor:
    """[1, C, H, W] times a factor for each channel, with a border of zeros: [H + 2, W + 2, C]."""
    _, channels, height, width = x.shape
    padded = torch.empty(height + 2, width + 2, channels, dtype=x.dtype)
    for border in (padded[0], padded[-1], padded[:, 0], padded[:, -1]):
        border.zero_()
    # Height, width, channels: each pixel's channels lie side by side.
    torch.mul(x[0].permute(1, 2, 0), style, out=padded[1:-1, 1:-1])
    return padded


def _tiles(padded: Tensor, down: int, across: int) -> Tensor:
    """Overlapping tiles of [H, W, C]: [36, down * across * C], the places in a tile first."""
    row, column, channel = padded.stride()
    channels = padded.shape[2]
    view = padded.as_strided(
        (REACH, REACH, down, across, channels),
        (row, column, TILE * row, TILE * column, channel),
    )
    return view.reshape(REACH * REACH, -1)


def _both_ways(rows: tuple[tuple[float, ...], ...]) -> Tensor:
    """The transform of rows and columns as one matrix over the places of a tile."""
    one = torch.tensor(rows, dtype=torch.float64)
    return torch.kron(one, one).float().contiguous()
