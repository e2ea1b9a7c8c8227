"""The steps between the convolutions of one picture, each as one operation.

On a graphics card these steps cost as much as the convolutions when each is a pass of its own over
the feature maps.  `Ops` names what can be joined, and does it in operations of PyTorch, anywhere;
`stylegan_t.inference.fused_kernels` does it in one kernel each.

Feature maps are [1, C, H, W] of the layer's type; styles, factors and noise are float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.layers import LRELU_SLOPE, ROOT2


class Norm(NamedTuple):
    """A group norm as a factor and an offset for each channel, [C] each: `x * factor + offset`.

    `style_factor` and `style_offset` give the same, times the style of the layer that reads it.
    """

    factor: Tensor
    offset: Tensor
    style_factor: Tensor
    style_offset: Tensor


@dataclass(frozen=True, eq=False)
class Affine:
    """The parts of a group norm: its number of groups, eps, and weight and bias [C]."""

    groups: int
    eps: float
    weight: Tensor
    bias: Tensor


@dataclass(frozen=True, eq=False)
class Skip:
    """The skip path of a residual layer: `x * norm.factor + norm.offset + gamma * y`.

    `x` [1, C, H, W] is what the layer got, `gamma` [C].
    """

    x: Tensor
    norm: Norm
    gamma: Tensor


class Ops:
    """The steps, by PyTorch's own operations.

    Each returns new tensors and leaves its arguments as they are.
    """

    def styles(
        self, weight: Tensor, latent: Tensor, from_text: Tensor, gain: float, edit: Tensor
    ) -> Tensor:
        """Second-order styles of L layers, [L, I]: `s1 * s2 + s3 + edit`, where the three are
        `weight @ latent * gain + from_text`.

        `weight` is [L, 3 I, z_dim], `latent` [L, z_dim], `from_text` [L, 3 I], `edit` [L, I].
        """
        both = torch.baddbmm(from_text[:, :, None], weight, latent[:, :, None], alpha=gain)
        s1, s2, s3 = both.squeeze(2).chunk(3, dim=1)
        return torch.addcmul(s3, s1, s2) + edit

    def demodulation(
        self, power: Tensor, style: Tensor, gain: Tensor, eps: float | Tensor
    ) -> Tensor:
        """`gain / sqrt(power @ style^2 + eps)` of L layers, [L, O].

        `power` is [L, O, I] in any precision, `gain` [L], `eps` a number or [L, O].
        """
        total = torch.bmm(power.float(), style.square()[:, :, None]).squeeze(2)
        return torch.rsqrt(total + eps) * gain[:, None]

    def scaled(self, x: Tensor, factor: Tensor, offset: Tensor | None = None) -> Tensor:
        """`x * factor + offset`, [C] each."""
        if offset is None:
            return x * _map(factor).to(x.dtype)
        return torch.addcmul(_map(offset), x.float(), _map(factor)).to(x.dtype)

    def finished(
        self,
        y: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        *,
        skip: Skip | None = None,
        next_style: Tensor | None = None,
        sums: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Apply what follows a convolution: `lrelu(y * scale + bias + grain)` within +-clamp, then
        the skip path, then times the style of the next layer.

        `scale` and `bias` are [C], `grain` [H, W].  With `sums`, also the parts that a group norm
        of the result is made from, see `norm`.
        """
        z = torch.addcmul(_map(bias), y.float(), _map(scale)).add_(grain)
        z = F.leaky_relu_(z, LRELU_SLOPE).clamp_(-clamp, clamp)
        if skip is not None:
            passed = torch.addcmul(_map(skip.norm.offset), skip.x.float(), _map(skip.norm.factor))
            z = passed.addcmul_(_map(skip.gamma), z)
        if next_style is not None:
            z = z.mul_(_map(next_style))
        out = z.to(y.dtype)
        return out, _sums(out) if sums else None

    def blurred(
        self,
        y: Tensor,
        taps: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        next_style: Tensor | None,
    ) -> Tensor:
        """`finished`, of the upsampling filter `taps` [4, 4] applied to `y` with padding 1."""
        channels = y.shape[1]
        kernel = taps.to(y.dtype).expand(channels, 1, *taps.shape)
        y = F.conv2d(y, kernel, padding=1, groups=channels)
        return self.finished(y, scale, bias, grain, clamp, next_style=next_style)[0]

    def norm(self, sums: Tensor, count: int, affine: Affine, style: Tensor) -> Norm:
        """A group norm from the sums of its input.

        Args:
            sums: [parts, 2, C]: sums of values and of their squares.
            count: pixels of the feature map.
            affine: the norm.
            style: [C]; it is divided by the root of two, see `FastLayer`.
        """
        total = sums.sum(dim=0).view(2, affine.groups, -1)
        per_group = count * total.shape[2]
        mean, square = (total.sum(dim=2, keepdim=True) / per_group).unbind()
        spread = torch.rsqrt((square - mean.square()).clamp_min(0.0) + affine.eps)
        factor = (spread * affine.weight.view(affine.groups, -1)).flatten()
        offset = affine.bias - (mean * factor.view(affine.groups, -1)).flatten()
        return Norm(factor, offset, factor * style / ROOT2, offset * style / ROOT2)

    def colours(
        self,
        x: Tensor,
        weight: Tensor,
        style: Tensor,
        bias: Tensor,
        clamp: float,
        image: Tensor | None,
        taps: Tensor,
    ) -> Tensor:
        """A colour output [1, K, H, W] float32, added to the picture of the coarser block.

        `weight` is [K, C], `style` [C], `bias` [K]; `image` is [1, K, H / 2, W / 2], which is
        doubled by the filter `taps` [4, 4].
        """
        kernel = (weight * style)[:, :, None, None]
        colour = F.conv2d(x.float(), kernel, bias).clamp_(-clamp, clamp)
        return colour if image is None else colour.add_(doubled(image, taps))

    def waves(self, source: SynthesisInput, row: Tensor, edit: Tensor, transform: Tensor) -> Tensor:
        """The Fourier features of `source` before they are mixed, [1, C, size, size] float32.

        `row` is [w_dim], `edit` [4] is added to the placement that it asks for, `transform` [3, 3]
        is the user's.
        """
        return source.waves(source.affine(row[None]) + edit, transform)


def doubled(image: Tensor, taps: Tensor) -> Tensor:
    """A picture [1, K, H, W] twice as large, by the filter `taps` [4, 4]."""
    channels = image.shape[1]
    kernel = taps.expand(channels, 1, *taps.shape)
    return F.conv_transpose2d(image, kernel, stride=2, padding=1, groups=channels)


def _map(values: Tensor) -> Tensor:
    """[C] as it multiplies feature maps."""
    return values[None, :, None, None]


def _sums(x: Tensor) -> Tensor:
    flat = x[0].float().flatten(1)
    return torch.stack([flat.sum(dim=1), flat.square().sum(dim=1)])[None]
