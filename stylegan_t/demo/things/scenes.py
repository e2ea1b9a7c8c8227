"""Draw scenes of the second demo world: words and a latent in, a picture out.

Only training and evaluation draw; the tool itself shows what a trained generator makes.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor

from stylegan_t.demo.canvas import Canvas
from stylegan_t.demo.styles import FILTERS
from stylegan_t.demo.things.attributes import (
    COLUMN,
    VALUES,
    complete,
    glide,
    sample_named,
)
from stylegan_t.demo.things.captions import caption
from stylegan_t.demo.things.painting import Scenery
from stylegan_t.demo.things.seeing import ordered
from stylegan_t.demo.things.sprites import Sprites, sprites_of
from stylegan_t.demo.world import choices

SPREAD = 0.75
"""The spread of the choices of a latent at psi 1, in standard deviations: style, weather and hour
that words leave open are mostly the typical ones, so that what is named stays clear."""
WIDEST_PSI = 1 / SPREAD
"""The psi at which every choice is equally likely; judges learn from these scenes."""
_LEAST_SIDE = 8
CHUNK, CARD_CHUNK = 64, 512
"""Pictures painted at once: few enough to stay in a processor's cache, and more on a graphics card,
which takes as long for one."""


@torch.no_grad()
def draw(
    scenes: Tensor, u: Tensor, size: int, sprites: Sprites, chunk: int | None = None
) -> tuple[Tensor, Tensor]:
    """Paint scenes.

    Args:
        scenes: [N, WIDTH] attribute indices, none open.
        u: [N, 64] free choices in (0, 1), on the device that paints.
        size: the picture's side in pixels.
        sprites: pictures of the things.
        chunk: pictures painted at once; None is what suits the device.

    Returns:
        float32 [N, 3, size, size] in [-1, 1], and a mask [N, size, size] of things and clouds.
    """
    if chunk is None:
        chunk = CHUNK if u.device.type == "cpu" else CARD_CHUNK
    if len(scenes) > chunk:
        pairs = zip(scenes.split(chunk), u.split(chunk), strict=True)
        parts = [draw(rows, part, size, sprites, chunk) for rows, part in pairs]
        return torch.cat([image for image, _ in parts]), torch.cat([mask for _, mask in parts])
    image, mask = Scenery(scenes, u, size, sprites).paint()
    for name, style in FILTERS.items():
        i = (scenes[:, COLUMN["style"]] == VALUES["style"].index(name)).nonzero()[:, 0]
        if len(i):
            image[i] = style(image[i], Canvas(u[i], size))
    return image * 2 - 1, mask


@torch.no_grad()
def centres(named: Tensor, z: Tensor, psi: Tensor | float, count: int) -> tuple[Tensor, Tensor]:
    """Return where the thing that words [N, WIDTH] name stands for latents [N, 64].

    Returns:
        [N, 2], to the right and up, where the picture spans [-1, 1]; and whether there is one, [N].
    """
    u = choices(z, psi * SPREAD)
    scenery = Scenery(complete(named, u), glide(named, u), _LEAST_SIDE, sprites_of(count))
    first, _, resting, _ = scenery.places()
    middle = torch.stack([first.x, first.foot + first.size / 2], dim=1)
    return middle, first.shown | resting.shown


def captioned(
    n: int,
    count: int,
    rng: random.Random,
    generator: torch.Generator | None = None,
    *,
    held: bool = False,
) -> tuple[list[str], Tensor]:
    """Draw captions of the first `count` things: `n` texts, and the rows [n, WIDTH] of what each
    names (`OPEN` elsewhere); with `held`, of combinations that training never shows."""
    rows = sample_named(n, count, generator, held=held)
    pairs = [caption(row, rng) for row in rows.tolist()]
    return [text for text, _ in pairs], torch.tensor([row for _, row in pairs])


def picture_of(
    named: Tensor, z: Tensor, psi: Tensor | float, size: int, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what words [N, WIDTH] and latents [N, 64] together stand for.

    Returns:
        pictures [N, 3, size, size] in [-1, 1], masks [N, size, size] of things and clouds, and
        complete rows of what is seen, see `ordered`.
    """
    u = choices(z, psi * SPREAD)
    named = named.to(u.device)
    rows = complete(named, u)
    image, mask = draw(rows, glide(named, u), size, sprites_of(count))
    return image, mask, ordered(rows)
