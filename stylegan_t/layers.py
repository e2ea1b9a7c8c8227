"""The layers of StyleGAN-T's generator, as readable and trainable modules.

Conventions: feature maps are [N, C, H, W]; styles and rows of w are [N, features]; weights are
stored unscaled and multiplied by a constant gain at run time ("equalised learning rate", Karras
et al. 2018).  Parameter names are those of the reference checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.config import BASE_RESOLUTION
from stylegan_t.extent import centre
from stylegan_t.noise import NoiseSource

LRELU_SLOPE = 0.2
ROOT2 = math.sqrt(2)
LRELU_GAIN = ROOT2
"""Keeps the variance through a leaky ReLU (He et al. 2015)."""
FIR_TAPS = (1.0, 3.0, 3.0, 1.0)
"""The resampling filter of StyleGAN2."""
UP_GAIN = 4.0
"""Zeros between the pixels leave a quarter of their sum; the filter makes up for that."""
DEMODULATION_EPS = 1e-8
SMALLEST_PEAK = 1e-12
"""A row of zeros stays zero."""
HALF_MAX = torch.finfo(torch.float16).max


def lrelu(x: Tensor, gain: float = 1.0, clamp: float | None = None) -> Tensor:
    """Leaky ReLU with slope 0.2, times sqrt(2) and `gain`, cut to +-`clamp` when given."""
    x = F.leaky_relu(x, LRELU_SLOPE) * (LRELU_GAIN * gain)
    if clamp is None:
        return x
    clamp = within(clamp, x.dtype)
    return x.clamp(-clamp, clamp)


def within(clamp: float, dtype: torch.dtype) -> float:
    """A bound that numbers of this type can have: half precision ends at 65504."""
    return min(clamp, torch.finfo(dtype).max)


def normalize_second_moment(x: Tensor) -> Tensor:
    """Scale each row of [N, features] to a mean square of one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


def fir_filter(taps: Sequence[float] = FIR_TAPS) -> Tensor:
    """The separable 2-D filter made from `taps`: [len, len], sum one."""
    line = torch.tensor(taps, dtype=torch.float32)
    square = torch.outer(line, line)
    return square / square.sum()


def filter2d(x: Tensor, fir: Tensor, padding: tuple[int, int, int, int], gain: float) -> Tensor:
    """Convolve every channel of [N, C, H, W] with `fir` (a true convolution: the kernel flips).

    `padding` counts zeros at left, right, top, bottom.
    """
    channels = x.shape[1]
    kernel = (fir * gain).flip([0, 1]).to(x.dtype).expand(channels, 1, *fir.shape)
    return F.conv2d(F.pad(x, padding), kernel, groups=channels)


def upsample2d(x: Tensor, fir: Tensor) -> Tensor:
    """Double the size of [N, C, H, W]: zeros between the pixels, then the filter, gain 4."""
    n, c, h, w = x.shape
    spread = x.new_zeros(n, c, h, 2, w, 2)
    spread[:, :, :, 0, :, 0] = x
    taps = fir.shape[0]
    before, after = (taps + 1) // 2, (taps - 2) // 2
    return filter2d(spread.view(n, c, 2 * h, 2 * w), fir, (before, after, before, after), UP_GAIN)


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    *,
    demodulate: bool = True,
    up_fir: Tensor | None = None,
    weight_scale: Tensor | None = None,
    padding: int | None = None,
) -> Tensor:
    """Convolve with weights whose input channels are scaled by `styles` (StyleGAN2, section 2.2).

    The activations are scaled in place of the weights, which gives the same numbers without a
    copy of the weights per sample; demodulation then scales the output channels.  In float16,
    weights and styles are brought into its range first, which demodulation takes back out.

    Args:
        x: [N, I, H, W] features.
        weight: [O, I, k, k].
        styles: [N, I].
        demodulate: bring every output channel to unit expected variance.
        up_fir: when given, also double the size, with this filter.
        weight_scale: [O], what the weights were divided by already (see `within_half_range`);
            for demodulated float16 only.
        padding: zeros on each side; when None as many as keep the size.

    Returns:
        [N, O, H, W], or [N, O, 2H, 2W] with `up_fir`.
    """
    eps: float | Tensor = DEMODULATION_EPS
    if demodulate and x.dtype == torch.float16:
        if weight_scale is None:
            weight, weight_scale = within_half_range(weight)
        loudest = styles.abs().amax(dim=1, keepdim=True).clamp_min(SMALLEST_PEAK)
        styles = styles / loudest
        eps = DEMODULATION_EPS / (loudest * weight_scale).square()
    y = _convolve(x * styles.to(x.dtype)[:, :, None, None], weight, up_fir, padding)
    if not demodulate:
        return y
    power = weight.float().square().sum(dim=(2, 3))
    scale = torch.rsqrt(styles.square() @ power.T + eps)
    if y.dtype == torch.float16:
        scale = scale.clamp_max(HALF_MAX)
    return y * scale.to(y.dtype)[:, :, None, None]


