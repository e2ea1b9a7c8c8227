"""The blocks of the synthesis for a graphics card: every step works in memory that stays in place.

A CUDA graph repeats a list of kernels with the same addresses.  So what changes from picture to
picture (rows of w, edits of styles, noise, the user's transform) is copied into buffers first, and
what a block gives stays where it was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.generator import SynthesisBlock
from stylegan_t.inference.demodulation import kernel_power
from stylegan_t.inference.fused import Affine, Ops, Skip, doubled
from stylegan_t.layers import (
    DEMODULATION_EPS,
    LRELU_GAIN,
    ROOT2,
    SMALLEST_PEAK,
    UP_GAIN,
    StyleSplit,
    SynthesisLayer,
    ToRGBLayer,
)


class GraphStyles:
    """The styles of layers of one width: the texts' shares of them, kept, and the latents'.

    Args:
        splits: the layers, L.
        rows: [L, w_dim], the buffer that holds their rows of w.
        z_dim: columns of a row that are latent; the rest is text.
        ops: the steps.
    """

    def __init__(self, splits: Sequence[StyleSplit], rows: Tensor, z_dim: int, ops: Ops) -> None:
        self._ops, self._gain = ops, splits[0].proj.weight_gain
        weights = [split.proj.weight.detach() for split in splits]
        # The text's columns are views: the largest model has a quarter of its weights there.
        self._text_weights = [weight[:, z_dim:] for weight in weights]
        self._latent_weight = torch.stack([weight[:, :z_dim] for weight in weights])
        self._latent, self._text = rows[:, :z_dim], rows[:, z_dim:]
        biases = [split.proj.bias * split.proj.lr_multiplier for split in splits]
        self._bias = torch.stack(biases).detach()
        self._from_text = self._bias.clone()
        self.edit = self._bias.new_zeros(len(splits), self._bias.shape[1] // 3)
        """Addition to the styles, [L, channels]."""
        self.own_bytes = self._latent_weight.nbytes

    def read_text(self) -> None:
        """Bring the texts' shares up to date."""
        for index, weight in enumerate(self._text_weights):
            torch.addmv(
                self._bias[index],
                weight,
                self._text[index],
                alpha=self._gain,
                out=self._from_text[index],
            )

    def __call__(self) -> Tensor:
        """The styles, [L, channels] float32."""
        return self._ops.styles(
            self._latent_weight, self._latent, self._from_text, self._gain, self.edit
        )


class GraphScales:
    """The demodulation of layers of one shape.

    Args:
        layers: the layers, L.
        ops: the steps.
    """

    def __init__(self, layers: Sequence[SynthesisLayer], ops: Ops) -> None:
        self._ops = ops
        weights = [layer.weight.detach() for layer in layers]
        power = torch.stack([kernel_power(weight) for weight in weights])
        single = weights[0].dtype == torch.float32
        # Read whole for every picture: in half precision half of the bytes are exact enough.
        self._power = power if single else power.bfloat16()
        gains = [LRELU_GAIN * layer.gain for layer in layers]
        self._gain = torch.tensor(gains, device=power.device)
        self._weight_scale: Tensor | None = None
        if weights[0].dtype == torch.float16:
            scales = [layer.weight_scale for layer in layers]
            self._weight_scale = torch.stack([scale for scale in scales if scale is not None])
        self.own_bytes = self._power.nbytes

    def __call__(self, styles: Tensor) -> tuple[Tensor, Tensor]:
        """Styles [L, I] to those that the inputs are multiplied by, [L, I], and the factors of the
        outputs, [L, O]."""
        if self._weight_scale is None:
            return styles, self._ops.demodulation(self._power, styles, self._gain, DEMODULATION_EPS)
        # In float16 the products must stay within its range; demodulation takes the factor out.
        loudest = styles.abs().amax(dim=1, keepdim=True).clamp_min(SMALLEST_PEAK)
        eps = DEMODULATION_EPS / (loudest * self._weight_scale).square()
        styles = styles / loudest
        return styles, self._ops.demodulation(self._power, styles, self._gain, eps)


