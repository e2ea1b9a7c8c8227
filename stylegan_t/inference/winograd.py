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

from stylegan_t.inference.products import Factor, multiply

TILE, REACH = 4, 6
"""Pixels of the output and of the input of one tile, each way."""
GROWTH = 4
"""Factor by which the weights grow: 36 numbers instead of 9."""
CHUNK_BYTES = 8_000_000
"""Amount of input transformed at once: it stays in the processor's cache (measured)."""
MIN_TILES = 64
"""Fewer at once make products of matrices that are too flat to be fast."""

LEAST_CHANNELS, LEAST_SIDE = 256, 32
"""Narrower layers and smaller images gain nothing (one thread, in parts of the direct sum's time:
512 channels at 64 px .53, 256 at 128 px .67, 128 at 256 px 1.05; 512 at 16 px 1.12)."""

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
        places = tiles.reshape(REACH * REACH, inputs, outputs).float()
        self.nbytes = places.nbytes
        """Memory that the weights take."""
        self._outputs, self._weights = outputs, [Factor(place) for place in places]
        self._from_input = _both_ways(_FROM_INPUT)
        self._to_output = _both_ways(_TO_OUTPUT)

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
        down, across, outputs = height // TILE, width // TILE, self._outputs
        y = torch.empty(height, width, outputs, dtype=x.dtype)
        at_once = min(down, rows_at_once(inputs, across))
        band = torch.empty(TILE * at_once + 2, width + 2, inputs, dtype=x.dtype)
        for top in range(0, down, at_once):
            count = min(at_once, down - top)
            _fill(band, x, style, TILE * top)
            parts = self._sums(_tiles(band, count, across), count * across)
            rows = slice(TILE * top, TILE * (top + count))
            target = y[rows].view(count, TILE, across, TILE, outputs)
            parts = parts.view(TILE, TILE, count, across, outputs)
            finish(parts.permute(2, 0, 3, 1, 4), target, rows)
        # The first axis comes before the others move: without its usual stride the library for
        # convolutions does not know the order in memory, and copies everything at every use.
        return y[None].permute(0, 3, 1, 2)

    def _sums(self, tiles: Tensor, count: int) -> Tensor:
        """`count` tiles [36, count * I] of the input to those of the output, [16, count * O]."""
        seen = multiply(self._from_input, tiles).view(len(self._weights), count, -1)
        made = seen.new_empty(len(seen), count, self._outputs)
        for place, weight in enumerate(self._weights):
            made[place] = weight(seen[place])
        return multiply(self._to_output, made.flatten(1))


def suits(inputs: int, outputs: int, side: int) -> bool:
    """Return whether it is not slower than the direct sum for images of `side` pixels.

    It depends on the layer alone: a choice by a measurement could differ from process to process,
    and with it the last bits of an image.
    """
    return side % TILE == 0 and side >= LEAST_SIDE and min(inputs, outputs) >= LEAST_CHANNELS


def rows_at_once(inputs: int, across: int) -> int:
    """Return how many rows of tiles are computed together."""
    wanted = max(MIN_TILES, CHUNK_BYTES // (REACH * REACH * 4 * inputs))
    return max(1, wanted // across)


def _fill(band: Tensor, x: Tensor, style: Tensor, top: int) -> None:
    """Put the rows of [1, C, H, W] around those from `top` on into `band` [rows + 2, W + 2, C],
    times a factor for each channel, with zeros outside of the picture."""
    height = x.shape[2]
    first, stop = max(0, top - 1), min(height, top - 1 + len(band))
    begin, end = first - top + 1, stop - top + 1
    for border in (band[:begin], band[end:], band[:, 0], band[:, -1]):
        border.zero_()
    # Height, width, channels: each pixel's channels lie side by side.
    rows = x[0, :, first:stop].permute(1, 2, 0)
    torch.mul(rows, style, out=band[begin:end, 1:-1])


def _tiles(padded: Tensor, down: int, across: int) -> Tensor:
    """Overlapping tiles of [H, W, C], from its first rows on: [36, down * across * C], the places
    in a tile first."""
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
