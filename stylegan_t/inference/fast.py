"""The synthesis prepared for inference: the numbers of the readable network, in less time.

One picture at a time, on one device, in the type of the weights, for every kind of network: each
says what its blocks are made of.  Besides the layers of `fast_layers` and `filtered`, two things
save work: what depends on the weights alone is computed once, and a picture that differs from the
last one only in later blocks begins at the first that differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from stylegan_t.extent import Extent
from stylegan_t.generator import NO_EDITS, NoiseMode, OnBlock, StyleEdits
from stylegan_t.inference.bending import NO_BENDS, Bends, Effect
from stylegan_t.inference.fast_blocks import FastBlock
from stylegan_t.inference.recorded_blocks import RecordedBlock
from stylegan_t.inference.recorders import Recording
from stylegan_t.network import Synthesis
from stylegan_t.noise import of_each_block
from stylegan_t.progress import Progress

PACKED_BYTES = 1_500_000_000
"""Default maximum of memory for packed copies of weights."""


@dataclass(eq=False)
class _Kept:
    """The output of a block: features `x`, and what they were made from (styles and placement; the
    noise and how they are bent as a `key`), and the `image` so far with the style of its colours
    and how those are bent."""

    made_from: tuple[Tensor | None, ...]
    key: tuple[object, ...]
    x: Tensor
    colours: Tensor | None = None
    bent: tuple[Effect, ...] = ()
    image: Tensor | None = None


class FastSynthesis:
    """Draws as `network` does.

    The weights that it needs in another form are copied, the others shared; so `network` must not
    be trained meanwhile.  For one thread at a time.

    Args:
        network: in float32 or bfloat16, see `suits`.
        packed_bytes: most memory for packed copies of weights.
        tell: told how far preparing is; it may raise to have it given up.
        recording: repeats the kernels of each block, on a graphics card.
    """

    def __init__(
        self,
        network: Synthesis,
        packed_bytes: int = PACKED_BYTES,
        tell: Progress | None = None,
        recording: Recording | None = None,
    ) -> None:
        self.config, self._recording = network.config, recording
        self.packed_bytes = 0
        """Memory that packed copies of weights take."""
        names: dict[nn.Module, str] = {module: name for name, module in network.named_modules()}
        with torch.no_grad():
            parts, width = network.parts(), network.latent_dim
            about = (width, self.config.num_ws, names, network.grid)
            self._blocks = [
                FastBlock(part, *about)
                if recording is None
                else RecordedBlock(part, *about, recording)
                for part in parts
            ]
            self._pack(packed_bytes, tell or (lambda share: None))
        self._kept: list[_Kept] = []
        self.blocks_drawn = 0
        """Number of blocks that the last picture took."""

    @property
    def recorded(self) -> bool:
        """Return whether anything had to be recorded for the last picture, which takes its time."""
        return self._recording is not None and self._recording.recorded

    def _pack(self, budget_bytes: int, tell: Progress) -> None:
        layers = [layer for block in self._blocks for layer in block.layers]
        # The largest pictures gain most by a copy of their weights.
        for index, layer in enumerate(sorted(layers, key=lambda layer: -layer.side)):
            tell(index / len(layers))
            self.packed_bytes += layer.pack(budget_bytes - self.packed_bytes)
        tell(1.0)

    @staticmethod
    def suits(network: Synthesis) -> bool:
        """Return whether this path can draw what `network` draws: not in float16, and no module of
        it has a hook, which would not be called."""
        layers = (layer for part in network.parts() for layer in part.layers)
        dtypes = {layer.get_parameter("weight").dtype for layer in layers}
        return torch.float16 not in dtypes and not FastSynthesis.hooked(network)

    @staticmethod
    def hooked(network: Synthesis) -> bool:
        """Return whether any module of `network` has a hook."""
        return any(
            module._forward_hooks or module._forward_pre_hooks for module in network.modules()
        )

    def forget(self) -> None:
        """Drop what was kept of the last picture, and what was recorded."""
        self._kept.clear()
        for block in self._blocks:
            block.forget()
        if self._recording is not None:
            self._recording.forget()

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
        bends: Bends = NO_BENDS,
        extent: Extent | None = None,
        on_block: OnBlock | None = None,
        on_layer: Progress | None = None,
    ) -> Tensor:
        """Draw one picture; the arguments are those of the network itself, with one row.

        Args:
            ws: [1, num_ws, w_dim] float32.
            noise_mode: "const", "random" or "none".
            noise_seed: makes "random" repeatable.
            noise_strength: for all blocks, or one for each.
            transform: [3, 3], as there.
            style_edits: as there.
            bends: changes of what comes out of layers.
            extent: as there.
            on_block: called after each block with its resolution and the picture so far; blocks
                that were kept from the last picture are told, too.
            on_layer: told behind each convolution how much of the work on new blocks is done, from
                0 to 1; it may raise to abandon the picture.

        Returns:
            [1, img_channels, R, R] float32, or of the extent.
        """
        noises = Noises(noise_mode, noise_seed, of_each_block(noise_strength, len(self._blocks)))
        # Of its own: where numbers lie in memory decides about the last bits of sums.
        rows = ws[0].float().clone(memory_format=torch.contiguous_format)
        x = image = None
        same_x = same_image = True
        self.blocks_drawn = 0
        if self._recording is not None:
            self._recording.recorded = False
        done = _Share(self._blocks, on_layer)
        for index, block in enumerate(self._blocks):
            made_from, colours = block.styles(rows, transform, style_edits)
            effects, of_colours = block.effects(bends)
            key = noises.key(index), effects, extent
            same_x = same_x and self._keeps_features(index, made_from, key)
            if same_x:
                noises.skip(index, block.grainy)
            else:
                del self._kept[index:]
                grains, tell = noises.grains(index, block.grainy), done.beginning_at(index)
                x = block.features(x, made_from, grains, tell, effects, extent)
                self._kept.append(_Kept(made_from, key, x))
                self.blocks_drawn += 1
            kept = self._kept[index]
            x = kept.x
            # The row of the next block's first layer is that of this one's colours, too.
            same_colours = kept.bent == of_colours and _equal(kept.colours, colours)
            same_image = same_image and same_x and same_colours
            if not same_image:
                kept.colours, kept.bent = colours, of_colours
                kept.image = block.picture(x, image, colours, of_colours)
            image = kept.image
            if on_block is not None:
                on_block(block.resolution, image)
        assert image is not None
        # The next picture is drawn into the same place where it is recorded.
        return image if self._recording is None else image.clone()

    def _keeps_features(
        self, index: int, made_from: tuple[Tensor | None, ...], key: object
    ) -> bool:
        if index >= len(self._kept) or self._kept[index].key != key:
            return False
        pairs = zip(self._kept[index].made_from, made_from, strict=True)
        return all(_equal(a, b) for a, b in pairs)


class _Share:
    """The share of a picture that is done, by the work of its layers."""

    def __init__(self, blocks: Sequence[FastBlock], tell: Progress | None) -> None:
        self._blocks, self._tell = blocks, tell
        self._whole, self._done = 0.0, 0.0

    def beginning_at(self, index: int) -> Callable[[float], None]:
        """Return what is told the work that is done; the first block asked for begins it."""
        if not self._whole:
            self._whole = sum(
                layer.work for block in self._blocks[index:] for layer in block.layers
            )
        return self._add

    def _add(self, work: float) -> None:
        self._done += work
        if self._tell is not None:
            self._tell(self._done / self._whole)


class Grainy(Protocol):
    """The noise of a layer for `Noises`: its stored map [H, W] and the gain of a fresh one, both
    with the layer's own gain."""

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
        """The noise of each layer that takes some, with its gain: [H, W] float32 or None."""
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


def _equal(first: Tensor | None, second: Tensor | None) -> bool:
    if first is None or second is None:
        return first is second
    return torch.equal(first, second)
