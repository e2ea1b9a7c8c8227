"""A look inside the synthesis: plain values that panels show; no tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # panels use this file in the window's first second
    import numpy as np


@dataclass(frozen=True)
class Choice:
    """The subject of a look: a layer by its name (empty: the first), and one of its channels.

    `channel` None is the mean over all channels.  With `own_range` every channel of the overview
    takes the whole range of colours for itself, else all share the layer's.  A `reach` above 0 is
    the value that has the brightest colour, in every look: frames of a video do not flicker.
    """

    layer: str = ""
    channel: int | None = None
    own_range: bool = True
    reach: float = 0.0


MAX_CHANNELS_SHOWN = 16
"""Channels of a layer side by side in a video."""


@dataclass(frozen=True)
class LayerChoice:
    """The subject of a video of a layer: its name, and channels from 0; without any, the mean.

    With `everything` all channels stand small in one picture.
    """

    layer: str
    channels: tuple[int, ...] = ()
    everything: bool = False


@dataclass(frozen=True)
class LayerStats:
    """One layer of the synthesis and what came out of it for one picture.

    `row` is the row of w that it reads; `weight` the shape of its weights; `resolution` and
    `channels` those of its activations.  `zeros` is the share of activations that are exactly zero,
    `clamped` of those that are cut to the layer's limit, both 0 to 1; None where the limit acts
    inside the layer, before a sum, and cannot be seen from outside.
    """

    name: str
    row: int
    resolution: int
    channels: int
    weight: tuple[int, ...]
    mean: float
    std: float
    low: float
    high: float
    zeros: float
    clamped: float | None


@dataclass(frozen=True, eq=False)
class ChannelView:
    """One channel, or the mean over all channels, of one layer.

    Args:
        layer: the layer's name.
        channel: counted from 0; None for the mean.
        channels: how many the layer has.
        values: float32 [H, W], row 0 at the top.
        picture: the same in colours, uint8 [H', W', 3], small ones enlarged by whole pixels.
        reach: the value that has the brightest colour, on both sides of zero.
        atlas: all channels small, uint8 [rows * cell, columns * cell, 3], row by row; the first
            cell is the mean.
        cell: side of a cell in pixels.
        columns: cells in a row of the atlas.
        counts: a histogram of the channel's values, or of the whole layer's for the mean.
        low, high: its ends, and the smallest and largest value.
        spectrum: 2-D spectrum in colours, uint8 [H', W', 3], the constant part in the middle.
        profile: mean power of each ring of the spectrum in decibels, from the lowest frequency to
            the highest that the layer can hold.
    """

    layer: str
    channel: int | None
    channels: int
    values: np.ndarray
    picture: np.ndarray
    reach: float
    atlas: np.ndarray
    cell: int
    columns: int
    counts: tuple[int, ...]
    low: float
    high: float
    spectrum: np.ndarray
    profile: tuple[float, ...]

    def at(self, x: float, y: float) -> float:
        """The value at a place: 0, 0 is the upper left corner, 1, 1 the lower right."""
        rows, columns = self.values.shape
        row = min(max(int(y * rows), 0), rows - 1)
        column = min(max(int(x * columns), 0), columns - 1)
        return float(self.values[row, column])


@dataclass(frozen=True, eq=False)
class LayerReport:
    """All layers in the order in which they draw, and one of them from near."""

    layers: tuple[LayerStats, ...]
    view: ChannelView
