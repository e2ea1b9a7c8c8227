"""StyleGAN3 (Karras et al. 2021, arXiv 2106.12423), configurations T and R.

Images are float32 [N, C, R, R], nominal range [-1, 1], not clamped.  There is no noise.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import torch
from msgspec import Struct
from torch import Tensor, nn

from stylegan_t.card import ModelCard
from stylegan_t.config import require_sizes
from stylegan_t.extent import Extent
from stylegan_t.family.mapping import MAX_MAPPING_LAYERS, FamilyMapping, MappingNetwork
from stylegan_t.family.resampling import filtered_lrelu, low_pass
from stylegan_t.family.schedule import MAX_NUMBER, LayerSpec, require_chain
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import NO_EDITS, PLACEMENT, OnBlock, StyleEdits
from stylegan_t.layers import (
    LRELU_SLOPE,
    ROOT2,
    FullyConnectedLayer,
    HalvedLayer,
    modulated_conv2d,
)
from stylegan_t.network import HALVED_BLOCKS, Anatomy, BlockParts, LayerShape, Network, Synthesis
from stylegan_t.noise import NoiseMode, NoiseSource


class StyleGAN3Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes that a StyleGAN3 generator is built from; `layers` ends with the colour output.

    `bandwidth` is that of the Fourier input, `output_scale` multiplies the image.
    """

    z_dim: int
    w_dim: int
    layers: tuple[LayerSpec, ...]
    c_dim: int = 0
    mapping_layers: int = 2
    mapping_lr_multiplier: float = 0.01
    output_scale: float = 0.25
    bandwidth: float = 2.0

    def __post_init__(self) -> None:
        require_chain(self.layers)
        require_sizes(self.z_dim, self.w_dim)
        require_sizes(self.c_dim, least=0)
        require_sizes(self.mapping_layers, most=MAX_MAPPING_LAYERS)
        if not 0 < self.mapping_lr_multiplier <= 1:
            raise ValueError("The mapping network is scaled in an impossible way.")
        if not all(abs(number) <= MAX_NUMBER for number in (self.output_scale, self.bandwidth)):
            raise ValueError("Its input or its output is scaled in an impossible way.")

    @property
    def img_resolution(self) -> int:
        """Side of the image in pixels."""
        return self.layers[-1].out_size

    @property
    def img_channels(self) -> int:
        """Number of colour channels."""
        return self.layers[-1].out_channels

    @property
    def num_ws(self) -> int:
        """Number of rows of w: the input's and one for each layer."""
        return len(self.layers) + 1

    @property
    def blocks(self) -> tuple[int, ...]:
        """The sampling rates, lowest first: layers that work at one rate are a block."""
        return tuple(dict.fromkeys(round(layer.out_rate) for layer in self.layers))

    @property
    def rows_of_block(self) -> tuple[tuple[int, int], ...]:
        """The rows of each block, from and to (exclusive); the input's is the first one's."""
        rates = [round(layer.out_rate) for layer in self.layers]
        starts = [rates.index(rate) + 1 for rate in self.blocks]
        return tuple(itertools.pairwise([0, *starts[1:], self.num_ws]))


class SynthesisLayer(HalvedLayer):
    """A modulated convolution and a leaky ReLU that makes no aliases; or the colour output."""

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(self, spec: LayerSpec, w_dim: int) -> None:
        super().__init__()
        self.spec = spec
        self.affine = FullyConnectedLayer(w_dim, spec.in_channels, bias_init=1.0)
        shape = (spec.out_channels, spec.in_channels, spec.kernel, spec.kernel)
        self.weight = nn.Parameter(torch.randn(shape))
        self.bias = nn.Parameter(torch.zeros(spec.out_channels))
        self.register_buffer("magnitude_ema", torch.ones(()))
        rate = spec.inner_rate
        up = low_pass(spec.up_taps, spec.in_cutoff, 2 * spec.in_half_width, rate)
        self.register_buffer("up_filter", up)
        down = low_pass(
            spec.down_taps,
            spec.out_cutoff,
            2 * spec.out_half_width,
            rate,
            radial=spec.down_radial,
        )
        self.register_buffer("down_filter", down)

    @property
    def output_limit(self) -> float | None:
        """The bound of what comes out, on both sides of 0; None where nothing is clamped last."""
        return self.spec.conv_clamp if self.spec.is_torgb else None

    def forward(self, x: Tensor, w: Tensor, style_edit: Tensor | None = None) -> Tensor:
        """[N, I, in_size, in_size] and a row of w to [N, O, out_size, out_size].

        `style_edit`, [I] or [N, I], is added to the style.
        """
        spec = self.spec
        styles = self.affine(w)
        if style_edit is not None:
            styles = styles + style_edit
        if spec.is_torgb:
            styles = styles / math.sqrt(spec.in_channels)
        y = self._convolve(x, styles) * torch.rsqrt(self.magnitude_ema)
        return filtered_lrelu(
            y,
            self.up_filter,
            self.down_filter,
            self.bias,
            up=spec.up,
            down=spec.down,
            padding=spec.padding,
            gain=1.0 if spec.is_torgb else ROOT2,
            slope=1.0 if spec.is_torgb else LRELU_SLOPE,
            clamp=spec.conv_clamp,
        )

    def _convolve(self, x: Tensor, styles: Tensor) -> Tensor:
        """Modulate; the sizes of weights and styles are taken out first, except for colours.

        The original takes the styles' size over the whole batch.  Demodulation removes it again
        but for its epsilon, so each sample's own is used: what is in a batch changes no image.
        """
        around = self.spec.kernel - 1
        x, weight = x.to(self.weight.dtype), self.weight.float()
        if self.spec.is_torgb:
            return modulated_conv2d(x, weight, styles, demodulate=False, padding=around)
        power = weight.square().mean(dim=(1, 2, 3), keepdim=True)
        styles = styles * torch.rsqrt(styles.square().mean(dim=1, keepdim=True))
        return modulated_conv2d(x, weight * torch.rsqrt(power), styles, padding=around)


