"""The end of a picture whose last blocks are bent, or all of a larger one, by readable blocks.

What a graph joins into one kernel cannot be changed between its layers, and its memory has one
size: the readable blocks go on where the graphs end.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from stylegan_t.extent import Extent
from stylegan_t.generator import (
    NoiseMode,
    OnBlock,
    StyleEdits,
    SynthesisNetwork,
    edits_of_block,
)
from stylegan_t.inference.bending import Bends, bending
from stylegan_t.layers import SynthesisLayer
from stylegan_t.noise import NoiseSource, by_block, extended_noise, noise_source


class GraphTail:
    """Draws the last blocks of `network`, bent."""

    def __init__(self, network: SynthesisNetwork) -> None:
        self._network = network

    def first(self, bends: Bends) -> int:
        """Return the first block in which a layer is bent; as many as there are for none."""
        sizes = self._network.config.block_resolutions
        bent = {name.partition(".")[0] for name, effects in bends.items() if effects}
        found = (index for index, size in enumerate(sizes) if f"b{size}" in bent)
        return next(found, len(sizes))

    def draw(
        self,
        start: int,
        x: Tensor | None,
        image: Tensor | None,
        ws: Tensor,
        noise_mode: NoiseMode,
        noise_seed: int | None,
        noise_strength: float | Sequence[float],
        transform: Tensor | None,
        style_edits: StyleEdits,
        bends: Bends,
        extent: Extent | None,
        on_block: OnBlock | None,
    ) -> Tensor:
        """The picture from block `start` on; the other arguments are those of the network.

        `x` and `image` are the features and the picture of the block before it.
        """
        network, config = self._network, self._network.config
        strengths = by_block(noise_strength, config.block_resolutions)
        noise = noise_source(noise_mode, noise_seed, strengths, ws)
        if noise_mode == "random" and noise_seed is not None:
            self._skip(start, noise)
        noise = extended_noise(noise, extent, network.grid)
        with bending(network, bends):
            for index in range(start, len(config.block_resolutions)):
                resolution, first = config.block_resolutions[index], index * config.convs_per_block
                rows = ws[:, first : first + config.convs_per_block + 1]
                edits = edits_of_block(style_edits, *config.rows_of_block(index))
                block = network.block(resolution)
                x, image = block(x, image, rows, noise, transform, edits, extent)
                if on_block is not None:
                    on_block(resolution, image)
        assert image is not None
        return image

    def _skip(self, start: int, noise: NoiseSource) -> None:
        """Draw the maps of the blocks before `start`, so that the later ones keep theirs."""
        for resolution in self._network.config.block_resolutions[:start]:
            for layer in self._network.block(resolution).modules():
                if isinstance(layer, SynthesisLayer):
                    noise(layer.resolution, layer.noise_const)
