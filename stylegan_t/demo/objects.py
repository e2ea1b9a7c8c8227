"""The things that stand, sail and fly in the demo world.

Each painter gets its own coordinates: base at v = 0, top at v = 1, centred on u = 0, so a thing is
drawn once and placed anywhere at any size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from stylegan_t.demo.canvas import (
    Canvas,
    Distance,
    box,
    capsule,
    circle,
    convex,
    paint,
    union,
)


@dataclass
class Brush:
    """One batch of things being painted: place, scale and light."""

    canvas: Canvas
    image: Tensor
    u: Tensor
    v: Tensor
    scale: Tensor
    rgb: Tensor
    light: Tensor
    night: Tensor
    at_sea: Tensor
    frosty: Tensor
    mask: Tensor

    def put(self, d: Distance, colour: Tensor, alpha: Tensor | float = 1.0) -> None:
        """Paint a shape."""
        cover = self.canvas.cover(d, self.scale) * alpha
        self.image = paint(self.image, colour, cover)
        self.mask = torch.maximum(self.mask, cover)

    def tone(self, r: float, g: float, b: float) -> Tensor:
        """A fixed colour in this light, [N, 3]."""
        return self.canvas.table((r, g, b)) * self.light

    @property
    def main(self) -> Tensor:
        """The thing's colour in this light, [N, 3]."""
        return self.rgb * self.light

    @property
    def dark(self) -> Tensor:
        """Its shaded side."""
        return self.rgb * self.light * 0.68

    @property
    def pale(self) -> Tensor:
        """Its lighter parts."""
        return (self.rgb * 0.62 + 0.38) * self.light

    @property
    def lit(self) -> Tensor:
        """Window glass: a lamp at night, the sky by day."""
        lamp = self.canvas.table((1.0, 0.86, 0.40))
        return torch.where(self.night[:, None], lamp, self.tone(0.62, 0.82, 0.95))


def house(b: Brush) -> None:
    """A gabled house with windows that are lit at night."""
    u, v = b.u, b.v
    frost = b.frosty.float().view(-1, 1, 1)
    white = b.tone(0.97, 0.98, 1.0)
    b.put(box(u - 0.20, v - 0.85, 0.06, 0.16), b.tone(0.50, 0.34, 0.30))
    b.put(box(u, v - 0.28, 0.40, 0.30), b.main)
    b.put(box(u - 0.28, v - 0.28, 0.12, 0.30), b.dark, 0.55)
    b.put(convex(u, v, [(-0.53, 0.54), (0, 1.0), (0.53, 0.54)]), b.tone(0.34, 0.24, 0.27))
    b.put(convex(u, v, [(-0.53, 0.54), (0, 1.0), (0.0, 0.93), (-0.42, 0.54)]), white, frost)
    b.put(convex(u, v, [(0.0, 0.92), (0, 1.0), (0.53, 0.54), (0.42, 0.54)]), white, frost)
    b.put(box(u + 0.02, v - 0.14, 0.085, 0.16), b.tone(0.40, 0.25, 0.18))
    for x in (-0.24, 0.25):
        b.put(box(u - x, v - 0.30, 0.095, 0.105), b.tone(0.98, 0.96, 0.92))
        b.put(box(u - x, v - 0.30, 0.07, 0.08), b.lit)
    b.put(circle(u, v - 0.70, 0.07), b.lit)


def pine(b: Brush) -> None:
    """A fir tree in three tiers."""
    u, v = b.u, b.v
    frost = b.frosty.float().view(-1, 1, 1) * 0.92
    b.put(box(u, v - 0.08, 0.05, 0.10), b.tone(0.42, 0.28, 0.18))
    for low, top, w in ((0.14, 0.58, 0.36), (0.36, 0.78, 0.29), (0.58, 1.0, 0.21)):
        middle = low + (top - low) * 0.55
        b.put(convex(u, v, [(-w, low), (0, top), (w, low)]), b.main)
        b.put(convex(u, v, [(0.02, low), (0, top), (w, low)]), b.dark, 0.6)
        cap = convex(u, v, [(-w * 0.45, middle), (0, top), (w * 0.45, middle)])
        b.put(cap, b.tone(0.96, 0.98, 1.0), frost)


def sailboat(b: Brush) -> None:
    """A boat with two sails."""
    u, v = b.u, b.v
    b.put(box(u, v + 0.09, 0.40, 0.03), b.main * 0.75, 0.35)
    b.put(box(u - 0.02, v - 0.55, 0.016, 0.45), b.tone(0.36, 0.24, 0.18))
    b.put(convex(u, v, [(0.03, 0.24), (0.03, 0.98), (0.46, 0.24)]), b.main)
    b.put(convex(u, v, [(0.20, 0.24), (0.03, 0.98), (0.46, 0.24)]), b.dark, 0.35)
    b.put(convex(u, v, [(-0.36, 0.24), (-0.02, 0.86), (-0.02, 0.24)]), b.pale)
    hull = convex(u, v, [(-0.46, 0.18), (0.50, 0.18), (0.34, 0.0), (-0.32, 0.0)])
    b.put(hull, b.tone(0.48, 0.28, 0.17))
    b.put(torch.maximum(hull, -(v - 0.13)), b.tone(0.95, 0.92, 0.86))


