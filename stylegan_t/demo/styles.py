"""Picture styles: batched filters that turn a scene into a watercolour, a sketch, neon, ..."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.demo.canvas import Canvas, blur, gradient, saturate, warp

STROKES = 26
"""First of the two free choices that shape washes and whirls."""
TILES = 32
"""Square pixels in a row of pixel art."""
TILE_LIGHT = (1.06, 1.0, 1.0, 0.84)
"""Brightness across a tile, in quarters."""


def watercolor(image: Tensor, c: Canvas) -> Tensor:
    """Soft washes on paper, with pigment at the edges and a ragged white border."""
    q = c.size / 64
    image = warp(image, c.grain(7, 101) * 0.024, c.grain(7, 111) * 0.024, c)
    soft = blur(image, 0.45 * q) * 0.78 + blur(image, 1.6 * q) * 0.22
    gx, gy = gradient(blur(soft, 0.6 * q))
    edge = (gx.abs() + gy.abs()).mean(dim=1, keepdim=True) * q
    wash = (1 + 0.34 * c.field(4, 121, STROKES) + 0.16 * c.grain(16, 125)).unsqueeze(1)
    pigment = (1 - soft) * 0.84 * wash + edge * 1.3
    border = torch.maximum(c.x.abs(), c.y.abs()) + 0.07 * c.grain(8, 131)
    pigment = pigment * ((0.93 - border) / 0.09).clamp(0, 1).unsqueeze(1)
    return (c.table(0.99, 0.975, 0.94).view(1, 3, 1, 1) - pigment).clamp(0, 1)


def pixel(image: Tensor, c: Canvas) -> Tensor:
    """Big square pixels in bright colours, as the lit tiles of an old screen.

    Every tile has a light upper left and a dark lower right edge, which shows the squares where
    neighbours have one colour.
    """
    k = max(1, c.size // TILES)
    lift = (0.5 + 0.7 * image.mean(dim=(1, 2, 3), keepdim=True)).clamp(0.6, 1)
    low = (F.avg_pool2d(image, k) / lift).clamp(0, 1)
    low = saturate(((low - 0.5) * 1.12 + 0.5).clamp(0, 1), 1.35)
    tiles = low.repeat_interleave(k, dim=2).repeat_interleave(k, dim=3)
    return (tiles * _relief(k, c).repeat(tiles.shape[-1] // k, tiles.shape[-1] // k)).clamp(0, 1)


def _relief(k: int, c: Canvas) -> Tensor:
    """The brightness of one tile of k pixels, [k, k]: the same light at any size."""
    line = F.interpolate(c.table(*TILE_LIGHT).view(1, 1, -1), size=k, mode="area").flatten()
    return torch.outer(line, line)


def pencil(image: Tensor, c: Canvas) -> Tensor:
    """Dark outlines and hatching over pale colour, on paper."""
    q = c.size / 64
    image = warp(image, c.grain(9, 201) * 0.012, c.grain(9, 211) * 0.012, c)
    lift = (0.42 + 0.70 * image.mean(dim=(1, 2, 3), keepdim=True)).clamp(0.55, 1)
    image = (image / lift).clamp(0, 1)
    gx, gy = gradient(blur(image, 0.55 * q))
    edge = torch.sqrt(gx * gx + gy * gy + 1e-8).amax(dim=1, keepdim=True) * q
    dark = 1 - blur(image, 0.8 * q).mean(dim=1, keepdim=True)
    phase = (c.x + c.y * 0.8) * 46 + 1.4 * c.grain(5, 221)
    hatch = torch.sin(phase).unsqueeze(1) * 0.5 + 0.5
    shade = ((dark * 1.25 - 0.22 - hatch * 0.80) * 1.2).clamp(0, 1)
    tone = (dark * 0.30 + shade * 0.42) * (1 + 0.35 * c.grain(30, 231)).unsqueeze(1)
    ink = ((edge * 4.2).clamp(0, 0.85) + tone).clamp(0, 0.92)
    paper = c.table(0.97, 0.96, 0.92).view(1, 3, 1, 1)
    tint = (paper * 0.50 + saturate(image, 1.8) * 0.50 + 0.04).clamp(0, 1)
    return (tint * (1 - ink) + c.table(0.20, 0.20, 0.24).view(1, 3, 1, 1) * ink).clamp(0, 1)


def oil(image: Tensor, c: Canvas) -> Tensor:
    """Strokes that follow a flow of whirls, with relief."""
    n = len(image)
    stream = c.grain(3, 301) * 0.12 + c.y * 0.5
    for k, home in enumerate((-0.45, 0.45)):
        x = c.x - home - c.rand(-0.35, 0.35, STROKES + k)
        y = c.y - (0.5, 0.35)[k]
        r = 0.42 - 0.1 * k
        stream = stream + (1 - 2 * k) * r * torch.exp(-(x * x + y * y) / (r * r)) * 2.0
    gx, gy = gradient(stream.expand(n, c.size, c.size).unsqueeze(1))
    norm = torch.sqrt(gx * gx + gy * gy) + 1e-5
    fx, fy = (gy / norm)[:, 0], (-gx / norm)[:, 0]
    rough = (c.grain(29, 311) * 0.9).expand(n, 1, c.size, c.size) * 0.5
    both = torch.cat([saturate(image, 1.3), rough], dim=1)
    smear, step = both.clone(), 1.7 / 64
    for k in (1, 2, 3):
        for sign in (1, -1):
            smear = smear + warp(both, sign * fx * step * k, sign * fy * step * k, c)
    smear = smear / 7
    rgb, ridge = smear[:, :3] * 0.62 + both[:, :3] * 0.38, smear[:, 3:] * 2.2
    gx, gy = gradient(ridge)
    relief = (gx - gy) * 0.20 * (c.size / 64)
    warm = c.table(0.25, 0.24, 0.19).view(1, 3, 1, 1)
    return (rgb + ridge * warm * (0.30 + rgb) + relief).clamp(0, 1)


def neon(image: Tensor, c: Canvas) -> Tensor:
    """Glowing outlines on a dark ground."""
    q = c.size / 64
    gx, gy = gradient(blur(image, 0.55 * q))
    edge = torch.sqrt((gx * gx + gy * gy).sum(dim=1, keepdim=True) + 1e-9) * q
    hue = blur(image, 1.2 * q)
    hue = hue - hue.amin(dim=1, keepdim=True) * 0.72
    hue = hue / (hue.amax(dim=1, keepdim=True) + 0.08)
    line = ((edge * 6.0 - 0.12).clamp(0, 1.25)) * (hue * 0.85 + 0.15)
    glow = blur(line, 2.2 * q)
    base = saturate(image, 1.5) * c.table(0.30, 0.20, 0.38).view(1, 3, 1, 1)
    base = base + c.table(0.02, 0.0, 0.06).view(1, 3, 1, 1)
    return (base + line + glow * 0.95).clamp(0, 1)


FILTERS: dict[str, Callable[[Tensor, Canvas], Tensor]] = {
    "watercolor": watercolor,
    "pixel": pixel,
    "pencil": pencil,
    "oil": oil,
    "neon": neon,
}
