"""StyleGAN3's filtered leaky ReLU for the processor, as products of matrices.

To resample a line is to multiply it by a matrix with a band of filter taps.  All tiles of a line
see the same part of that band, so a small dense matrix times overlapping windows does the work: a
few more multiplications than taps, at ten times the speed of a convolution of single channels.  The
high rate exists for a few rows at a time, which stay in the processor's cache.

A filter of two dimensions is a sum of separable ones (its singular vectors).  Those of StyleGAN3-R,
the same in every direction, need no more than four.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

TILE = 32
"""Samples at the high rate that are made by one product, about."""
CHUNK_BYTES = 2_000_000
"""Amount of samples at the high rate that are worked on at once: it stays in the processor's cache
(from a quarter to twice as much is equally fast)."""
RANK_TOLERANCE = 1e-6
"""Separable parts of a filter that are smaller than this share of its largest are left out."""


@dataclass(frozen=True)
class Axis:
    """One axis of the resampling: sizes, and where the taps lie.

    Attributes:
        size: samples that come in.
        up, down: factors.
        up_taps, down_taps: lengths of the filters.
        before, after: zeros around what comes in, at the high rate; negative numbers crop.
    """

    size: int
    up: int
    down: int
    up_taps: int
    down_taps: int
    before: int
    after: int

    @property
    def high(self) -> int:
        """Samples at the high rate."""
        return self.size * self.up + self.before + self.after - self.up_taps + 1

    @property
    def out(self) -> int:
        """Samples that go out."""
        return (self.high - self.down_taps) // self.down + 1

    @property
    def step(self) -> int:
        """Samples at the high rate after which everything repeats."""
        return math.lcm(self.up, self.down)

    @property
    def first(self) -> int:
        """The index of the first sample that is read; negative ones are zeros."""
        return -(self.before // self.up)

    def read(self, high: int) -> int:
        """Number of samples that so many at the high rate are made from."""
        return (self.up_taps - 1 - self.before + high - 1) // self.up - self.first + 1

    def raising(self, fir: Tensor, high: int) -> Tensor:
        """The matrix [high, read(high)] from samples to the high rate."""
        rows = torch.arange(high)[:, None]
        columns = torch.arange(self.read(high))[None, :] + self.first
        return _banded(fir, self.up_taps - 1 - self.before + rows - self.up * columns)

    def lowering(self, fir: Tensor, out: int) -> Tensor:
        """The matrix [out, (out - 1) * down + taps] from the high rate to what goes out."""
        rows = torch.arange(out)[:, None]
        columns = torch.arange((out - 1) * self.down + self.down_taps)[None, :]
        return _banded(fir, self.down_taps - 1 - columns + rows * self.down)


def _banded(fir: Tensor, index: Tensor) -> Tensor:
    inside = (index >= 0) & (index < len(fir))
    return torch.where(inside, fir[index.clamp(0, len(fir) - 1)], 0.0).float()


def separated(fir: Tensor) -> list[tuple[Tensor, Tensor]]:
    """A filter as a sum of separable ones: pairs of lines, down and across, in float64.

    Args:
        fir: [taps], the same both ways, or [taps, taps].
    """
    if fir.ndim == 1:
        return [(fir.double(), fir.double())]
    left, sizes, right = torch.linalg.svd(fir.double())
    count = int((sizes > RANK_TOLERANCE * sizes[0]).sum())
    return [(left[:, i] * sizes[i], right[i]) for i in range(count)]


class FilteredActivation:
    """Up, leaky ReLU, clamp, down: `stylegan_t.family.resampling.filtered_lrelu` without its bias,
    for one picture in float32.

    Args:
        axis: both of its axes; `sized` gives the same for another height and width.
        up_fir: [taps], or None where there is no filter.
        down_fir: [taps], [taps, taps] or None.
        gain, slope: of the leaky ReLU.
        clamp: bound at the high rate, or None.
    """

    def __init__(
        self,
        axis: Axis,
        up_fir: Tensor | None,
        down_fir: Tensor | None,
        *,
        gain: float,
        slope: float,
        clamp: float | None,
    ) -> None:
        self.axis, self.slope, self.clamp = axis, slope, clamp
        self._rows = self._columns = axis
        one = torch.ones(1, dtype=torch.float64)
        raising = one if up_fir is None else up_fir.double()
        # A leaky ReLU of a multiple is the multiple of the leaky ReLU.
        self._rows_fir = raising * axis.up * gain
        self.tile = axis.step * max(1, TILE // axis.step)
        self.across = axis.raising(raising * axis.up, self.tile)
        self._out_tile = self.tile // axis.down
        pairs = separated(one if down_fir is None else down_fir)
        self.lower = [
            (axis.lowering(down, self._out_tile), axis.lowering(across, self._out_tile))
            for down, across in pairs
        ]

    def sized(self, height: int, width: int) -> FilteredActivation:
        """The same for what comes in with another height and width; its matrices are shared."""
        other = copy.copy(self)
        other._rows = dataclasses.replace(self.axis, size=height)
        other._columns = dataclasses.replace(self.axis, size=width)
        return other

    @property
    def tiles(self) -> int:
        """Number of tiles in a row."""
        axis = self._columns
        return max(-(-axis.high // self.tile), -(-axis.read(axis.high) // (self.tile // axis.up)))

    @property
    def pitch(self) -> int:
        """Pixels of a row of what comes in, with what is around it."""
        return self.tiles * (self.tile // self.axis.up)

    def _rows_at_once(self, channels: int) -> int:
        """Rows at the high rate that are worked on at once."""
        row_bytes = self.tiles * self.tile * channels * 4
        return self.axis.step * max(1, min(TILE, CHUNK_BYTES // row_bytes) // self.axis.step)

    def room(self, channels: int) -> tuple[Tensor, Tensor]:
        """Return memory for what comes in: all of it, with zeros around, [rows, pitch, C], and the
        place for the pixels, [height, width, C]; the first or last pixels have none where the
        picture is cropped, see `taken`."""
        axis, at_once = self._rows, self._rows_at_once(channels)
        chunks = -(-axis.high // at_once)
        rows = (chunks - 1) * (at_once // axis.up) + axis.read(at_once)
        rows = max(rows, axis.size - axis.first)
        whole = torch.empty(rows, self.pitch, channels)
        start, (down, across) = max(0, -axis.first), self.taken
        stop, right = start + down.stop - down.start, start + across.stop - across.start
        for border in (whole[:start], whole[stop:], whole[start:stop, :start]):
            border.zero_()
        whole[start:stop, right:].zero_()
        return whole, whole[start:stop, start:right]

    @property
    def taken(self) -> tuple[slice, slice]:
        """The rows, and the columns, of the picture that are looked at."""
        start, first = max(0, self.axis.first), self.axis.first
        return slice(start, self._rows.size), slice(
            start, min(self._columns.size, first + self.pitch)
        )

    def __call__(self, whole: Tensor) -> Tensor:
        """Filter what was put into the `room`: [height, width, C], as many as go out."""
        axis, channels = self._rows, whole.shape[2]
        at_once = self._rows_at_once(channels)
        raising = axis.raising(self._rows_fir, at_once)
        tall = (self._out_tile - 1) * axis.down + axis.down_taps
        width = self.tiles * self._out_tile
        bands = whole.new_empty(len(self.lower), tall + at_once, width * channels)
        work = _Rows(self, at_once, channels)
        out = whole.new_empty(axis.out, self._columns.out, channels)
        begun = made = 0
        for row in range(0, axis.out, self._out_tile):
            rows = min(self._out_tile, axis.out - row)
            reach = (rows - 1) * axis.down + axis.down_taps
            while made < row * axis.down + reach:
                start = made // axis.up
                work.raised(raising, whole[start : start + raising.shape[1]])
                work.lowered(bands[:, made - begun : made - begun + at_once])
                made += at_once
            self._down(bands[:, :reach], out[row : row + rows])
            # What the next rows read, too, moves to the front.
            kept, passed = made - begun, rows * axis.down
            if kept > passed:
                bands[:, : kept - passed] = bands[:, passed:kept].clone()
            begun += passed
        return out

    def _down(self, bands: Tensor, out: Tensor) -> None:
        """Rows at the high rate, filtered across already, to `out` [rows, width, C]."""
        target = out.view(len(out), -1)
        for index, ((down, _), band) in enumerate(zip(self.lower, bands, strict=True)):
            down, seen = down[: len(out), : len(band)], band[:, : target.shape[1]]
            if index:
                target.addmm_(down, seen)
            else:
                torch.mm(down, seen, out=target)


class _Rows:
    """Some rows at the high rate, in memory that is used again and again."""

    def __init__(self, of: FilteredActivation, rows: int, channels: int) -> None:
        self._of, self._count = of, rows * of.tiles
        step, tile = of.tile // of.axis.up, of.tile
        reads, sees = of.across.shape[1], of.lower[0][1].shape[1]
        # Zeros behind the end, where the last windows see more than there is.
        raised = torch.zeros(self._count * step + reads, channels)
        high = torch.zeros(self._count * tile + sees, channels)
        self._raised = raised[: self._count * step].view(rows, -1)
        self._raised_windows = self._windows(raised, step, reads)
        self._high = high[: self._count * tile]
        self._high_windows = self._windows(high, tile, sees)

    def _windows(self, samples: Tensor, step: int, length: int) -> Tensor:
        """Overlapping windows of [samples, C]: [count, length, C]."""
        channels = samples.shape[1]
        return samples.as_strided((self._count, length, channels), (step * channels, channels, 1))

    def raised(self, raising: Tensor, source: Tensor) -> None:
        """Take what comes in, [rows, pitch, C], to the high rate, and activate it."""
        of = self._of
        torch.mm(raising, source.flatten(1), out=self._raised)
        tiles = self._high.view(self._count, of.tile, -1)
        torch.bmm(of.across.expand(self._count, -1, -1), self._raised_windows, out=tiles)
        F.leaky_relu_(self._high, of.slope)
        if of.clamp is not None:
            self._high.clamp_(-of.clamp, of.clamp)

    def lowered(self, bands: Tensor) -> None:
        """Filter across: to [filters, rows, width * C]."""
        for (_, across), band in zip(self._of.lower, bands, strict=True):
            into = band.view(self._count, len(across), -1)
            torch.bmm(across.expand(self._count, -1, -1), self._high_windows, out=into)