def lighthouse(b: Brush) -> None:
    """A striped tower, on rocks at sea, with a beam at night."""
    u, v = b.u, b.v
    rock = union(
        circle(u * 0.8, v + 0.02, 0.27),
        circle(u + 0.24, v + 0.06, 0.17),
        circle(u - 0.27, v + 0.06, 0.16),
    )
    sea = b.at_sea.float().view(-1, 1, 1)
    b.put(torch.maximum(rock, -(v + 0.10)), b.tone(0.36, 0.34, 0.36), sea)
    beam = (v - 0.86).abs() - (u.abs() - 0.05) * 0.22
    glow = b.canvas.cover(beam, b.scale * 0.35) * torch.exp(-u.abs() * 0.9)
    glow = glow * b.night.float().view(-1, 1, 1) * 0.62
    b.image = paint(b.image, b.canvas.table((1.0, 0.93, 0.62)).expand(len(u), 3), glow)
    tower = convex(u, v, [(-0.185, 0.0), (-0.12, 0.76), (0.12, 0.76), (0.185, 0.0)])
    b.put(tower, b.main)
    bright = (b.rgb.amin(dim=1) > 0.8)[:, None]
    stripe = torch.where(
        bright, b.canvas.table((0.62, 0.66, 0.72)), b.canvas.table((0.97, 0.96, 0.93))
    )
    for low in (0.17, 0.49):
        b.put(torch.maximum(tower, (v - low - 0.07).abs() - 0.075), stripe * b.light)
    b.put(torch.maximum(tower, 0.05 - u), b.dark, 0.35)
    b.put(box(u, v - 0.775, 0.17, 0.025), b.tone(0.24, 0.22, 0.25))
    lamp = torch.where(
        b.night[:, None], b.canvas.table((1.0, 0.95, 0.60)), b.tone(0.98, 0.90, 0.60)
    )
    b.put(box(u, v - 0.855, 0.085, 0.06), lamp)
    b.put(convex(u, v, [(-0.125, 0.91), (0, 1.02), (0.125, 0.91)]), b.dark)


def balloon(b: Brush) -> None:
    """A hot air balloon with a basket."""
    u, v = b.u, b.v
    for x in (-0.10, 0.10):
        rope = capsule(u, v, (x * 1.5, 0.34), (x * 0.7, 0.13), 0.008)
        b.put(rope, b.tone(0.30, 0.24, 0.22))
    envelope = union(
        circle(u, v - 0.66, 0.34),
        convex(u, v, [(-0.325, 0.56), (0.325, 0.56), (0.11, 0.27), (-0.11, 0.27)]),
    )
    b.put(envelope, b.main)
    wide = torch.sqrt((1 - ((v - 0.62) / 0.45) ** 2).clamp(0.03, 1)) * 0.34
    for k in (-0.66, 0.0, 0.66):
        b.put(torch.maximum(envelope, (u - k * wide).abs() - wide * 0.16), b.pale)
    b.put(torch.maximum(envelope, 0.14 - u - (v - 0.66) * 0.2), b.dark, 0.35)
    b.put(box(u, v - 0.29, 0.10, 0.022), b.dark)
    b.put(box(u, v - 0.07, 0.085, 0.07), b.tone(0.52, 0.34, 0.18))


def cactus(b: Brush) -> None:
    """A saguaro with two arms and a flower."""
    u, v = b.u, b.v
    body = union(
        capsule(u, v, (0, 0.0), (0, 0.86), 0.125),
        capsule(u, v, (-0.30, 0.42), (-0.02, 0.38), 0.072),
        capsule(u, v, (-0.30, 0.42), (-0.30, 0.66), 0.072),
        capsule(u, v, (0.30, 0.54), (0.02, 0.50), 0.066),
        capsule(u, v, (0.30, 0.54), (0.30, 0.78), 0.066),
    )
    body = torch.maximum(body, -v)
    b.put(body, b.main)
    for k in (-0.06, 0.0, 0.06):
        b.put(torch.maximum(box(u - k, v - 0.44, 0.011, 0.44), body), b.dark, 0.7)
    b.put(torch.maximum(body, 0.075 - u), b.dark, 0.30)
    b.put(circle(u, v - 0.99, 0.05), b.tone(0.96, 0.40, 0.62))
    snow = torch.maximum(circle(u, v - 0.86, 0.14), 0.90 - v)
    b.put(snow, b.tone(0.97, 0.98, 1.0), b.frosty.float().view(-1, 1, 1))


PAINTERS: dict[str, Callable[[Brush], None]] = {
    "house": house,
    "pine": pine,
    "sailboat": sailboat,
    "lighthouse": lighthouse,
    "balloon": balloon,
    "cactus": cactus,
}
