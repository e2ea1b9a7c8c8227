"""The generator of StyleGAN-T: mapping and synthesis, the readable reference path.

Source: Sauer et al. 2023, "StyleGAN-T", section 3.  Pictures are float32 [N, 3, R, R], nominal
range [-1, 1]; `to_uint8` turns them into pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from stylegan_t.card import ModelCard
from stylegan_t.config import BASE_RESOLUTION, GeneratorConfig
from stylegan_t.encoders.text import TextTower
from stylegan_t.extent import Extent
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.layers import (
    FullyConnectedLayer,
    SynthesisLayer,
    ToRGBLayer,
    fir_filter,
    normalize_second_moment,
    upsample2d,
)
from stylegan_t.network import (
    Anatomy,
    BlockParts,
    LatentMapping,
    LayerShape,
    Network,
    Synthesis,
)
from stylegan_t.noise import NoiseMode, NoiseSource, by_block, extended_noise, noise_source

OnBlock = Callable[[int, Tensor | None], None]
StyleEdits = Mapping[int, Tensor]
"""Offsets that are added to the styles of layers, by the row of w that a layer owns: [channels] or
[N, channels]."""
NO_EDITS: StyleEdits = {}
RESIDUAL_GAIN = math.sqrt(0.5)
"""Both layers of a residual block are damped, so that their sum keeps the variance."""
PLACEMENT = 4
"""The style of the Fourier input: cosine, sine, and the shift to the right and up."""
X_AVG_DECAY = 0.995
MAPPING_LR_MULTIPLIER = 0.01


def to_uint8(image: Tensor) -> Tensor:
    """[N, 3, R, R] in about [-1, 1] to uint8 [N, R, R, 3], truncated as the reference does."""
    return (image * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


class MLP(nn.Module):
    """Two layers, z_dim to z_dim: leaky ReLU after the first, linear after the last."""

    def __init__(self, z_dim: int) -> None:
        super().__init__()
        lr = MAPPING_LR_MULTIPLIER
        self.fc0 = FullyConnectedLayer(z_dim, z_dim, activate=True, lr_multiplier=lr)
        self.fc1 = FullyConnectedLayer(z_dim, z_dim, lr_multiplier=lr)

    def forward(self, z: Tensor) -> Tensor:
        """[N, z_dim], any scale, to [N, z_dim]."""
        return self.fc1(self.fc0(normalize_second_moment(z)))


class MappingNetwork(LatentMapping):
    """Latent and text to w: `concat(truncated MLP(z), c)`, one row for each layer."""

    x_avg: Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.c_dim, self.num_ws = config.c_dim, config.num_ws
        self.mlp = MLP(config.z_dim)
        self.register_buffer("x_avg", torch.zeros(config.z_dim))

    def forward(self, z: Tensor, text: Tensor | None = None, truncation_psi: float = 1.0) -> Tensor:
        """Map latents and text embeddings to rows of w.

        Args:
            z: [N, z_dim] samples of N(0, I).
            text: [N, c_dim] unit-norm text embeddings; None only for unconditional models.
            truncation_psi: 1 keeps the latent's variation, 0 gives the prompt's mean picture,
                other values extrapolate.  The text part is never truncated.

        Returns:
            [N, num_ws, w_dim], all rows alike.

        Raises:
            ValueError: text is missing, surplus or of wrong shape.
        """
        x = self.mlp(z)
        if self.training:
            self.x_avg.copy_(x.detach().mean(dim=0).lerp(self.x_avg, X_AVG_DECAY))
        x = self.truncate(x, truncation_psi)
        if self.c_dim:
            if text is None or text.shape != (len(z), self.c_dim):
                raise ValueError(f"This model needs text embeddings of shape [N, {self.c_dim}].")
            x = torch.cat([x, text.to(x.dtype)], dim=1)
        elif text is not None and text.numel():
            raise ValueError("This model is unconditional: it takes no text.")
        return x.unsqueeze(1).repeat(1, self.num_ws, 1)

    def mapped(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """See `LatentMapping.mapped`; there are no labels."""
        return self.mlp(z)

    def truncate(self, x: Tensor, psi: float, label: Tensor | None = None) -> Tensor:
        """Draw mapped latents [N, z_dim] towards their mean: 0 is the mean, 1 leaves them."""
        return x if psi == 1 else self.x_avg.lerp(x, psi)


class SynthesisBlock(nn.Module):
    """All layers of one resolution.  The first block starts from Fourier features."""

    resample_filter: Tensor

    def __init__(self, config: GeneratorConfig, resolution: int) -> None:
        super().__init__()
        channels, w_dim = config.channels(resolution), config.w_dim
        self.resolution, self.first = resolution, resolution == BASE_RESOLUTION
        self.has_rgb = config.architecture == "skip" or resolution == config.img_resolution
        shared = {
            "gn_groups": config.gn_groups,
            "layer_scale_init": config.layer_scale_init,
            "conv_clamp": config.conv_clamp,
        }
        self.register_buffer("resample_filter", fir_filter())
        if self.first:
            self.input = SynthesisInput(w_dim, channels, resolution)
        else:
            coarser = config.channels(resolution // 2)
            self.conv0 = SynthesisLayer(
                coarser, channels, w_dim, resolution, up=True, conv_clamp=config.conv_clamp
            )
        self.convs1 = nn.ModuleList(
            SynthesisLayer(
                channels,
                channels,
                w_dim,
                resolution,
                residual=index % 2 == 1,
                gain=RESIDUAL_GAIN,
                **shared,
            )
            for index in range(2 * config.num_res_blocks)
        )
        if self.has_rgb:
            self.torgb = ToRGBLayer(channels, config.img_channels, w_dim, config.conv_clamp)

    @property
    def dtype(self) -> torch.dtype:
        """The type of the feature maps."""
        layer = self.convs1[0]
        assert isinstance(layer, SynthesisLayer)
        return layer.weight.dtype

    def forward(
        self,
        x: Tensor | None,
        image: Tensor | None,
        ws: Tensor,
        noise: NoiseSource,
        transform: Tensor | None = None,
        style_edits: StyleEdits = NO_EDITS,
        extent: Extent | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Features and picture of the coarser block to those of this one.

        `ws` [N, convs + 1, w_dim] holds this block's rows and the row of its colour output;
        `style_edits` go by their index there.
        """
        rows, edit = iter(ws.unbind(dim=1)), style_edits.get
        if x is None:
            x = self.input(next(rows), transform, edit(0), extent).to(self.dtype)
        else:
            x = self.conv0(x, next(rows), noise, edit(0))
        for index, layer in enumerate(self.convs1, 1):
            x = layer(x, next(rows), noise, edit(index))
        if image is not None:
            image = upsample2d(image, self.resample_filter)
        if self.has_rgb:
            colour = self.torgb(x, next(rows), edit(1 + len(self.convs1)))
            image = colour if image is None else image + colour
        assert x is not None
        return x, image


