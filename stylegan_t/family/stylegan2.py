"""StyleGAN2 (Karras et al. 2020, arXiv 1912.04958), as in the repositories of ADA and StyleGAN3.

Images are float32 [N, C, R, R], nominal range [-1, 1], not clamped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

import torch
from msgspec import Struct
from torch import Tensor, nn

from stylegan_t.card import ModelCard
from stylegan_t.config import Condition, require_clamp, require_sizes
from stylegan_t.extent import Extent, extended
from stylegan_t.family.mapping import MAX_MAPPING_LAYERS, MappingNetwork
from stylegan_t.family.schedule import MAX_NUMBER, MAX_TAPS
from stylegan_t.generator import NO_EDITS, RESIDUAL_GAIN, OnBlock, StyleEdits, edits_of_block
from stylegan_t.layers import (
    FIR_TAPS,
    FullyConnectedLayer,
    HalvedLayer,
    fir_filter,
    lrelu,
    modulated_conv2d,
    upsample2d,
)
from stylegan_t.network import HALVED_BLOCKS, Anatomy, BlockParts, LayerShape, Network, Synthesis
from stylegan_t.noise import NoiseMode, NoiseSource, by_block, extended_noise, noise_source

Architecture = Literal["skip", "resnet", "orig"]
BASE_RESOLUTION = 4
MAX_RESOLUTIONS = 11
"""Up to 4096 pixels."""


class StyleGAN2Config(Struct, frozen=True, forbid_unknown_fields=True):
    """The sizes that a StyleGAN2 generator is built from.

    `channels` holds the feature maps of each block, from 4 px up, so that `img_resolution` is
    `2 ** (len(channels) + 1)`.  `embed_features` and `layer_features` default to `w_dim`.
    `fir_taps` is the resampling filter.  `conv_clamp` is None where nothing is clamped.
    """

    z_dim: int
    w_dim: int
    channels: tuple[int, ...]
    c_dim: int = 0
    img_channels: int = 3
    mapping_layers: int = 8
    embed_features: int | None = None
    layer_features: int | None = None
    architecture: Architecture = "skip"
    fir_taps: tuple[float, ...] = FIR_TAPS
    conv_clamp: float | None = None
    use_noise: bool = True

    def __post_init__(self) -> None:
        require_sizes(len(self.channels), most=MAX_RESOLUTIONS)
        require_sizes(self.z_dim, self.w_dim, self.img_channels, *self.channels)
        require_sizes(self.c_dim, least=0)
        require_sizes(self.mapping_layers, most=MAX_MAPPING_LAYERS)
        hidden = (self.embed_features, self.layer_features)
        require_sizes(*(width for width in hidden if width is not None))
        require_sizes(len(self.fir_taps), least=2, most=MAX_TAPS)
        if not all(abs(tap) <= MAX_NUMBER for tap in self.fir_taps):
            raise ValueError("The taps of a resampling filter must be of sensible magnitude.")
        require_clamp(self.conv_clamp)

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """Sides of the blocks in pixels, coarsest first."""
        return tuple(BASE_RESOLUTION << index for index in range(len(self.channels)))

    @property
    def img_resolution(self) -> int:
        """Side of the image in pixels."""
        return self.block_resolutions[-1]

    @property
    def num_ws(self) -> int:
        """Number of rows of w: one for each convolution, and one for the last colour output."""
        return 2 * len(self.channels)

    def rows_of_block(self, index: int) -> tuple[int, int]:
        """The rows that a block owns, from and to (exclusive); its colour output reads the row
        behind them, which belongs to the next block, or to the last colour output."""
        start = max(2 * index - 1, 0)
        stop = 2 * index + 1
        return start, stop + (index == len(self.channels) - 1)


class Styled(nn.Module):
    """A layer that is modulated by a style, an affine function of a row of w."""

    def make_style(self, config: StyleGAN2Config, resolution: int, channels: int) -> None:
        """Add the parameters that turn a row of w into a style."""
        self.affine = FullyConnectedLayer(config.w_dim, channels, bias_init=1.0)

    def style(self, w: Tensor) -> Tensor:
        """A row of w [N, w_dim] to a style [N, channels]."""
        return self.affine(w)


class SynthesisLayer(Styled, HalvedLayer):
    """A modulated 3x3 convolution with noise and leaky ReLU, plain or doubling the size."""

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        resolution: int,
        config: StyleGAN2Config,
        *,
        up: bool = False,
        gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.resolution, self.up, self.gain = resolution, up, gain
        self.use_noise, self.conv_clamp = config.use_noise, config.conv_clamp
        self.make_style(config, resolution, in_channels)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("resample_filter", fir_filter(config.fir_taps))
        if config.use_noise:
            self.noise_strength = nn.Parameter(torch.zeros(()))
            self.register_buffer("noise_const", torch.randn(resolution, resolution))

    @property
    def output_limit(self) -> float | None:
        """The bound of what comes out, on both sides of 0; None where nothing is clamped last."""
        return None if self.conv_clamp is None else self.conv_clamp * self.gain

    def forward(
        self, x: Tensor, w: Tensor, noise: NoiseSource, style_edit: Tensor | None = None
    ) -> Tensor:
        """[N, I, H, W] and one row of w to [N, O, H, W] (doubled when upsampling).

        `style_edit`, [I] or [N, I], is added to the style.
        """
        styles = self.style(w)
        if style_edit is not None:
            styles = styles + style_edit
        fir = self.resample_filter if self.up else None
        x = x.to(self.weight.dtype)
        x = modulated_conv2d(x, self.weight, styles, up_fir=fir, weight_scale=self.weight_scale)
        grain = noise(self.resolution, self.noise_const) if self.use_noise else None
        if grain is not None:
            x = x + (grain * self.noise_strength).to(x.dtype)
        x = x + self.bias.to(x.dtype)[None, :, None, None]
        return lrelu(x, self.gain, self.output_limit)


class ToRGBLayer(Styled):
    """A modulated 1x1 convolution to image channels, without demodulation."""

    def __init__(self, in_channels: int, resolution: int, config: StyleGAN2Config) -> None:
        super().__init__()
        self.conv_clamp = config.conv_clamp
        self.style_gain = 1 / math.sqrt(in_channels)
        self.make_style(config, resolution, in_channels)
        self.weight = nn.Parameter(torch.randn(config.img_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(config.img_channels))

    @property
    def output_limit(self) -> float | None:
        """The bound of what comes out, on both sides of 0; None where nothing is clamped last."""
        return self.conv_clamp

    def forward(self, x: Tensor, w: Tensor, style_edit: Tensor | None = None) -> Tensor:
        """[N, I, H, W] and a row of w to [N, img_channels, H, W]; the edit adds to the style."""
        styles = self.style(w)
        if style_edit is not None:
            styles = styles + style_edit
        styles = styles * self.style_gain
        y = modulated_conv2d(x.float(), self.weight, styles, demodulate=False)
        y = y + self.bias[None, :, None, None]
        return y if self.conv_clamp is None else y.clamp(-self.conv_clamp, self.conv_clamp)


class Skip(nn.Module):
    """The way past a residual block: a 1x1 convolution, then twice the size."""

    resample_filter: Tensor

    def __init__(self, in_channels: int, out_channels: int, fir_taps: Sequence[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        self.register_buffer("resample_filter", fir_filter(fir_taps))

    def forward(self, x: Tensor) -> Tensor:
        """[N, I, H, W] to [N, O, 2H, 2W], damped."""
        weight = (self.weight / math.sqrt(self.weight.shape[1])).to(x.dtype)
        return upsample2d(nn.functional.conv2d(x, weight), self.resample_filter) * RESIDUAL_GAIN


def extended_constant(const: Tensor, extent: Extent | None) -> Tensor:
    """The learned constant [C, 4, 4], mirrored at its edges where more is wanted."""
    return const if extent is None else extended(const, *extent, BASE_RESOLUTION)


class SynthesisBlock(nn.Module):
    """All layers of one resolution; the first starts from a learned constant."""

    resample_filter: Tensor
    layer: type[SynthesisLayer] = SynthesisLayer
    colours: type[ToRGBLayer] = ToRGBLayer

    def __init__(self, config: StyleGAN2Config, index: int) -> None:
        super().__init__()
        resolution, channels = config.block_resolutions[index], config.channels[index]
        self.resolution, self.first = resolution, index == 0
        last = index == len(config.channels) - 1
        self.has_rgb = last or config.architecture == "skip"
        self.residual = config.architecture == "resnet" and not self.first
        if self.first:
            self.const = nn.Parameter(torch.randn(channels, resolution, resolution))
        else:
            coarser = config.channels[index - 1]
            self.conv0 = self.layer(coarser, channels, resolution, config, up=True)
            if self.residual:
                self.skip = Skip(coarser, channels, config.fir_taps)
        gain = RESIDUAL_GAIN if self.residual else 1.0
        self.conv1 = self.layer(channels, channels, resolution, config, gain=gain)
        if self.has_rgb:
            self.torgb = self.colours(channels, resolution, config)
        self.register_buffer("resample_filter", fir_filter(config.fir_taps))

    def forward(
        self,
        x: Tensor | None,
        image: Tensor | None,
        ws: Tensor,
        noise: NoiseSource,
        style_edits: StyleEdits = NO_EDITS,
        extent: Extent | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Features and image of the coarser block to those of this one.

        `ws` [N, convs + 1, w_dim] holds this block's rows and the row of its colour output;
        `style_edits` go by their index there.
        """
        rows, edit = ws.unbind(dim=1), style_edits.get
        if x is None:
            const = extended_constant(self.const, extent)
            x = self.conv1(const.expand(len(ws), -1, -1, -1), rows[0], noise, edit(0))
        else:
            past = self.skip(x) if self.residual else None
            x = self.conv0(x, rows[0], noise, edit(0))
            x = self.conv1(x, rows[1], noise, edit(1))
            assert x is not None
            x = x if past is None else past + x.to(past.dtype)
        assert x is not None
        if image is not None:
            image = upsample2d(image, self.resample_filter)
        if self.has_rgb:
            colour = self.torgb(x, rows[-1], edit(len(rows) - 1))
            image = colour if image is None else image + colour
        return x, image