def _convolve(
    x: Tensor, weight: Tensor, up_fir: Tensor | None, padding: int | None = None
) -> Tensor:
    """Convolve, and with `up_fir` double the size; the type of `x` in and out."""
    dtype = x.dtype
    if x.device.type == "cpu" and not cpu_convolves(dtype):
        x = x.float()
    if up_fir is None:
        around = weight.shape[-1] // 2 if padding is None else padding
        y = F.conv2d(x, weight.to(x.dtype), padding=around)
    else:
        y = F.conv_transpose2d(x, weight.to(x.dtype).transpose(0, 1), stride=2)
        lead, trail = (up_fir.shape[0] + 1) // 2 - 1, (up_fir.shape[0] - 2) // 2
        y = filter2d(y, up_fir, (lead, trail, lead, trail), UP_GAIN)
    return y.to(dtype) if y.dtype == torch.float32 else y


def _asked(name: str) -> bool:
    question = getattr(torch.ops.mkldnn, f"_is_mkldnn_{name}_supported", None)
    return question is not None and bool(question())


# Asked once, at import: a compiled network takes a constant without breaking in two there.
# (Marking a function as constant would do too, but imports the compiler: a second of every start.)
_BF16_ON_CPU, _FP16_ON_CPU = _asked("bf16"), _asked("fp16")


def cpu_convolves(dtype: torch.dtype) -> bool:
    """Return whether this processor convolves in `dtype` faster than by way of float32.

    Where it does not, PyTorch falls back to loops that take a hundred times as long (measured);
    float32 sums of half-precision factors are what graphics cards compute, too.
    """
    if dtype == torch.bfloat16:
        return _BF16_ON_CPU
    return dtype != torch.float16 or _FP16_ON_CPU


def within_half_range(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Scale weights so that a float16 convolution cannot overflow.

    Every output channel is divided by its largest weight and the root of its number of weights;
    demodulation takes that out again (StyleGAN2-ADA, appendix on mixed precision).

    Args:
        weight: [O, I, k, k] float32.

    Returns:
        The scaled weights, and [O] what they were divided by; both float32.
    """
    peak = weight.abs().amax(dim=(1, 2, 3)).clamp_min(SMALLEST_PEAK)
    scale = peak * math.sqrt(weight[0].numel())
    return weight / scale[:, None, None, None], scale


class FullyConnectedLayer(nn.Module):
    """`x @ (W * g).T + b * lr_multiplier`, with an optional leaky ReLU."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        activate: bool = False,
        lr_multiplier: float = 1.0,
        bias_init: float = 0.0,
    ) -> None:
        super().__init__()
        self.activate, self.lr_multiplier = activate, lr_multiplier
        self.weight_gain = lr_multiplier / math.sqrt(in_features)
        start = torch.empty(out_features, in_features).normal_(std=1 / lr_multiplier)
        self.weight = nn.Parameter(start)
        self.bias = nn.Parameter(torch.full((out_features,), bias_init / lr_multiplier))

    def forward(self, x: Tensor) -> Tensor:
        """[N, in_features] to [N, out_features]."""
        y = F.linear(x, self.weight * self.weight_gain, self.bias * self.lr_multiplier)
        return lrelu(y) if self.activate else y


class StyleSplit(nn.Module):
    """Second-order styles: one affine layer, split in three, `s1 * s2 + s3` (paper, equation 1)."""

    def __init__(self, w_dim: int, channels: int) -> None:
        super().__init__()
        self.proj = FullyConnectedLayer(w_dim, 3 * channels, bias_init=1.0)

    def forward(self, w: Tensor) -> Tensor:
        """[N, w_dim] to styles [N, channels]."""
        s1, s2, s3 = self.proj(w).chunk(3, dim=1)
        return s1 * s2 + s3


class GroupNorm32(nn.GroupNorm):
    """Group normalisation computed in float32 whatever the input's precision."""

    def forward(self, input: Tensor) -> Tensor:
        """[N, C, H, W], same type out."""
        with torch.autocast(input.device.type, enabled=False):
            y = F.group_norm(input.float(), self.num_groups, self.weight, self.bias, self.eps)
        return y.to(input.dtype)

    def by(self, x: Tensor, some: Tensor) -> Tensor:
        """Normalise [N, C, H, W] by the statistics of `some` [N, C, h, w] of it; same type out."""
        groups = some.float().reshape(len(some), self.num_groups, -1)
        var, mean = torch.var_mean(groups, dim=2, correction=0)
        each = x.shape[1] // self.num_groups
        factor = torch.rsqrt(var + self.eps).repeat_interleave(each, dim=1) * self.weight
        offset = self.bias - mean.repeat_interleave(each, dim=1) * factor
        y = x.float() * factor[:, :, None, None] + offset[:, :, None, None]
        return y.to(x.dtype)


