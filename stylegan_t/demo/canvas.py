"""Painting with signed distances: batched, anti-aliased at any resolution, on any device.

Coordinates: x in [-1, 1] left to right, y in [-1, 1] bottom to top.  A batch of pictures is
[N, 3, S, S] in [0, 1]; a mask is [N, S, S]; a value for each picture is [N, 1, 1].
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Distance = Tensor
"""[N, S, S], negative inside a shape, positive outside, in canvas units."""


@functools.lru_cache(maxsize=256)
def table(values: tuple, device: torch.device) -> Tensor:
    """A constant table on a device."""
    return torch.tensor(values, dtype=torch.float32, device=device)


@functools.lru_cache(maxsize=256)
def texture(cells: int, size: int, seed: int, device: torch.device) -> Tensor:
    """A fixed field of smooth noise in about [-1, 1], [size, size], the same at any size."""
    generator = torch.Generator().manual_seed(seed)
    grid = torch.rand(1, 1, cells + 3, cells + 3, generator=generator) * 2 - 1
    width = max((size * (cells + 3)) // cells, size)
    big = F.interpolate(grid, size=width, mode="bicubic", align_corners=False)
    offset = (width - size) // 2
    return big[0, 0, offset : offset + size, offset : offset + size].contiguous().to(device)


class Canvas:
    """Coordinates and the free choices of a batch of pictures.

    `u` [N, 64] holds the choices in (0, 1); every `rand` and `field` names the choice it uses.
    """

    def __init__(self, u: Tensor, size: int) -> None:
        self.u, self.size, self.device = u, size, u.device
        axis = (torch.arange(size, device=u.device) + 0.5) / size * 2 - 1
        self.x, self.y = axis.view(1, 1, -1), (-axis).view(1, -1, 1)
        self.pixel = 2.0 / size

    def pick(self, index: Tensor) -> Canvas:
        """The canvas of some of the pictures."""
        return Canvas(self.u[index], self.size)

    def table(self, *values) -> Tensor:
        """A constant on this canvas's device."""
        return table(values, self.device)

    def rand(self, low: float, high: float, choice: int) -> Tensor:
        """A free value for each picture in [low, high], [N, 1, 1]."""
        return low + (high - low) * self.u[:, choice].view(-1, 1, 1)

    def field(self, cells: int, seed: int, first: int, count: int = 2) -> Tensor:
        """Smooth noise in about [-1, 1] that a few choices shape, [N, S, S]."""
        parts = [texture(cells, self.size, seed + k, self.device) for k in range(count)]
        weights = torch.special.ndtri(self.u[:, first : first + count]) / math.sqrt(count)
        return (0.5 * texture(cells, self.size, seed + count, self.device)) + torch.einsum(
            "nk,khw->nhw", weights * 0.85, torch.stack(parts)
        )

    def grain(self, cells: int, seed: int) -> Tensor:
        """Smooth noise that is the same in every picture, [1, S, S]."""
        return texture(cells, self.size, seed, self.device)[None]

    def cover(self, d: Distance, scale: Tensor | float = 1.0) -> Tensor:
        """Return how much of each pixel lies inside: a mask in [0, 1]; `scale` is d's unit."""
        return (0.5 - d * (scale / self.pixel)).clamp(0, 1)


def union(*d: Distance) -> Distance:
    """The shape that any of these covers."""
    return functools.reduce(torch.minimum, d)


def circle(x: Tensor, y: Tensor, r: Tensor | float) -> Distance:
    """A disc of radius r around the origin."""
    return torch.sqrt(x * x + y * y + 1e-9) - r


def box(x: Tensor, y: Tensor, w: float, h: float) -> Distance:
    """A rectangle of half-width w and half-height h around the origin."""
    return torch.maximum(x.abs() - w, y.abs() - h)


def capsule(
    x: Tensor, y: Tensor, a: tuple[float, float], b: tuple[float, float], r: float
) -> Distance:
    """A thick line from a to b."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = (((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return circle(x - a[0] - t * dx, y - a[1] - t * dy, r)


def convex(x: Tensor, y: Tensor, points: Sequence[tuple[float, float]]) -> Distance:
    """A convex polygon; points in clockwise order, seen with y up."""
    edges = []
    for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
        nx, ny = ay - by, bx - ax
        edges.append(((x - ax) * nx + (y - ay) * ny) / math.hypot(nx, ny))
    return functools.reduce(torch.maximum, edges)


def paint(image: Tensor, colour: Tensor, mask: Tensor) -> Tensor:
    """Lay a colour ([N, 3] or a picture) over a picture where the mask says."""
    if colour.dim() == 2:
        colour = colour[:, :, None, None]
    return torch.lerp(image, colour.expand_as(image), mask.unsqueeze(1).expand_as(image))


def blur(image: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [N, C, H, W]; sigma in pixels."""
    radius = max(1, int(2.5 * sigma + 0.5))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=image.device) / sigma) ** 2)
    taps = (taps / taps.sum()).to(image)
    n, c, h, w = image.shape
    y = image.reshape(n * c, 1, h, w)
    y = F.conv2d(F.pad(y, (radius, radius, 0, 0), mode="replicate"), taps.view(1, 1, 1, -1))
    y = F.conv2d(F.pad(y, (0, 0, radius, radius), mode="replicate"), taps.view(1, 1, -1, 1))
    return y.view(n, c, h, w)


def gradient(image: Tensor) -> tuple[Tensor, Tensor]:
    """Central differences along x and y, in value per pixel."""
    p = F.pad(image, (1, 1, 1, 1), mode="replicate")
    gx = (p[:, :, 1:-1, 2:] - p[:, :, 1:-1, :-2]) * 0.5
    gy = (p[:, :, 2:, 1:-1] - p[:, :, :-2, 1:-1]) * 0.5
    return gx, gy


def saturate(image: Tensor, k: float) -> Tensor:
    """Move colours away from grey by factor k."""
    grey = image.mean(dim=1, keepdim=True)
    return (grey + (image - grey) * k).clamp(0, 1)


def warp(image: Tensor, dx: Tensor, dy: Tensor, canvas: Canvas) -> Tensor:
    """Displace a picture by [N, S, S] offsets in canvas units."""
    n, size = len(image), canvas.size
    gx = canvas.x.expand(n, size, size) + dx
    gy = -canvas.y.expand(n, size, size) + dy
    grid = torch.stack([gx, gy], dim=-1)
    return F.grid_sample(image, grid, padding_mode="border", align_corners=False)
