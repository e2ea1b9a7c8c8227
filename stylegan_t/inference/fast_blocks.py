"""The blocks of a synthesis, prepared for drawing one picture at a time, whatever the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.extent import Extent, extended
from stylegan_t.family import stylegan2, stylegan3
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import StyleEdits
from stylegan_t.inference.bending import Bends, Effect, bent
from stylegan_t.inference.fast_layers import FastColours, FastLayer
from stylegan_t.inference.fast_styles import FastStyle
from stylegan_t.inference.filtered import FilteredLayer
from stylegan_t.layers import UP_GAIN, SynthesisLayer
from stylegan_t.network import BlockParts

BlockEffects = tuple[tuple[Effect, ...], ...]
"""For the source and each layer of a block, what is done to what comes out; empty for nothing."""


class Drawing(Protocol):
    """A prepared convolution: what makes its style, and features to features."""

    @property
    def dtype(self) -> torch.dtype:
        """The type of its features."""
        ...

    @property
    def style(self) -> FastStyle:
        """Makes its style, [I]."""
        ...

    @property
    def side(self) -> int:
        """The side of the features that it convolves."""
        ...

    @property
    def work(self) -> float:
        """About how many multiplications it takes."""
        ...

    def pack(self, budget_bytes: int) -> int:
        """Keep a copy of the weights in a faster form, of at most `budget_bytes`; return its
        size."""
        ...

    def __call__(self, x: Tensor, style: Tensor, grain: Tensor | None, /) -> Tensor:
        """Features [1, I, H, W], a style and noise with its gain to [1, O, H', W']."""
        ...


class FastBlock:
    """All layers of one resolution, prepared.

    Args:
        parts: what the network says of the block.
        latent_dim: columns of a row of w that are latent.
        num_ws: how many rows w has.
        names: the path of every module in the synthesis.
        grid: cells to the side of the input's square.
    """

    def __init__(
        self,
        parts: BlockParts,
        latent_dim: int,
        num_ws: int,
        names: Mapping[nn.Module, str],
        grid: int,
    ) -> None:
        self.resolution, self._start, self._num_ws = parts.resolution, parts.start, num_ws
        self._source, self._grid = parts.source, grid
        bendable = [parts.source if isinstance(parts.source, nn.Module) else None, *parts.layers]
        self._names = [names.get(part, "") if part is not None else "" for part in bendable]
        self._colours_name = "" if parts.colours is None else names.get(parts.colours, "")
        self.layers = [_prepared(layer, latent_dim) for layer in parts.layers]
        self.grainy = [
            layer for layer in self.layers if isinstance(layer, FastLayer) and layer.grainy
        ]
        """The layers that take noise."""
        self.colours = None
        if parts.colours is not None:
            self.colours = FastColours(parts.colours, latent_dim, parts.gain)
        self._past = parts.past if isinstance(parts.past, stylegan2.Skip) else None
        self._taps = None if parts.fir is None else (parts.fir * UP_GAIN).float()

    def styles(
        self, rows: Tensor, transform: Tensor | None, edits: StyleEdits
    ) -> tuple[tuple[Tensor | None, ...], Tensor | None]:
        """Return what the features are drawn from (for Fourier features the input's placement and
        the user's transform, then the style of each layer), and the style of the colour output, or
        None where there is none.

        Args:
            rows: [num_ws, w_dim].
            transform: [3, 3] or None.
            edits: what is added to styles, by row of w.
        """
        found: list[Tensor | None] = []
        row = self._start
        if isinstance(self._source, SynthesisInput):
            placement = self._source.affine(rows[row : row + 1])[0]
            found += [_edited(placement, edits.get(row)), transform]
            row += 1
        for index, layer in enumerate(self.layers, row):
            found.append(_edited(layer.style(rows[index]), edits.get(index)))
        if self.colours is None:
            return tuple(found), None
        row = self._start + self._rows
        # Only the last colour output has a row of its own; the others share the next block's.
        edit = edits.get(row) if row == self._num_ws - 1 else None
        return tuple(found), _edited(self.colours.style(rows[row]), edit)

    def effects(self, bends: Bends) -> tuple[BlockEffects, tuple[Effect, ...]]:
        """Return what is done to what comes out of the source and of each layer, and to the
        colours."""
        if not bends:
            return (), ()
        each = tuple(tuple(bends.get(name, ())) for name in self._names)
        return each if any(each) else (), tuple(bends.get(self._colours_name, ()))

    def forget(self) -> None:
        """Drop what it has recorded: here, nothing."""

    @property
    def _rows(self) -> int:
        """Number of rows of w that are read before that of the colours."""
        return len(self.layers) + isinstance(self._source, SynthesisInput)

    def features(
        self,
        x: Tensor | None,
        styles: tuple[Tensor | None, ...],
        grains: Sequence[Tensor | None],
        done: Callable[[float], None],
        effects: BlockEffects = (),
        extent: Extent | None = None,
    ) -> Tensor:
        """Features of the coarser block, None for the first, to those of this one; `done` is told
        the work of each layer behind it."""
        parts, noise = iter(styles), iter(grains)
        bends = iter(effects or [()] * len(self._names))
        if isinstance(self._source, SynthesisInput):
            placement, transform = next(parts), next(parts)
            assert placement is not None
            x = _channels_last(self._source.draw(placement[None], transform, extent))
        elif isinstance(self._source, Tensor):
            const = stylegan2.extended_constant(self._source.detach(), extent)
            x = _channels_last(const[None])
        assert x is not None
        x = bent(x, next(bends))
        past = None if self._past is None else self._past(x)
        for layer in self.layers:
            style = next(parts)
            assert style is not None
            grain = next(noise) if layer in self.grainy else None
            if grain is not None:
                grain = self._grain(grain, extent).to(layer.dtype)[None, None]
            x = bent(layer(x.to(layer.dtype), style, grain), next(bends))
            done(layer.work)
        return x if past is None else x.add_(past)

    def _grain(self, grain: Tensor, extent: Extent | None) -> Tensor:
        if extent is None:
            return grain
        each = self.resolution // self._grid
        return extended(grain, extent.rows * each, extent.columns * each, self._grid)

    def picture(
        self,
        x: Tensor,
        image: Tensor | None,
        style: Tensor | None,
        effects: Sequence[Effect] = (),
    ) -> Tensor | None:
        """The picture of the coarser block, with this one's colours."""
        if image is not None:
            image = self._doubled(image)
        if self.colours is None:
            return image
        assert style is not None
        colour = self.colours(x, style, effects)
        return colour if image is None else image.add_(colour)

    def _doubled(self, image: Tensor) -> Tensor:
        """Twice the size, by the resampling filter."""
        assert self._taps is not None
        taps, (channels, height, width) = len(self._taps), image.shape[1:]
        kernel = self._taps.expand(channels, 1, taps, taps)
        # Where the filter has an odd number of taps, one more comes out at the end.
        cut = taps - 1 - (taps + 1) // 2
        large = F.conv_transpose2d(image, kernel, stride=2, padding=cut, groups=channels)
        return large[:, :, : 2 * height, : 2 * width]


def _prepared(layer: nn.Module, latent_dim: int) -> Drawing:
    if isinstance(layer, stylegan3.SynthesisLayer):
        return FilteredLayer(layer, latent_dim)
    assert isinstance(layer, SynthesisLayer | stylegan2.SynthesisLayer)
    return FastLayer(layer, latent_dim)


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def _edited(style: Tensor, edit: Tensor | None) -> Tensor:
    return style if edit is None else style + edit.reshape(-1)
