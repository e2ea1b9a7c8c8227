"""Resampling by FIR filters, and the low-pass filters of StyleGAN3.

Sources: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", section 3 and appendix C;
Kaiser 1974 for the window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.layers import cpu_convolves

Padding = Sequence[int]
"""Zeros at left, right, top and bottom; negative numbers crop."""


def resample(
    x: Tensor,
    fir: Tensor | None,
    *,
    up: int | tuple[int, int] = 1,
    down: int | tuple[int, int] = 1,
    padding: Padding = (0, 0, 0, 0),
    gain: float = 1.0,
    flip: bool = False,
) -> Tensor:
    """Spread the pixels, pad, convolve every channel, and keep every n-th pixel.

    Args:
        x: [N, C, H, W].
        fir: [taps], applied along rows and along columns, or [height, width]; None for none.
        up: factor, or factors (x, y); zeros are put behind every pixel.
        down: factor, or factors (x, y).
        padding: applied after the spreading.
        gain: multiplies the result, once.
        flip: correlate in place of convolving.

    Returns:
        [N, C, H', W'] with H' = (H * up + top + bottom - taps) // down + 1, and W' likewise.
    """
    up_x, up_y = (up, up) if isinstance(up, int) else up
    down_x, down_y = (down, down) if isinstance(down, int) else down
    x = F.pad(_spread(x, up_x, up_y), tuple(padding))
    if fir is None:
        return x[:, :, ::down_y, ::down_x] * gain
    channels = x.shape[1]
    kernel = (fir if flip else fir.flip(tuple(range(fir.ndim)))).to(x.dtype)
    if kernel.ndim == 2:
        weight = (kernel * gain).expand(channels, 1, *kernel.shape)
        return F.conv2d(x, weight, stride=(down_y, down_x), groups=channels)
    # Two passes, each of which drops what the next one does not need.
    row = (kernel * gain)[None, :].expand(channels, 1, 1, -1)
    column = kernel[:, None].expand(channels, 1, -1, 1)
    x = F.conv2d(x, row, stride=(1, down_x), groups=channels)
    return F.conv2d(x, column, stride=(down_y, 1), groups=channels)


def _spread(x: Tensor, up_x: int, up_y: int) -> Tensor:
    if up_x == up_y == 1:
        return x
    n, c, h, w = x.shape
    wide = x.new_zeros(n, c, h, up_y, w, up_x)
    wide[:, :, :, 0, :, 0] = x
    return wide.view(n, c, h * up_y, w * up_x)


def filtered_lrelu(
    x: Tensor,
    up_fir: Tensor | None,
    down_fir: Tensor | None,
    bias: Tensor,
    *,
    up: int = 1,
    down: int = 1,
    padding: Padding = (0, 0, 0, 0),
    gain: float = math.sqrt(2),
    slope: float = 0.2,
    clamp: float | None = None,
    flip: bool = False,
) -> Tensor:
    """A leaky ReLU at a higher sampling rate, so that it makes no aliases (section 3.2).

    The order counts: bias, up, leaky ReLU with its gain, clamp, down.

    Args:
        x: [N, C, H, W] features.
        up_fir, down_fir: filters as in `resample`.
        bias: [C].
        up, down: factors.
        padding: between bias and up-sampling filter, so that zeros carry no bias.
        gain: after the leaky ReLU.
        slope: of negative values; 1 for none.
        clamp: bound of the activations at the high rate.
        flip: correlate in place of convolving.
    """
    dtype = x.dtype
    if x.device.type == "cpu" and not cpu_convolves(dtype):
        x = x.float()
    x = x + bias.to(x.dtype)[None, :, None, None]
    x = resample(x, up_fir, up=up, padding=padding, gain=float(up * up), flip=flip)
    if slope != 1:
        x = F.leaky_relu(x, slope)
    if gain != 1:
        x = x * gain
    if clamp is not None:
        x = x.clamp(-clamp, clamp)
    return resample(x, down_fir, down=down, flip=flip).to(dtype)


# -- the design of filters -----------------------------------------------------------------------


def low_pass(
    taps: int, cutoff: float, width: float, rate: float, *, radial: bool = False
) -> Tensor | None:
    """Design a low-pass filter: a sinc, or a disc's transform (a jinc), in a Kaiser window.

    Args:
        taps: length; 1 means that there is no filter.
        cutoff: in cycles per unit, a unit being the image's side.
        width: of the transition, in the same unit.
        rate: sampling rate, in samples per unit.
        radial: the same in every direction, for StyleGAN3-R; of an even number of taps.

    Returns:
        [taps], or [taps, taps] where radial, float32 with sum 1; or None.
    """
    if taps == 1:
        return None
    window = kaiser_window(taps, kaiser_beta(kaiser_attenuation(taps, width, rate)))
    place = torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2
    if not radial:
        line = torch.sinc(2 * cutoff / rate * place) * window
        return (line / line.sum()).float()
    radius = torch.hypot(place[:, None], place[None, :]) / rate
    jinc = torch.special.bessel_j1(2 * math.pi * cutoff * radius) / (math.pi * radius)
    disc = jinc * torch.outer(window, window)
    return (disc / disc.sum()).float()


def kaiser_attenuation(taps: int, width: float, rate: float) -> float:
    """The damping in dB that this many taps can reach across a transition of this width."""
    return 2.285 * (taps - 1) * math.pi * width / (rate / 2) + 7.95


def kaiser_beta(attenuation: float) -> float:
    """The window's shape for a damping in dB."""
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    return 0.0


def kaiser_window(taps: int, beta: float) -> Tensor:
    """[taps] float64, 1 in its middle."""
    place = 2 * torch.arange(taps, dtype=torch.float64) / (taps - 1) - 1
    bow = torch.special.i0(beta * (1 - place.square()).clamp_min(0).sqrt())
    return bow / torch.special.i0(torch.tensor(beta, dtype=torch.float64))
