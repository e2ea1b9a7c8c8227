"""The synthesis layers prepared for drawing one picture at a time: same numbers, other order.

What depends on the weights alone is computed once.  Style, demodulation and gain are multiplied
into whatever is smallest: the weights of layers with large feature maps, the feature maps of the
others.  Everything is for one picture, [1, C, H, W], in the type of the layer's weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.config import BASE_RESOLUTION
from stylegan_t.extent import centre
from stylegan_t.family import stylegan2, stylegan3
from stylegan_t.family.resampling import resample
from stylegan_t.inference import winograd
from stylegan_t.inference.bending import Effect, bent
from stylegan_t.inference.demodulation import kernel_power
from stylegan_t.inference.fast_styles import FastStyle
from stylegan_t.inference.packing import Packed, pack, pack_up
from stylegan_t.layers import (
    DEMODULATION_EPS,
    LRELU_GAIN,
    LRELU_SLOPE,
    ROOT2,
    UP_GAIN,
    GroupNorm32,
    SynthesisLayer,
    ToRGBLayer,
    within,
)


class FastLayer:
    """A 3x3 modulated convolution.

    Args:
        layer: what it computes, StyleGAN-T's or StyleGAN2's.
        latent_dim: columns of a row of w that are latent.
    """

    def __init__(self, layer: SynthesisLayer | stylegan2.SynthesisLayer, latent_dim: int) -> None:
        weight = layer.weight.detach()
        self.dtype, self.up = weight.dtype, layer.up
        self.style = FastStyle(layer, latent_dim)
        self.power = kernel_power(weight)
        self.gain = LRELU_GAIN * layer.gain
        self.clamp = None
        if layer.conv_clamp is not None:
            self.clamp = within(layer.conv_clamp * layer.gain, self.dtype)
        self.bias = (layer.bias * self.gain).detach().float()
        self.grainy = isinstance(layer, SynthesisLayer) or layer.use_noise
        """True if it takes noise."""
        if self.grainy:
            self.noise = (layer.noise_const * layer.noise_strength * self.gain).detach()
            self.noise_gain = (layer.noise_strength * self.gain).detach()
        outputs = len(weight)
        side = layer.resolution // 2 if layer.up else layer.resolution
        # Multiplying the style into the weights costs their size, into the features theirs.
        self.folds = 9 * outputs < side * side
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.side, self.packed, self.winograd = side, None, None
        self.work = float(weight.numel() * side * side)
        if layer.up:
            self.weight = weight.transpose(0, 1)  # [I, O, 3, 3]
            if not self.folds:
                self.weight = self.weight.contiguous()
            taps = layer.resample_filter.flip([0, 1]) * UP_GAIN
            self.taps = taps.float().expand(outputs, 1, *taps.shape).contiguous()
            self.around = (len(taps) + 1) // 2 - 1
        self.residual = isinstance(layer, SynthesisLayer) and layer.residual
        if isinstance(layer, SynthesisLayer) and layer.residual:
            self.norm = norm = layer.norm
            self.groups, self.eps = norm.num_groups, norm.eps
            # The skip path is multiplied by the root of two (see the reference); so is the norm.
            self.norm_weight = (norm.weight * ROOT2).detach()
            self.norm_bias = (norm.bias * ROOT2).detach()
            self.gamma = (layer.gamma.detach() * ROOT2).to(self.dtype)

    norm: GroupNorm32 | None = None
    packed: Packed | None
    winograd: winograd.Winograd | None

    def pack(self, budget_bytes: int) -> int:
        """Keep a copy of the weights in the form in which they convolve fastest on the processor.

        Args:
            budget_bytes: a larger copy is not made.

        Returns:
            The bytes that it takes.
        """
        outputs, inputs = self.weight.shape[:2]
        on_cpu = self.weight.device.type == "cpu"
        if not on_cpu or self.weight.nbytes > budget_bytes:
            return 0
        if self.up:
            self.packed = None if self.folds else pack_up(self.weight, self.side)
            return 0 if self.packed is None else self.weight.nbytes
        fits = winograd.GROWTH * self.weight.nbytes <= budget_bytes
        if self.dtype == torch.float32 and fits and winograd.suits(inputs, outputs, self.side):
            made = winograd.Winograd(self.weight)
            # Its weights are too many to multiply the style into them.
            self.winograd, self.folds = made, False
            return made.nbytes
        if not self.folds:
            self.packed = pack(self.weight, self.side)
        return 0 if self.packed is None else self.weight.nbytes

    def __call__(self, x: Tensor, style: Tensor, grain: Tensor | None) -> Tensor:
        """Features [1, I, H, W] to [1, O, H, W] (doubled when upsampling).

        Args:
            x: of the layer's type; it is left as it is.
            style: [I] float32.
            grain: noise [1, 1, H, W] with its gain, of the layer's type, or None.
        """
        scale = torch.rsqrt(torch.mv(self.power, style.square()) + DEMODULATION_EPS) * self.gain
        skip = x
        if self.residual:
            skip = x = self._normalised(x)
            style = style / ROOT2
        if self.winograd is not None and not any(side % winograd.TILE for side in x.shape[2:]):
            return self._by_winograd(self.winograd, x, style, scale, grain)
        y = self._up(x, style, scale, grain) if self.up else self._plain(x, style, scale, grain)
        y = self._activated(y)
        return torch.addcmul(skip, self.gamma, y) if self.residual else y

    def _activated(self, y: Tensor) -> Tensor:
        """In place."""
        y = F.leaky_relu_(y, LRELU_SLOPE)
        return y if self.clamp is None else y.clamp_(-self.clamp, self.clamp)

    def _by_winograd(
        self,
        convolve: winograd.Winograd,
        x: Tensor,
        style: Tensor,
        scale: Tensor,
        grain: Tensor | None,
    ) -> Tensor:
        """The whole layer in one go; `x` is the skip path of a residual layer."""
        skip = x[0].permute(1, 2, 0)

        def finish(parts: Tensor, target: Tensor, rows: slice) -> None:
            torch.addcmul(self.bias, parts, scale, out=target)
            y = target.view(-1, *target.shape[2:]).flatten(1, 2)
            if grain is not None:
                y += grain[0, 0, rows, :, None]
            self._activated(y)
            if self.residual:
                torch.addcmul(skip[rows], self.gamma.flatten(), y, out=y)

        return convolve(x, style, finish)

    def _normalised(self, x: Tensor) -> Tensor:
        if x.shape[-2:] != (self.side, self.side):
            assert self.norm is not None
            return self.norm.by(x, centre(x, self.side, BASE_RESOLUTION)).mul_(ROOT2)
        if x.dtype == torch.float32:
            return F.group_norm(x, self.groups, self.norm_weight, self.norm_bias, self.eps)
        y = F.group_norm(x.float(), self.groups, self.norm_weight, self.norm_bias, self.eps)
        return y.to(x.dtype)

    def _plain(self, x: Tensor, style: Tensor, scale: Tensor, grain: Tensor | None) -> Tensor:
        if self.folds:
            factors = torch.outer(scale, style)[:, :, None, None]
            weight = self.weight * factors.to(self.dtype)
            y = F.conv2d(x, weight, self.bias.to(self.dtype), padding=1)
            return y if grain is None else y.add_(grain)
        # The bias goes through the convolution; so it is divided by what follows.
        bias, scale = (self.bias / scale).to(self.dtype), scale.to(self.dtype)[None, :, None, None]
        x = x * style.to(self.dtype)[None, :, None, None]
        packed = self._packed_for(x)
        y = F.conv2d(x, self.weight, bias, padding=1) if packed is None else packed(x, bias)
        return y.mul_(scale) if grain is None else torch.addcmul(grain, y, scale)

    def _packed_for(self, x: Tensor) -> Packed | None:
        """Packed for one size: at others the library takes several times as long."""
        return self.packed if x.shape[2:] == (self.side, self.side) else None

    def _up(self, x: Tensor, style: Tensor, scale: Tensor, grain: Tensor | None) -> Tensor:
        """Double the size: what the filter is multiplied by needs no pass of its own."""
        taps = (self.taps * scale[:, None, None, None]).to(self.dtype)
        if self.folds:
            weight = self.weight * style.to(self.dtype)[:, None, None, None]
        else:
            weight, x = self.weight, x * style.to(self.dtype)[None, :, None, None]
        packed = self._packed_for(x)
        y = F.conv_transpose2d(x, weight, stride=2) if packed is None else packed(x, None)
        y = F.conv2d(y, taps, self.bias.to(self.dtype), padding=self.around, groups=len(taps))
        # Where the filter has an odd number of taps, one more comes out at the end.
        y = y[:, :, : 2 * x.shape[2], : 2 * x.shape[3]]
        return y if grain is None else y.add_(grain)


class FastColours:
    """A colour output.

    Args:
        layer: what it computes, of any network.
        latent_dim: columns of a row of w that are latent.
        gain: multiplies the colours.
    """

    def __init__(self, layer: nn.Module, latent_dim: int, gain: float) -> None:
        self.style, self._gain = FastStyle(layer, latent_dim), gain
        if isinstance(layer, stylegan3.SynthesisLayer):
            factor = torch.rsqrt(layer.magnitude_ema) / math.sqrt(layer.spec.in_channels)
            self._clamp, self._spec = layer.spec.conv_clamp, layer.spec
        else:
            assert isinstance(layer, ToRGBLayer | stylegan2.ToRGBLayer)
            factor = layer.style_gain
            self._clamp, self._spec = layer.conv_clamp, None
        self._weight = (layer.get_parameter("weight") * factor).detach().float()
        self._bias = layer.get_parameter("bias").detach().float()

    def __call__(self, x: Tensor, style: Tensor, effects: Sequence[Effect] = ()) -> Tensor:
        """Features [1, I, H, W] and a style [I] to colours [1, channels, H, W], float32, bent."""
        y = F.conv2d(x.float(), self._weight * style[None, :, None, None], self._bias)
        if self._spec is not None:
            up, down, around = self._spec.up, self._spec.down, self._spec.padding
            y = resample(y, None, up=up, down=down, padding=around, gain=float(up * up))
        if self._clamp is not None:
            y = y.clamp_(-self._clamp, self._clamp)
        y = bent(y, effects)
        return y if self._gain == 1 else y.mul_(self._gain)
