"""The synthesis prepared for inference: the numbers of `SynthesisNetwork`, in less time.

One picture at a time, on one device, in the type of the weights.  Besides the layers of
`fast_layers`, two things save work: what depends on the weights alone is computed once, and a
picture that differs from the last one only in later blocks begins at the first that differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.generator import (
    NO_EDITS,
    NoiseMode,
    OnBlock,
    StyleEdits,
    SynthesisBlock,
    SynthesisNetwork,
)
from stylegan_t.inference.fast_layers import FastLayer, FastRGB
from stylegan_t.layers import UP_GAIN, SynthesisLayer

PACKED_BYTES = 1_500_000_000
"""Default maximum of memory for packed copies of weights."""


@dataclass(eq=False)
class _Kept:
    """What a block gave: features `x`, and what they were made from (styles, placement and noise),
    and the `image` so far with the style of its colours."""

    made_from: tuple[Tensor | None, ...]
    noise: tuple[object, ...]
    x: Tensor
    colours: Tensor | None = None
    image: Tensor | None = None


class FastSynthesis:
    """Draws as `network` does.

    The weights that it needs in another form are copied, the others shared; so `network` must not
    be trained meanwhile.  For one thread at a time.

    Args:
        network: in float32 or bfloat16, see `suits`.
        packed_bytes: most memory for packed copies of weights.
    """

    def __init__(self, network: SynthesisNetwork, packed_bytes: int = PACKED_BYTES) -> None:
        config = network.config
        self.config = config
        resolutions = config.block_resolutions
        with torch.no_grad():
            self._blocks = [FastBlock(network.block(side), config.z_dim) for side in resolutions]
            self.packed_bytes = 0
            """What packed copies of weights take."""
            layers = [layer for block in self._blocks for layer in block.layers]
            # The largest pictures gain most by a copy of their weights.
            for layer in sorted(layers, key=lambda layer: layer.side, reverse=True):
                self.packed_bytes += layer.pack(packed_bytes - self.packed_bytes)
        self._kept: list[_Kept] = []
        self.blocks_drawn = 0
        """Number of blocks that the last picture took."""

    recorded = False

    @staticmethod
    def suits(network: SynthesisNetwork) -> bool:
        """Return whether this path can draw what `network` draws: not in float16, and no module of
        it has a hook, which would not be called."""
        dtype = network.block(network.config.block_resolutions[0]).dtype
        return dtype in (torch.float32, torch.bfloat16) and not FastSynthesis.hooked(network)

    @staticmethod
    def hooked(network: SynthesisNetwork) -> bool:
        """Return whether any module of `network` has a hook."""
        return any(
            module._forward_hooks or module._forward_pre_hooks for module in network.modules()
        )

    def forget(self) -> None:
        """Drop what was kept of the last picture."""
        self._kept.clear()

    @torch.inference_mode()
    def __call__(
        self,
        ws: Tensor,
        noise_mode: NoiseMode = "random",
        *,
        noise_seed: int | None = None,
        noise_strength: float | Sequence[float] = 1.0,
        transform: Tensor | None = None,
        style_edits: StyleEdits = NO_EDITS,
        on_block: OnBlock | None = None,
    ) -> Tensor:
        """Draw one picture; the arguments are those of `SynthesisNetwork.forward`, with one row.

        Args:
            ws: [1, num_ws, w_dim] float32.
            noise_mode: "const", "random" or "none".
            noise_seed: makes "random" repeatable.
            noise_strength: for all blocks, or one for each.
            transform: [3, 3], as there.
            style_edits: as there.
            on_block: called after each block with its resolution and the picture so far; blocks
                that were kept from the last picture are told, too.

        Returns:
            [1, img_channels, R, R] float32.
        """
        noises = Noises(noise_mode, noise_seed, by_block(noise_strength, len(self._blocks)))
        rows, x, image = ws[0].float(), None, None
        same_x = same_image = True
        self.blocks_drawn = 0
        for index, block in enumerate(self._blocks):
            start = index * self.config.convs_per_block
            own = rows[start : start + self.config.convs_per_block + 1]
            made_from, colours = block.styles(
                own, transform, style_edits, start, self.config.num_ws
            )
            noise = noises.key(index)
            same_x = same_x and self._keeps_features(index, made_from, noise)
            if same_x:
                noises.skip(index, block.layers)
            else:
                del self._kept[index:]
                x = block.features(x, made_from, noises.grains(index, block.layers))
                self._kept.append(_Kept(made_from, noise, x))
                self.blocks_drawn += 1
            kept = self._kept[index]
            x = kept.x
            # The row of the next block's first layer is that of this one's colours, too.
            same_image = same_image and same_x and _equal(kept.colours, colours)
            if not same_image:
                kept.colours, kept.image = colours, block.picture(x, image, colours)
            image = kept.image
            if on_block is not None:
                on_block(block.resolution, image)
        assert image is not None
        return image

    def _keeps_features(
        self, index: int, made_from: tuple[Tensor | None, ...], noise: object
    ) -> bool:
        if index >= len(self._kept) or self._kept[index].noise != noise:
            return False
        pairs = zip(self._kept[index].made_from, made_from, strict=True)
        return all(_equal(a, b) for a, b in pairs)


class FastBlock:
    """All layers of one resolution, prepared."""

    def __init__(self, block: SynthesisBlock, z_dim: int) -> None:
        self.resolution, self.dtype = block.resolution, block.dtype
        self.input = block.input if block.first else None
        layers = [] if block.first else [block.conv0]
        for layer in block.convs1:
            assert isinstance(layer, SynthesisLayer)
            layers.append(layer)
        self.layers = [FastLayer(layer, z_dim) for layer in layers]
        self.rgb = FastRGB(block.torgb, z_dim) if block.has_rgb else None
        taps = block.resample_filter.flip([0, 1]) * UP_GAIN
        self.taps = taps.float()

    def styles(
        self,
        rows: Tensor,
        transform: Tensor | None,
        edits: StyleEdits,
        start: int,
        num_ws: int,
    ) -> tuple[tuple[Tensor | None, ...], Tensor | None]:
        """Return what the features are drawn from (for the first block the input's placement and
        the user's transform, then the style of each layer), and the style of the colour output, or
        None where there is none.

        Args:
            rows: [convs + 1, w_dim], this block's and that of the colour output.
            transform: [3, 3] or None.
            edits: what is added to styles, by row of w.
            start: the row of w that `rows` begins with.
            num_ws: how many rows w has.
        """
        found: list[Tensor | None] = []
        offset = 0
        if self.input is not None:
            placement = self.input.affine(rows[:1])[0]
            found += [_edited(placement, edits.get(start)), transform]
            offset = 1
        for index, layer in enumerate(self.layers, offset):
            found.append(_edited(layer.style(rows[index]), edits.get(start + index)))
        if self.rgb is None:
            return tuple(found), None
        last = offset + len(self.layers)
        # Only the last colour output has a row of its own; the others share the next block's.
        edit = edits.get(start + last) if start + last == num_ws - 1 else None
        return tuple(found), _edited(self.rgb.style(rows[last]), edit)

    def features(
        self,
        x: Tensor | None,
        styles: tuple[Tensor | None, ...],
        grains: Sequence[Tensor | None],
    ) -> Tensor:
        """Features of the coarser block, None for the first, to those of this one."""
        parts = iter(styles)
        if self.input is not None:
            placement, transform = next(parts), next(parts)
            assert placement is not None
            x = self.input.draw(placement[None], transform).to(self.dtype)
            x = x.contiguous(memory_format=torch.channels_last)
        assert x is not None
        for layer, grain in zip(self.layers, grains, strict=True):
            style = next(parts)
            assert style is not None
            noise = None if grain is None else grain.to(layer.dtype)[None, None]
            x = layer(x, style, noise)
        return x

    def picture(self, x: Tensor, image: Tensor | None, colours: Tensor | None) -> Tensor | None:
        """The picture of the coarser block, with this one's colours."""
        if image is not None:
            image = self._doubled(image)
        if self.rgb is None:
            return image
        assert colours is not None
        colour = self.rgb(x, colours)
        return colour if image is None else image.add_(colour)

    def _doubled(self, image: Tensor) -> Tensor:
        """Twice the size, by the resampling filter."""
        channels = image.shape[1]
        taps = self.taps.expand(channels, 1, *self.taps.shape)
        return F.conv_transpose2d(image, taps, stride=2, padding=1, groups=channels)


class Grainy(Protocol):
    """What `Noises` knows of a layer: its stored map [H, W] and the gain of a fresh one, both with
    the layer's own gain."""

    noise: Tensor
    noise_gain: Tensor


class Noises:
    """The noise of one picture: what it depends on, and its maps, drawn in the layers' order."""

    def __init__(self, mode: NoiseMode, seed: int | None, strengths: Sequence[float]) -> None:
        self._mode, self._seed, self._strengths = mode, seed, strengths
        self._generator = None if seed is None else torch.Generator().manual_seed(seed)

    def key(self, index: int) -> tuple[object, ...]:
        """Return what the noise of block `index` depends on; fresh noise is never the same
        again."""
        strength = self._strengths[index]
        if self._mode == "none" or not strength:
            return ("none",)
        if self._mode == "const":
            return ("const", strength)
        return ("random", strength, object() if self._seed is None else self._seed)

    def grains(self, index: int, layers: Sequence[Grainy]) -> list[Tensor | None]:
        """The noise of each layer of a block, with its gain: [H, W] float32 or None."""
        strength = self._strengths[index]
        if self._mode == "none":
            return [None] * len(layers)
        grains: list[Tensor | None] = []
        for layer in layers:
            if self._mode == "const":
                grain = layer.noise * strength
            else:
                grain = self._draw(layer) * layer.noise_gain * strength
            grains.append(grain if strength else None)
        return grains

    def skip(self, index: int, layers: Sequence[Grainy]) -> None:
        """A block that is not drawn: the maps of the later ones stay what they are."""
        if self._mode == "random" and any(self._strengths[index:]):
            for layer in layers:
                self._draw(layer)

    def _draw(self, layer: Grainy) -> Tensor:
        """A fresh map, [H, W]; seeded ones are drawn in main memory, the same on every device."""
        device = layer.noise.device
        if self._generator is None:
            return torch.randn(layer.noise.shape, device=device)
        return torch.randn(layer.noise.shape, generator=self._generator).to(device)


def _edited(style: Tensor, edit: Tensor | None) -> Tensor:
    return style if edit is None else style + edit.reshape(-1)


def _equal(first: Tensor | None, second: Tensor | None) -> bool:
    if first is None or second is None:
        return first is second
    return torch.equal(first, second)


def by_block(strength: float | Sequence[float], count: int) -> list[float]:
    """One strength for each block."""
    return list(strength) if isinstance(strength, Sequence) else [strength] * count
