"""The layers of StyleGAN3 and StyleGAN-XL, prepared for drawing one picture at a time."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.family.resampling import filtered_lrelu
from stylegan_t.family.stylegan3 import SynthesisLayer
from stylegan_t.inference.demodulation import kernel_power
from stylegan_t.inference.fast_styles import FastStyle
from stylegan_t.inference.filtered_kernel import FilteredKernel, available
from stylegan_t.inference.packing import Packed, pack
from stylegan_t.inference.resampling_tiles import Axis, FilteredActivation
from stylegan_t.layers import DEMODULATION_EPS, LRELU_SLOPE, ROOT2

FILTERING = 100
"""About how many multiplications filtering takes for each sample at the high rate."""


class FilteredLayer:
    """A modulated convolution and a leaky ReLU that makes no aliases.

    Args:
        layer: what it computes.
        latent_dim: columns of a row of w that are latent.
    """

    def __init__(self, layer: SynthesisLayer, latent_dim: int) -> None:
        spec, weight = layer.spec, layer.weight.detach()
        self.dtype, self.side, self._spec = weight.dtype, spec.in_size, spec
        self.style = FastStyle(layer, latent_dim)
        power = kernel_power(weight)
        # The weights' own size is taken out where there is least of it: behind the convolution.
        size = torch.rsqrt(power.mean(dim=1) / (spec.kernel * spec.kernel))
        self._power = power * size.square()[:, None]
        self._gain = torch.rsqrt(layer.magnitude_ema.float()) * size
        self._bias = layer.bias.detach().float()
        self._silence = torch.zeros_like(self._bias, dtype=self.dtype)
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._packed: Packed | None = None
        self._up_filter, self._down_filter = layer.up_filter, layer.down_filter
        around = spec.in_size + spec.kernel - 1
        low, high = spec.padding[:2]
        axis = Axis(around, spec.up, spec.down, spec.up_taps, spec.down_taps, low, high)
        self.work = float(weight.numel() * around**2 + len(weight) * axis.high**2 * FILTERING)
        self.tiles: FilteredActivation | None = None
        """Filters on the processor; elsewhere the readable filter does it."""
        if weight.device.type == "cpu":
            self.tiles = FilteredActivation(
                axis,
                layer.up_filter,
                layer.down_filter,
                gain=ROOT2,
                slope=LRELU_SLOPE,
                clamp=spec.conv_clamp,
            )
        self.kernel: FilteredKernel | None = None
        """Filters on a graphics card where Triton is there."""
        if available(weight.device) and FilteredKernel.suits(axis):
            self.kernel = FilteredKernel(
                axis,
                layer.up_filter,
                layer.down_filter,
                gain=ROOT2,
                slope=LRELU_SLOPE,
                clamp=spec.conv_clamp,
                device=weight.device,
            )

    def pack(self, budget_bytes: int) -> int:
        """See `FastLayer.pack`."""
        if self._weight.nbytes > budget_bytes:
            return 0
        self._packed = pack(self._weight, self.side, self._spec.kernel - 1)
        return 0 if self._packed is None else self._weight.nbytes

    def __call__(self, x: Tensor, style: Tensor, grain: Tensor | None = None) -> Tensor:
        """Features [1, I, in_size, in_size] and a style [I] to [1, O, out_size, out_size]; there
        is no noise."""
        style = style * torch.rsqrt(style.square().mean())
        power = torch.mv(self._power, style.square())
        scale = torch.rsqrt(power + DEMODULATION_EPS) * self._gain
        y = self._convolved(x, style)
        around = self.side + self._spec.kernel - 1
        if self.kernel is not None and y.shape[-2:] == (around, around):
            return self.kernel(y, scale, self._bias)
        if self.tiles is None:
            return self._filtered(y, scale)
        tiles, pixels = self.tiles.sized(*y.shape[-2:]), y[0].permute(1, 2, 0)
        whole, place = tiles.room(pixels.shape[2])
        torch.addcmul(self._bias, pixels[tiles.taken], scale, out=place)
        # With the strides by which the next convolution knows the order: see `Winograd.__call__`.
        out = tiles(whole)[None].permute(0, 3, 1, 2)
        return out.to(self.dtype)

    def _convolved(self, x: Tensor, style: Tensor) -> Tensor:
        x = x * style.to(self.dtype)[None, :, None, None]
        if self._packed is not None and x.shape[2:] == (self.side, self.side):
            return self._packed(x, self._silence)
        return F.conv2d(x, self._weight, padding=self._spec.kernel - 1)

    def _filtered(self, y: Tensor, scale: Tensor) -> Tensor:
        spec = self._spec
        return filtered_lrelu(
            y * scale.to(y.dtype)[None, :, None, None],
            self._up_filter,
            self._down_filter,
            self._bias,
            up=spec.up,
            down=spec.down,
            padding=spec.padding,
            gain=ROOT2,
            slope=LRELU_SLOPE,
            clamp=spec.conv_clamp,
        )