class SynthesisNetwork(Synthesis):
    """Rows of w to a picture, from 8x8 features up to the full resolution."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        for resolution in config.block_resolutions:
            self.add_module(f"b{resolution}", SynthesisBlock(config, resolution))

    def block(self, resolution: int) -> SynthesisBlock:
        """The block that works at `resolution`."""
        block = self.get_submodule(f"b{resolution}")
        assert isinstance(block, SynthesisBlock)
        return block

    @property
    def latent_dim(self) -> int:
        """See `Synthesis.latent_dim`."""
        return self.config.z_dim

    @property
    def grid(self) -> int:
        """See `Synthesis.grid`."""
        return BASE_RESOLUTION

    def parts(self) -> tuple[BlockParts, ...]:
        """See `Synthesis.parts`."""
        found: list[BlockParts] = []
        for index, resolution in enumerate(self.config.block_resolutions):
            block = self.block(resolution)
            raising = () if block.first else (block.conv0,)
            found.append(
                BlockParts(
                    resolution,
                    index * self.config.convs_per_block,
                    (*raising, *block.convs1),
                    source=block.input if block.first else None,
                    colours=block.torgb if block.has_rgb else None,
                    fir=block.resample_filter,
                )
            )
        return tuple(found)

    def style_of_row(self, row: int) -> nn.Module:
        """Return what makes the style of the layer that owns `row` of w: [N, w_dim] to [N,
        channels].

        A colour output shares the first row of the next block and owns none; the last owns the
        last row.  The style of row 0 is the input's rotation and translation, 4 values.
        """
        config = self.config
        if row == config.num_ws - 1:
            return self.block(config.img_resolution).torgb.affine
        index, offset = divmod(row, config.convs_per_block)
        block = self.block(config.block_resolutions[index])
        if offset:
            layer = block.convs1[offset - 1]
            assert isinstance(layer, SynthesisLayer)
            return layer.affine
        return block.input.affine if block.first else block.conv0.affine

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
        """Draw pictures.

        Args:
            ws: [N, num_ws, w_dim]; rows may differ (style mixing).
            noise_mode: "const" uses the stored maps, "random" fresh ones, "none" no noise; or a
                source of maps, which neither seed nor strength touches.
            noise_seed: makes "random" repeatable, the same for every sample of a batch.
            noise_strength: multiplies the trained strengths; or one number for each block,
                coarsest first.
            transform: [3, 3], the inverse of an image transform, in place of the stored one.
            style_edits: what is added to the styles of some layers, see `style_of_row`.
            extent: height and width in cells, 8 to the side of the square; None is the square.
            on_block: called after each block with its resolution and the picture so far (None
                before the first colour output); it may raise to abandon the picture.

        Returns:
            [N, img_channels, R, R] float32, or of the extent, about [-1, 1], not clamped.
        """
        config = self.config
        strengths = by_block(noise_strength, config.block_resolutions)
        noise = noise_source(noise_mode, noise_seed, strengths, ws)
        noise = extended_noise(noise, extent, BASE_RESOLUTION)
        x = image = None
        for index, resolution in enumerate(config.block_resolutions):
            start = index * config.convs_per_block
            rows = ws[:, start : start + config.convs_per_block + 1]
            edits = edits_of_block(style_edits, *config.rows_of_block(index))
            x, image = self.block(resolution)(x, image, rows, noise, transform, edits, extent)
            if on_block is not None:
                on_block(resolution, image)
        assert image is not None
        return image


def edits_of_block(edits: StyleEdits, start: int, stop: int) -> StyleEdits:
    """The edits of the rows that one block owns, counted from its first row."""
    if not edits:
        return NO_EDITS
    return {row - start: edit for row, edit in edits.items() if start <= row < stop}


class Generator(Network[MappingNetwork, SynthesisNetwork]):
    """Mapping and synthesis, with the text tower and the card that came with them."""

    def __init__(
        self, config: GeneratorConfig, text: TextTower | None = None, card: ModelCard | None = None
    ) -> None:
        super().__init__(text, card)
        self.config = config
        self.mapping = MappingNetwork(config)
        self.synthesis = SynthesisNetwork(config)

    @property
    def anatomy(self) -> Anatomy:
        """See `Network.anatomy`."""
        return anatomy(self.config)

    def style_of_row(self, row: int) -> nn.Module:
        """See `Network.style_of_row`."""
        return self.synthesis.style_of_row(row)

    def forward(self, z: Tensor, text: Tensor | None = None, truncation_psi: float = 1.0) -> Tensor:
        """Latents [N, z_dim] and text [N, c_dim] to pictures; fresh noise only in training."""
        ws = self.mapping(z, text, truncation_psi)
        return self.synthesis(ws, noise_mode="random" if self.training else "const")


def anatomy(config: GeneratorConfig) -> Anatomy:
    """The sizes of the generator of a config."""
    blocks = tuple(config.block_resolutions)
    return Anatomy(
        kind="StyleGAN-T",
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        z_dim=config.z_dim,
        latent_dim=config.z_dim,
        c_dim=config.c_dim,
        condition="text" if config.c_dim else "nothing",
        num_ws=config.num_ws,
        blocks=blocks,
        rows_of_block=tuple(config.rows_of_block(index) for index in range(len(blocks))),
        layers=_layers(config),
        has_noise=True,
        has_transform=True,
        grid=BASE_RESOLUTION,
    )


def _layers(config: GeneratorConfig) -> tuple[LayerShape, ...]:
    found: list[LayerShape] = []
    for block, resolution in enumerate(config.block_resolutions):
        channels, coarser = config.channels(resolution), config.channels(resolution // 2)
        start, stop = config.rows_of_block(block)
        first = resolution == BASE_RESOLUTION
        each = [("input", PLACEMENT) if first else ("conv0", coarser)]
        each += [(f"convs1.{i}", channels) for i in range(config.convs_per_block - 1)]
        last = resolution == config.img_resolution
        if last or config.architecture == "skip":
            each.append(("torgb", channels))
        found += [
            LayerShape(f"b{resolution}.{name}", row, block, resolution, width, row >= stop)
            for row, (name, width) in enumerate(each, start)
        ]
    return tuple(found)