class HalvedLayer(nn.Module):
    """A modulated convolution whose weights may be kept in half precision.

    The type of `weight` is the type of the feature maps.
    """

    weight: nn.Parameter
    weight_scale: Tensor | None

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight_scale", None, persistent=False)

    @torch.no_grad()
    def lower(self, dtype: torch.dtype) -> None:
        """Keep the convolution's weights in `dtype`, in place; from then on for drawing only."""
        weight = self.weight.detach()
        if dtype == torch.float16:
            weight, self.weight_scale = within_half_range(weight)
        self.weight = nn.Parameter(weight.to(dtype), requires_grad=False)

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """A state holds plain weights, whatever they are divided by in memory."""
        super()._save_to_state_dict(destination, prefix, keep_vars)
        if self.weight_scale is not None:
            plain = self.weight.float() * self.weight_scale[:, None, None, None]
            destination[f"{prefix}weight"] = plain


class SynthesisLayer(HalvedLayer):
    """A 3x3 modulated convolution with noise and leaky ReLU: plain, upsampling or residual.

    The type of `weight` is the type of the feature maps; styles, demodulation factors and group
    norm are float32 always.
    """

    resample_filter: Tensor
    noise_const: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        *,
        up: bool = False,
        residual: bool = False,
        gain: float = 1.0,
        gn_groups: int = 32,
        layer_scale_init: float = 1e-5,
        conv_clamp: float = 256.0,
    ) -> None:
        super().__init__()
        self.resolution, self.up, self.residual = resolution, up, residual
        self.gain, self.conv_clamp = gain, conv_clamp
        self.affine = StyleSplit(w_dim, in_channels)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", fir_filter())
        if residual:
            self.norm = GroupNorm32(gn_groups, in_channels)
            self.gamma = nn.Parameter(torch.full((1, out_channels, 1, 1), layer_scale_init))

    @property
    def output_limit(self) -> float | None:
        """The bound of what comes out, on both sides of 0; None where nothing is clamped last."""
        return None if self.residual else self.conv_clamp * self.gain

    def forward(
        self, x: Tensor, w: Tensor, noise: NoiseSource, style_edit: Tensor | None = None
    ) -> Tensor:
        """[N, I, H, W] and one row of w [N, w_dim] to [N, O, H, W] (doubled when upsampling).

        `style_edit`, [I] or [N, I], is added to the style.
        """
        if self.residual:
            x = self._normalised(x)
        styles = self.affine(w)
        if style_edit is not None:
            styles = styles + style_edit
        fir = self.resample_filter if self.up else None
        y = modulated_conv2d(x, self.weight, styles, up_fir=fir, weight_scale=self.weight_scale)
        grain = noise(self.resolution, self.noise_const)
        if grain is not None:
            y = y + (grain * self.noise_strength).to(y.dtype)
        y = y + self.bias.to(y.dtype)[None, :, None, None]
        y = lrelu(y, self.gain, self.conv_clamp * self.gain)
        # The skip path carries the normalised input (paper, section 3.1, "residual convolutions").
        return (self.gamma.to(y.dtype) * y + x) * math.sqrt(2) if self.residual else y

    def _normalised(self, x: Tensor) -> Tensor:
        side = self.resolution
        if x.shape[-2:] == (side, side):
            return self.norm(x)
        # By those of the square: the rest must not change what was trained.
        return self.norm.by(x, centre(x, side, BASE_RESOLUTION))


class ToRGBLayer(nn.Module):
    """A 1x1 modulated convolution to picture channels, without demodulation.

    It is float32 always: without demodulation nothing keeps styles within float16, and the picture
    is the sum of all colour outputs.
    """

    def __init__(self, in_channels: int, img_channels: int, w_dim: int, conv_clamp: float) -> None:
        super().__init__()
        self.conv_clamp = conv_clamp
        self.style_gain = 1 / math.sqrt(in_channels)
        self.affine = StyleSplit(w_dim, in_channels)
        self.weight = nn.Parameter(torch.randn(img_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(img_channels))

    @property
    def output_limit(self) -> float | None:
        """The bound of what comes out, on both sides of 0; None where nothing is clamped last."""
        return self.conv_clamp

    def forward(self, x: Tensor, w: Tensor, style_edit: Tensor | None = None) -> Tensor:
        """[N, I, H, W] and a row of w [N, w_dim] to float32 [N, img_channels, H, W].

        `style_edit`, [I] or [N, I], is added to the style.
        """
        styles = self.affine(w)
        if style_edit is not None:
            styles = styles + style_edit
        styles = styles * self.style_gain
        y = modulated_conv2d(x.float(), self.weight, styles, demodulate=False)
        y = y + self.bias.to(y.dtype)[None, :, None, None]
        return y.clamp(-self.conv_clamp, self.conv_clamp).float()
