"""The things' pictures as one tensor: cut apart so that they can be recoloured, at several sizes.

A pixel is the sum of what keeps its colour and of the largest part, which can be given another
one: `rest + shade * colour`.  All of it is multiplied by the opacity, so it can be averaged and
interpolated freely.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from stylegan_t.demo.things.catalogue import AtlasError, Thing, all_things, catalogue
from stylegan_t.demo.things.drawn import DRAWN, drawn_sprite

FILE = Path(__file__).with_name("atlas.webp")
PALETTE: dict[str, tuple[float, float, float]] = {
    "red": (0.90, 0.14, 0.15), "orange": (0.98, 0.55, 0.10), "yellow": (0.99, 0.84, 0.16),
    "green": (0.18, 0.66, 0.28), "blue": (0.13, 0.42, 0.92), "purple": (0.56, 0.26, 0.76),
    "pink": (0.99, 0.50, 0.72), "brown": (0.48, 0.29, 0.17), "white": (0.96, 0.96, 0.95),
    "black": (0.13, 0.13, 0.16), "grey": (0.58, 0.59, 0.62),
}  # fmt: skip
CHANNELS = 8
"""Rest (3), largest part (3), its shade, opacity."""
LEVELS = 4
"""Sizes kept, each half of the one before."""
_HUE_WIDTH, _HUE_REACH = 0.64, 0.85
_GREY_CHROMA = 0.16
_SHADES = (0.35, 1.45)
_LUMA = (0.30, 0.55, 0.15)


@functools.cache
def _atlas(file: Path = FILE) -> Tensor:
    """The tiles as uint8 [T, 4, tile, tile].

    Raises:
        AtlasError: the file is missing or damaged.
    """
    plan = catalogue()
    tile, columns = plan.tile_px, plan.columns
    try:
        with Image.open(file, formats=("WEBP",)) as image:
            pixels = torch.from_numpy(np.array(image.convert("RGBA")))
        height, width = pixels.shape[:2]
        if width != columns * tile or height % tile:
            raise ValueError("wrong size")
        rows = pixels.view(height // tile, tile, columns, tile, 4)
        tiles = rows.permute(0, 2, 4, 1, 3).reshape(-1, 4, tile, tile)
        if max(thing.tile for thing in plan.things) >= len(tiles):
            raise ValueError("too few tiles")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise AtlasError(
            f"The pictures of the demo world's things, {file}, are missing or damaged: "
            "install the program again to get them back."
        ) from error
    return tiles.contiguous()


def sprite(thing: Thing) -> Tensor:
    """A thing's picture with transparency, [4, tile, tile] in [0, 1]."""
    if thing.name in DRAWN:
        return drawn_sprite(thing.name, catalogue().tile_px)
    return _atlas()[thing.tile].float() / 255


def apart(picture: Tensor, color: str) -> Tensor:
    """Cut a picture [4, S, S] into [8, S, S]: rest, largest part, its shade, opacity.

    The largest part is what has about the hue of the palette's `color` that is most frequent.
    """
    rgb, alpha = picture[:3], picture[3]
    luma = torch.einsum("chw,c->hw", rgb, torch.tensor(_LUMA))
    main = _likeness(rgb, alpha, color)
    inside = main * alpha
    level = _median(luma, inside)
    shade = (luma / level.clamp_min(0.05)).clamp(*_SHADES)
    parts = [rgb * (1 - main), rgb * main, (main * shade)[None], torch.ones_like(alpha)[None]]
    return torch.cat(parts) * alpha


def _likeness(rgb: Tensor, alpha: Tensor, color: str) -> Tensor:
    """Return how much a pixel of [3, S, S] belongs to what `color` names, [S, S] in [0, 1].

    Hues are compared by their distance on the unit circle.
    """
    target = torch.tensor(PALETTE[color]).view(3, 1, 1)
    chroma = rgb.amax(dim=0) - rgb.amin(dim=0)
    if color in ("white", "grey", "black"):
        light = rgb.amax(dim=0)
        fits = (light > 0.30) if color != "black" else (light < 0.42)
        return ((_GREY_CHROMA + 0.06 - chroma) / 0.06).clamp(0, 1) * fits
    ours, theirs = _hue(rgb), _hue(target)
    vivid = ((chroma - 0.10) / 0.06).clamp(0, 1)
    # The hue that such a colour has in this picture, which may lie some way from the palette's.
    near = ((ours - theirs).norm(dim=0) < _HUE_REACH) * vivid * alpha
    theirs = F.normalize((ours * near).sum(dim=(1, 2), keepdim=True) + 1e-3 * theirs, dim=0)
    away = (ours - theirs).norm(dim=0)
    return ((_HUE_WIDTH - away) / 0.1).clamp(0, 1) * vivid


def _hue(rgb: Tensor) -> Tensor:
    """The direction of a colour in the plane without grey, [2, S, S] of length one."""
    red, green, blue = rgb
    plane = torch.stack([red - (green + blue) / 2, (green - blue) * 0.866])
    return plane / plane.norm(dim=0, keepdim=True).clamp_min(1e-3)


def _median(values: Tensor, weights: Tensor) -> Tensor:
    order = values.flatten().argsort()
    sums = weights.flatten()[order].cumsum(0)
    return values.flatten()[order[int((sums < sums[-1] / 2).sum().clamp(max=len(order) - 1))]]


class Sprites:
    """The pictures of some things on a device, at every size that is needed."""

    def __init__(self, things: tuple[Thing, ...]) -> None:
        full = torch.stack([apart(sprite(thing), thing.color) for thing in things])
        self.levels: list[Tensor] = []
        for _ in range(LEVELS):
            self.levels.append((full * 255 / _SHADES[1]).round().to(torch.uint8))
            full = F.avg_pool2d(full, 2)

    def at(self, level: int, index: Tensor, device: torch.device) -> Tensor:
        """Things [N] at half the size for each level: float32 [N, 8, s, s]."""
        if self.levels[level].device != device:
            self.levels[level] = self.levels[level].to(device)
        return self.levels[level][index].float() * (_SHADES[1] / 255)


@functools.cache
def sprites_of(count: int) -> Sprites:
    """The pictures of the first `count` things, cut apart once."""
    return Sprites(all_things()[:count])
