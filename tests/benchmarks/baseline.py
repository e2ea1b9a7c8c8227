"""The yardstick: a synthesis that modulates the weights of every layer for every picture.

Written from the formulas of StyleGAN2 (Karras et al. 2020, section 2.2), equations 1 and 3:

    w'[o, i, taps] = s[i] * w[o, i, taps]
    w''[o, i, taps] = w'[o, i, taps] / sqrt(sum over i and taps of w'^2 + eps)

and a convolution with as many groups as there are pictures.  Nothing is fused, kept or prepared.
The numbers are those of `SynthesisNetwork`; what both share (styles, norm, Fourier features) is
called there.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.generator import SynthesisBlock, SynthesisNetwork
from stylegan_t.layers import SynthesisLayer, ToRGBLayer

EPS = 1e-8
SLOPE = 0.2


class Baseline:
    """Draws as `network` does, in float32, with its stored noise.

    Args:
        network: in float32; its weights are shared.
    """

    def __init__(self, network: SynthesisNetwork) -> None:
        self._network = network

    @torch.inference_mode()
    def __call__(self, ws: Tensor) -> Tensor:
        """Rows of w, [N, num_ws, w_dim], to pictures [N, img_channels, R, R]."""
        config = self._network.config
        x = image = None
        for index, resolution in enumerate(config.block_resolutions):
            start = index * config.convs_per_block
            rows = ws[:, start : start + config.convs_per_block + 1]
            x, image = _block(self._network.block(resolution), x, image, rows)
        assert image is not None
        return image


def _block(
    block: SynthesisBlock, x: Tensor | None, image: Tensor | None, rows: Tensor
) -> tuple[Tensor, Tensor | None]:
    x = block.input(rows[:, 0]) if x is None else _layer(block.conv0, x, rows[:, 0])
    assert x is not None
    for index, layer in enumerate(block.convs1, 1):
        assert isinstance(layer, SynthesisLayer)
        x = _layer(layer, x, rows[:, index])
    if image is not None:
        image = _blur(_spread(image), block.resample_filter, (2, 1, 2, 1))
    if block.has_rgb:
        colour = _colour(block.torgb, x, rows[:, 1 + len(block.convs1)])
        image = colour if image is None else image + colour
    return x, image


def _layer(layer: SynthesisLayer, x: Tensor, w: Tensor) -> Tensor:
    if layer.residual:
        x = layer.norm(x)
    weight = _modulated(layer.weight, layer.affine(w))
    scale = torch.rsqrt(weight.square().sum(dim=(2, 3, 4), keepdim=True) + EPS)
    y = _grouped(x, weight * scale, layer.resample_filter if layer.up else None)
    y = y + layer.noise_const * layer.noise_strength
    y = y + layer.bias[None, :, None, None]
    y = torch.where(y < 0, y * SLOPE, y) * (math.sqrt(2) * layer.gain)
    y = y.clamp(-layer.conv_clamp * layer.gain, layer.conv_clamp * layer.gain)
    return (layer.gamma * y + x) * math.sqrt(2) if layer.residual else y


def _colour(layer: ToRGBLayer, x: Tensor, w: Tensor) -> Tensor:
    weight = _modulated(layer.weight, layer.affine(w) / math.sqrt(x.shape[1]))
    y = _grouped(x, weight, None) + layer.bias[None, :, None, None]
    return y.clamp(-layer.conv_clamp, layer.conv_clamp)


def _modulated(weight: Tensor, styles: Tensor) -> Tensor:
    """Weights [O, I, k, k] and styles [N, I] to the weights of each picture, [N, O, I, k, k]."""
    return weight[None] * styles[:, None, :, None, None]


def _grouped(x: Tensor, weight: Tensor, fir: Tensor | None) -> Tensor:
    """Convolve every picture of [N, I, H, W] with weights of its own, [N, O, I, k, k]; with `fir`
    double the size."""
    n, o, i, k, _ = weight.shape
    grouped = x.reshape(1, n * i, *x.shape[2:])
    if fir is None:
        y = F.conv2d(grouped, weight.reshape(n * o, i, k, k), padding=k // 2, groups=n)
        return y.reshape(n, o, *y.shape[2:])
    turned = weight.transpose(1, 2).reshape(n * i, o, k, k)
    y = F.conv_transpose2d(grouped, turned, stride=2, groups=n)
    return _blur(y.reshape(n, o, *y.shape[2:]), fir, (1, 1, 1, 1))


def _spread(image: Tensor) -> Tensor:
    """Twice the size, with zeros between the pixels."""
    n, c, h, w = image.shape
    spread = image.new_zeros(n, c, 2 * h, 2 * w)
    spread[:, :, ::2, ::2] = image
    return spread


def _blur(x: Tensor, fir: Tensor, padding: tuple[int, int, int, int]) -> Tensor:
    """Filter every channel, four times as strong: doubling has spread the same sum over more."""
    taps = (4 * fir.flip([0, 1])).expand(x.shape[1], 1, *fir.shape)
    return F.conv2d(F.pad(x, padding), taps, groups=x.shape[1])