class SynthesisNetwork(Synthesis):
    """Rows of w to an image: Fourier features, then layers between which nothing aliases."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.config = config
        first = config.layers[0]
        self.input = SynthesisInput(
            config.w_dim,
            first.in_channels,
            first.in_size,
            rate=first.in_rate,
            bandwidth=config.bandwidth,
        )
        for spec in config.layers:
            self.add_module(spec.name, SynthesisLayer(spec, config.w_dim))

    @property
    def latent_dim(self) -> int:
        """See `Synthesis.latent_dim`."""
        return self.config.w_dim

    @property
    def grid(self) -> int:
        """See `Synthesis.grid`."""
        return round(self.config.layers[0].in_rate)

    def parts(self) -> tuple[BlockParts, ...]:
        """See `Synthesis.parts`."""
        last = self.config.num_ws - 1
        return tuple(
            BlockParts(
                rate,
                start,
                tuple(self.layer(row - 1) for row in range(max(start, 1), min(stop, last))),
                source=None if start else self.input,
                colours=self.layer(last - 1) if stop > last else None,
                gain=self.config.output_scale,
                halved=rate << HALVED_BLOCKS > self.config.img_resolution,
            )
            for rate, (start, stop) in zip(
                self.config.blocks, self.config.rows_of_block, strict=True
            )
        )

    def layer(self, index: int) -> SynthesisLayer:
        """The layer that reads row `index + 1` of w."""
        layer = self.get_submodule(self.config.layers[index].name)
        assert isinstance(layer, SynthesisLayer)
        return layer

    def forward(
        self,
        ws: Tensor,
        noise_mode: NoiseMode | NoiseSource = "const",
        *,
        noise_seed: int | None = None,
        noise_strength: float | Sequence[float] = 1.0,
        transform: Tensor | None = None,
        style_edits: StyleEdits = NO_EDITS,
        extent: Extent | None = None,
        on_block: OnBlock | None = None,
    ) -> Tensor:
        """Draw images.

        Args:
            ws: [N, num_ws, w_dim]; rows may differ (style mixing).
            noise_mode, noise_seed, noise_strength: ignored, there is no noise.
            transform: [3, 3], the inverse of an image transform, in place of the stored one.
            style_edits: what is added to the styles of some layers, by their row.
            extent: height and width in cells, as many to the side of the square as the input has
                samples there; None is the square.
            on_block: called after each block with its rate and the image, which is None before the
                last; it may raise to abandon the image.

        Returns:
            [N, img_channels, R, R] float32, or of the extent.
        """
        x, image = self.input(ws[:, 0], transform, style_edits.get(0), extent), None
        for rate, (start, stop) in zip(self.config.blocks, self.config.rows_of_block, strict=True):
            for row in range(max(start, 1), stop):
                x = self.layer(row - 1)(x, ws[:, row], style_edits.get(row))
            if stop == self.config.num_ws:
                image = x * self.config.output_scale
            if on_block is not None:
                on_block(rate, image)
        assert image is not None
        return image


class StyleGAN3(Network[FamilyMapping, SynthesisNetwork]):
    """Mapping and synthesis."""

    kind = "StyleGAN3"

    def __init__(self, config: StyleGAN3Config, card: ModelCard | None = None) -> None:
        super().__init__(card=card)
        self.config = config
        self.mapping = self._mapping()
        self.synthesis = SynthesisNetwork(config)

    def _mapping(self) -> FamilyMapping:
        config = self.config
        return MappingNetwork(
            config.z_dim,
            config.c_dim,
            config.w_dim,
            config.num_ws,
            num_layers=config.mapping_layers,
            lr_multiplier=config.mapping_lr_multiplier,
        )

    @property
    def anatomy(self) -> Anatomy:
        """See `Network.anatomy`."""
        config = self.config
        return Anatomy(
            kind=self.kind,
            img_resolution=config.img_resolution,
            img_channels=config.img_channels,
            z_dim=config.z_dim,
            latent_dim=config.w_dim,
            c_dim=config.c_dim,
            condition="classes" if config.c_dim else "nothing",
            num_ws=config.num_ws,
            blocks=config.blocks,
            rows_of_block=config.rows_of_block,
            layers=_layers(config),
            has_noise=False,
            has_transform=True,
            grid=self.synthesis.grid,
        )

    def style_of_row(self, row: int) -> Callable[[Tensor], Tensor]:
        """See `Network.style_of_row`."""
        return self.synthesis.layer(row - 1).affine if row else self.synthesis.input.affine

    def forward(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0) -> Tensor:
        """Latents [N, z_dim] and labels [N, c_dim] to images."""
        return self.synthesis(self.mapping(z, c, truncation_psi))


def _layers(config: StyleGAN3Config) -> tuple[LayerShape, ...]:
    resolution = config.blocks[0]
    found = [LayerShape("input", 0, 0, resolution, PLACEMENT)]
    for block, (start, stop) in enumerate(config.rows_of_block):
        for row in range(max(start, 1), stop):
            spec = config.layers[row - 1]
            shape = LayerShape(spec.name, row, block, config.blocks[block], spec.in_channels)
            found.append(shape)
    return tuple(found)
