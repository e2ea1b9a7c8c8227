"""The synthesis layers prepared for drawing one picture at a time: same numbers, other order.

What depends on the weights alone is computed once.  Style, demodulation and gain are multiplied
into whatever is smallest: the weights of layers with large feature maps, the feature maps of the
others.  Everything is for one picture, [1, C, H, W], in the type of the layer's weights.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.inference import winograd
from stylegan_t.inference.packing import PackedConv, pack
from stylegan_t.layers import (
    DEMODULATION_EPS,
    LRELU_GAIN,
    LRELU_SLOPE,
    ROOT2,
    UP_GAIN,
    StyleSplit,
    SynthesisLayer,
    ToRGBLayer,
    within,
)


class FastStyle:
    """The affine layer of a style, its latent and its text columns apart.

    The text of a picture changes more rarely than its latent, so what the text contributes is kept.

    Args:
        split: the layer.
        z_dim: columns of a row of w that are latent; the rest is text.
    """

    def __init__(self, split: StyleSplit, z_dim: int) -> None:
        proj, self.z_dim = split.proj, z_dim
        # Views: the largest model has a quarter of its weights here.
        weight, self.gain = proj.weight.detach(), proj.weight_gain
        self.latent_weight, self.text_weight = weight[:, :z_dim], weight[:, z_dim:]
        self.bias = (proj.bias * proj.lr_multiplier).detach()
        self._text: Tensor | None = None
        self._from_text = self.bias

    def __call__(self, w: Tensor) -> Tensor:
        """A row of w, [w_dim], to a style, [channels] float32."""
        latent, text = w[: self.z_dim], w[self.z_dim :]
        if len(text) and (self._text is None or not torch.equal(text, self._text)):
            self._text = text.clone()
            self._from_text = torch.addmv(self.bias, self.text_weight, text, alpha=self.gain)
        both = torch.addmv(self._from_text, self.latent_weight, latent, alpha=self.gain)
        s1, s2, s3 = both.chunk(3)
        return torch.addcmul(s3, s1, s2)


class FastLayer:
    """A 3x3 modulated convolution; see `stylegan_t.layers.SynthesisLayer` for what it computes."""

    def __init__(self, layer: SynthesisLayer, z_dim: int) -> None:
        weight = layer.weight.detach()
        self.dtype, self.up, self.residual = weight.dtype, layer.up, layer.residual
        self.style = FastStyle(layer.affine, z_dim)
        self.power = weight.float().square().sum(dim=(2, 3))
        self.gain = LRELU_GAIN * layer.gain
        self.clamp = within(layer.conv_clamp * layer.gain, self.dtype)
        self.bias = (layer.bias * self.gain).detach().float()
        self.noise = (layer.noise_const * layer.noise_strength * self.gain).detach()
        self.noise_gain = (layer.noise_strength * self.gain).detach()
        outputs = len(weight)
        side = layer.resolution // 2 if layer.up else layer.resolution
        # Multiplying the style into the weights costs their size, into the features theirs.
        self.folds = 9 * outputs < side * side
        self.weight = weight.contiguous(memory_format=torch.channels_last)
        self.side, self.packed, self.winograd = side, None, None
        if layer.up:
            self.weight = weight.transpose(0, 1)  # [I, O, 3, 3]
            if not self.folds:
                self.weight = self.weight.contiguous()
            taps = layer.resample_filter.flip([0, 1]) * UP_GAIN
            self.taps = taps.float().expand(outputs, 1, *taps.shape).contiguous()
        if self.residual:
            norm = layer.norm
            self.groups, self.eps = norm.num_groups, norm.eps
            # The skip path is multiplied by the root of two (see the reference); so is the norm.
            self.norm_weight = (norm.weight * ROOT2).detach()
            self.norm_bias = (norm.bias * ROOT2).detach()
            self.gamma = (layer.gamma.detach() * ROOT2).to(self.dtype)

    packed: PackedConv | None
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
        if self.up or not on_cpu or self.weight.nbytes > budget_bytes:
            return 0
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
        if self.winograd is not None:
            return self._by_winograd(self.winograd, x, style, scale, grain)
        y = self._up(x, style, scale, grain) if self.up else self._plain(x, style, scale, grain)
        y = F.leaky_relu_(y, LRELU_SLOPE).clamp_(-self.clamp, self.clamp)
        return torch.addcmul(skip, self.gamma, y) if self.residual else y

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
            F.leaky_relu_(y, LRELU_SLOPE).clamp_(-self.clamp, self.clamp)
            if self.residual:
                torch.addcmul(skip[rows], self.gamma.flatten(), y, out=y)

        return convolve(x, style, finish)

    def _normalised(self, x: Tensor) -> Tensor:
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
        if self.packed is not None:
            y = self.packed(x, bias)
        else:
            y = F.conv2d(x, self.weight, bias, padding=1)
        return y.mul_(scale) if grain is None else torch.addcmul(grain, y, scale)

    def _up(self, x: Tensor, style: Tensor, scale: Tensor, grain: Tensor | None) -> Tensor:
        """Double the size: what the filter is multiplied by needs no pass of its own."""
        taps = (self.taps * scale[:, None, None, None]).to(self.dtype)
        if self.folds:
            weight = self.weight * style.to(self.dtype)[:, None, None, None]
        else:
            weight, x = self.weight, x * style.to(self.dtype)[None, :, None, None]
        y = F.conv_transpose2d(x, weight, stride=2)
        y = F.conv2d(y, taps, self.bias.to(self.dtype), padding=1, groups=len(taps))
        return y if grain is None else y.add_(grain)


class FastRGB:
    """A colour output; see `stylegan_t.layers.ToRGBLayer`."""

    def __init__(self, layer: ToRGBLayer, z_dim: int) -> None:
        self.style = FastStyle(layer.affine, z_dim)
        self.weight = (layer.weight * layer.style_gain).detach().float()
        self.bias, self.clamp = layer.bias.detach().float(), layer.conv_clamp

    def __call__(self, x: Tensor, style: Tensor) -> Tensor:
        """Features [1, I, H, W] and a style [I] to colours [1, channels, H, W], float32."""
        weight = self.weight * style[None, :, None, None]
        return F.conv2d(x.float(), weight, self.bias).clamp_(-self.clamp, self.clamp)