class GraphLayer:
    """A 3x3 modulated convolution; see `stylegan_t.layers.SynthesisLayer` for what it computes."""

    def __init__(self, layer: SynthesisLayer, ops: Ops, memory: torch.memory_format) -> None:
        weight = layer.weight.detach()
        self._ops, self.residual = ops, layer.residual
        gain = LRELU_GAIN * layer.gain
        self._clamp = layer.conv_clamp * layer.gain
        self._bias = (layer.bias * gain).detach().float()
        self.noise = (layer.noise_const * layer.noise_strength * gain).detach()
        self.noise_gain = (layer.noise_strength * gain).detach()
        self.grain = torch.zeros_like(self.noise)
        """The noise of the picture, with its gain, [H, W]."""
        if layer.up:
            self._weight = weight.transpose(0, 1).contiguous(memory_format=memory)
            self._taps = (layer.resample_filter.flip([0, 1]) * UP_GAIN).float().contiguous()
        else:
            self._weight = weight.contiguous(memory_format=memory)
        copied = self._weight.data_ptr() != weight.data_ptr()
        self.own_bytes = self._weight.nbytes if copied else 0
        if layer.residual:
            norm = layer.norm
            # The skip path is multiplied by the root of two (see the reference); so is the norm.
            self._affine = Affine(
                norm.num_groups,
                norm.eps,
                (norm.weight * ROOT2).detach(),
                (norm.bias * ROOT2).detach(),
            )
            self._gamma = (layer.gamma.detach() * ROOT2).flatten()

    def raised(self, x: Tensor, style: Tensor, scale: Tensor, next_style: Tensor) -> Tensor:
        """An upsampling layer: plain features in; out come those of the next layer's input."""
        x = self._ops.scaled(x, style)
        y = F.conv_transpose2d(x, self._weight, stride=2)
        return self._ops.blurred(
            y, self._taps, scale, self._bias, self.grain, self._clamp, next_style
        )

    def plain(self, x: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        """A layer whose input has been multiplied by its style; also the sums for a group norm."""
        y = F.conv2d(x, self._weight, padding=1)
        out, sums = self._ops.finished(y, scale, self._bias, self.grain, self._clamp, sums=True)
        assert sums is not None
        return out, sums

    def residue(
        self, x: Tensor, sums: Tensor, style: Tensor, scale: Tensor, next_style: Tensor | None
    ) -> Tensor:
        """A residual layer: features and the sums for their norm in; out come plain features, or
        those of the next layer's input."""
        norm = self._ops.norm(sums, x.shape[2] * x.shape[3], self._affine, style)
        y = self._ops.scaled(x, norm.style_factor, norm.style_offset)
        y = F.conv2d(y, self._weight, padding=1)
        skip = Skip(x, norm, self._gamma)
        return self._ops.finished(
            y, scale, self._bias, self.grain, self._clamp, skip=skip, next_style=next_style
        )[0]


class GraphRGB:
    """A colour output; see `stylegan_t.layers.ToRGBLayer`.

    Args:
        layer: the module.
        taps: [4, 4], the filter that doubles the picture of the coarser block.
        ops: the steps.
    """

    def __init__(self, layer: ToRGBLayer, taps: Tensor, ops: Ops) -> None:
        self._ops, self._taps = ops, taps
        self._weight = (layer.weight * layer.style_gain).detach().float().flatten(1).contiguous()
        self._bias, self._clamp = layer.bias.detach().float(), layer.conv_clamp

    def __call__(self, x: Tensor, style: Tensor, image: Tensor | None) -> Tensor:
        """Features, a style, and the picture of the coarser block, to this block's picture."""
        return self._ops.colours(x, self._weight, style, self._bias, self._clamp, image, self._taps)


class GraphBlock:
    """All layers of one resolution.

    Args:
        block: the module.
        rows: [convs + 1, w_dim], the buffer of its rows of w, and of that of its colour output.
        z_dim: columns of a row that are latent.
        ops: the steps.
        memory: how feature maps lie in memory.
    """

    def __init__(
        self,
        block: SynthesisBlock,
        rows: Tensor,
        z_dim: int,
        ops: Ops,
        memory: torch.memory_format,
    ) -> None:
        self.resolution, self.dtype = block.resolution, block.dtype
        self._memory, self._ops, self._row = memory, ops, rows[0]
        self.input = block.input if block.first else None
        self.placement_edit = rows.new_zeros(4)
        """Addition to the rotation and the shift that w asks for; for the first block."""
        plain: list[SynthesisLayer] = []
        for layer in block.convs1:
            assert isinstance(layer, SynthesisLayer)
            plain.append(layer)
        # Layers of one width are told their styles together; the colours' style comes last.
        groups = [plain] if block.first else [[block.conv0], plain]
        self._scales = [GraphScales(group, ops) for group in groups]
        self.layers = [GraphLayer(layer, ops, memory) for group in groups for layer in group]
        self._taps = (block.resample_filter.flip([0, 1]) * UP_GAIN).float().contiguous()
        self.rgb = GraphRGB(block.torgb, self._taps, ops) if block.has_rgb else None
        splits = [layer.affine for layer in plain]
        if block.has_rgb:
            splits.append(block.torgb.affine)
        self.styles = [GraphStyles(splits, rows[1 : 1 + len(splits)], z_dim, ops)]
        if not block.first:
            self.styles.insert(0, GraphStyles([block.conv0.affine], rows[:1], z_dim, ops))
        parts = [*self.styles, *self._scales, *self.layers]
        self.own_bytes = sum(part.own_bytes for part in parts)
        """Memory for copies of weights, and for what is computed from them once."""

    def read_text(self) -> None:
        """Bring what the text gives to the styles up to date."""
        for styles in self.styles:
            styles.read_text()

    def edits(self) -> list[Tensor]:
        """The buffers of what is added to the styles, by the rows of w: the block's own, and that
        of its colours."""
        first = [] if self.input is None else [self.placement_edit]
        return first + [edit for styles in self.styles for edit in styles.edit]

    def draw(
        self, x: Tensor | None, image: Tensor | None, transform: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """Features and picture of the coarser block, None for the first, to those of this one.

        `transform` [3, 3] is the user's; only the first block looks at it.
        """
        styles = [styles() for styles in self.styles]
        own = styles[-1][: len(styles[-1]) - (self.rgb is not None)]
        factors = [
            pair
            for group, scales in zip([*styles[:-1], own], self._scales, strict=True)
            for pair in zip(*(part.unbind() for part in scales(group)), strict=True)
        ]
        layers = list(zip(self.layers, factors, strict=True))
        if self.input is not None:
            waves = self._ops.waves(self.input, self._row, self.placement_edit, transform)
            x = _mixed(self.input.weight, waves).to(self.dtype)
            x = x.contiguous(memory_format=self._memory)
            x = self._ops.scaled(x, factors[0][0])
        else:
            assert x is not None
            raising, (style, scale) = layers.pop(0)
            x = raising.raised(x, style, scale, next_style=factors[1][0])
        x = self._convolved(x, layers)
        return x, self._picture(x, styles[-1][-1], image)

    def colour(self, x: Tensor, image: Tensor | None) -> Tensor | None:
        """The picture alone, from the features of this block and the picture of the coarser one."""
        return self._picture(x, self.styles[-1]()[-1], image)

    def _convolved(
        self, x: Tensor, layers: Sequence[tuple[GraphLayer, tuple[Tensor, Tensor]]]
    ) -> Tensor:
        """The residual blocks, from their first layer's input on."""
        sums: Tensor | None = None
        for index, (layer, (style, scale)) in enumerate(layers):
            if not layer.residual:
                x, sums = layer.plain(x, scale)
                continue
            assert sums is not None
            last = index == len(layers) - 1
            x = layer.residue(x, sums, style, scale, None if last else layers[index + 1][1][0])
        return x

    def _picture(self, x: Tensor, style: Tensor, image: Tensor | None) -> Tensor | None:
        if self.rgb is not None:
            return self.rgb(x, style, image)
        return None if image is None else doubled(image, self._taps)


def _mixed(weight: Tensor, waves: Tensor) -> Tensor:
    """`SynthesisInput.mixed` without a pass over the weights of its own."""
    flat = waves[0].flatten(1)
    mixed = torch.addmm(flat, weight, flat, beta=0, alpha=1 / math.sqrt(weight.shape[1]))
    return mixed.view(waves.shape)