class SynthesisNetwork(Synthesis):
    """Rows of w to an image, from 4x4 features up to the full resolution."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        for index, resolution in enumerate(config.block_resolutions):
            self.add_module(f"b{resolution}", self.make_block(index))

    def make_block(self, index: int) -> SynthesisBlock:
        """A block of the right kind."""
        return SynthesisBlock(self.config, index)

    def block(self, resolution: int) -> SynthesisBlock:
        """The block that works at `resolution`."""
        block = self.get_submodule(f"b{resolution}")
        assert isinstance(block, SynthesisBlock)
        return block

    @property
    def _first_halved(self) -> int:
        return max(self.config.img_resolution >> (HALVED_BLOCKS - 1), 2 * BASE_RESOLUTION)

    @property
    def latent_dim(self) -> int:
        """See `Synthesis.latent_dim`."""
        return self.config.w_dim

    @property
    def grid(self) -> int:
        """See `Synthesis.grid`."""
        return BASE_RESOLUTION

    def parts(self) -> tuple[BlockParts, ...]:
        """See `Synthesis.parts`."""
        blocks = [self.block(resolution) for resolution in self.config.block_resolutions]
        return tuple(
            BlockParts(
                block.resolution,
                self.config.rows_of_block(index)[0],
                (block.conv1,) if block.first else (block.conv0, block.conv1),
                source=block.const if block.first else None,
                colours=block.torgb if block.has_rgb else None,
                past=block.skip if block.residual else None,
                fir=block.resample_filter,
                halved=block.resolution >= self._first_halved,
            )
            for index, block in enumerate(blocks)
        )

    def style_of_row(self, row: int) -> Callable[[Tensor], Tensor]:
        """Return what makes the style of the layer that owns `row` of w."""
        if row == self.config.num_ws - 1:
            return self.block(self.config.img_resolution).torgb.style
        block = self.block(self.config.block_resolutions[(row + 1) // 2])
        return (block.conv0 if row % 2 else block.conv1).style

    def forward(
        self,
        ws: Tensor,
        noise_mode: NoiseMode | NoiseSource = "random",
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
            noise_mode: see `stylegan_t.noise.noise_source`.
            noise_seed: makes "random" repeatable.
            noise_strength: multiplies the trained strengths; or one number for each block.
            transform: ignored, the input is a constant.
            style_edits: what is added to the styles of some layers, by their row.
            extent: height and width in cells, 4 to the side of the square; None is the square.
            on_block: called after each block with its resolution and the image so far (None
                before the first colour output); it may raise to abandon the image.

        Returns:
            [N, img_channels, R, R] float32, or of the extent.
        """
        resolutions = self.config.block_resolutions
        strengths = by_block(noise_strength, resolutions)
        noise = noise_source(noise_mode, noise_seed, strengths, ws)
        noise = extended_noise(noise, extent, BASE_RESOLUTION)
        x = image = None
        for index, resolution in enumerate(resolutions):
            start, stop = self.config.rows_of_block(index)
            edits = edits_of_block(style_edits, start, stop)
            rows = ws[:, start : 2 * index + 2]
            x, image = self.block(resolution)(x, image, rows, noise, edits, extent)
            if on_block is not None:
                on_block(resolution, image)
        assert image is not None
        return image


