"""Draw scenes of the demo world: words and a latent in, a picture out.

Only training and evaluation draw; the tool itself shows what the trained generator makes.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor

from stylegan_t.demo.canvas import Canvas
from stylegan_t.demo.captions import caption
from stylegan_t.demo.landscape import Landscape
from stylegan_t.demo.styles import FILTERS
from stylegan_t.demo.world import ATTRIBUTES, COLUMN, choices, complete, glide, sample_named

CHUNK = 64
"""Pictures painted at once: small enough to stay in a processor's cache."""


@torch.no_grad()
def draw(scenes: Tensor, u: Tensor, size: int, chunk: int = CHUNK) -> tuple[Tensor, Tensor]:
    """Paint scenes.

    Args:
        scenes: [N, 10] attribute indices, none open.
        u: [N, 64] free choices in (0, 1), on the device that paints.
        size: the picture's side in pixels.

    Returns:
        float32 [N, 3, size, size] in [-1, 1], and a mask [N, size, size] of the object.
    """
    if len(scenes) > chunk:
        pairs = zip(scenes.split(chunk), u.split(chunk), strict=True)
        parts = [draw(rows, part, size, chunk) for rows, part in pairs]
        return torch.cat([image for image, _ in parts]), torch.cat([mask for _, mask in parts])
    image, mask = Landscape(scenes, u, size).paint()
    for name, style in FILTERS.items():
        i = (scenes[:, COLUMN["style"]] == ATTRIBUTES["style"].index(name)).nonzero()[:, 0]
        if len(i):
            image[i] = style(image[i], Canvas(u[i], size))
    return image * 2 - 1, mask


def captioned(
    n: int, rng: random.Random, generator: torch.Generator | None = None
) -> tuple[list[str], Tensor]:
    """Draw captions: `n` texts, and the rows [n, 10] of what each names (`OPEN` elsewhere)."""
    pairs = [caption(row, rng) for row in sample_named(n, generator).tolist()]
    return [text for text, _ in pairs], torch.tensor([row for _, row in pairs])


def picture_of(
    named: Tensor, z: Tensor, psi: Tensor | float, size: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what words [N, 10] and latents [N, 64] together stand for.

    Returns:
        pictures [N, 3, size, size] in [-1, 1], object masks [N, size, size], completed rows.
    """
    u = choices(z, psi)
    named = named.to(u.device)
    rows = complete(named, u)
    image, mask = draw(rows, glide(named, u), size)
    return image, mask, rows