class StyleGAN2(Network[MappingNetwork, SynthesisNetwork]):
    """Mapping and synthesis."""

    def __init__(self, config: StyleGAN2Config, card: ModelCard | None = None) -> None:
        super().__init__(card=card)
        self.config = config
        self.mapping = MappingNetwork(
            config.z_dim,
            config.c_dim,
            config.w_dim,
            config.num_ws,
            num_layers=config.mapping_layers,
            embed_features=config.embed_features,
            layer_features=config.layer_features,
        )
        self.synthesis = SynthesisNetwork(config)

    @property
    def anatomy(self) -> Anatomy:
        """See `Network.anatomy`."""
        config = self.config
        return anatomy(config, "StyleGAN2", config.c_dim, "classes" if config.c_dim else "nothing")

    def style_of_row(self, row: int) -> Callable[[Tensor], Tensor]:
        """See `Network.style_of_row`."""
        return self.synthesis.style_of_row(row)

    def forward(self, z: Tensor, c: Tensor | None = None, truncation_psi: float = 1.0) -> Tensor:
        """Latents [N, z_dim] and labels [N, c_dim] to images; stored noise unless in training."""
        ws = self.mapping(z, c, truncation_psi)
        return self.synthesis(ws, "random" if self.training else "const")


def anatomy(config: StyleGAN2Config, kind: str, c_dim: int, condition: Condition) -> Anatomy:
    """The sizes of the generator of a config."""
    blocks = config.block_resolutions
    return Anatomy(
        kind=kind,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        z_dim=config.z_dim,
        latent_dim=config.w_dim,
        c_dim=c_dim,
        condition=condition,
        num_ws=config.num_ws,
        blocks=blocks,
        rows_of_block=tuple(config.rows_of_block(index) for index in range(len(blocks))),
        layers=_layers(config),
        has_noise=config.use_noise,
        has_transform=False,
        grid=BASE_RESOLUTION,
    )


def _layers(config: StyleGAN2Config) -> tuple[LayerShape, ...]:
    found: list[LayerShape] = []
    for block, resolution in enumerate(config.block_resolutions):
        start, stop = config.rows_of_block(block)
        channels = config.channels[block]
        each = [("conv0", config.channels[block - 1])] if block else []
        each.append(("conv1", channels))
        last = block == len(config.channels) - 1
        if last or config.architecture == "skip":
            each.append(("torgb", channels))
        found += [
            LayerShape(f"b{resolution}.{name}", row, block, resolution, width, row >= stop)
            for row, (name, width) in enumerate(each, start)
        ]
    return tuple(found)
