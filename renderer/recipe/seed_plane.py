"""The plane of seeds: every seed has neighbours on all four sides, and one may stand between them.

Whole steps lead to other seeds: to the right to the next one, a row down `ROW_STRIDE` further on.
Both ways go on for ever within a plane of `PLANE` seeds, whose last row is followed by its first:
going up from seed 0 leads to seeds of six digits.  `renderer.pipeline.latents` has the latents
of the places between.
"""

from __future__ import annotations

import math

from msgspec.structs import replace

from renderer.recipe.recipe import MAX_SEED, LatentPart

ROW_STRIDE = 1000
"""Seeds from one row to the next: the number of pictures side by side before they repeat."""
PLANE = 1000 * ROW_STRIDE
"""Seeds of one plane; seeds beyond it lie on planes of their own."""


def neighbour(seed: int, dx: int, dy: int) -> int:
    """The seed `dx` to the right of `seed` and `dy` rows down, on the same plane."""
    first, size = _plane(seed)
    return first + (seed - first + dx + dy * ROW_STRIDE) % size


def way(start: int, end: int) -> tuple[int, int] | None:
    """Return how many seeds to the right and rows down it is from one seed to another, the shorter
    way round; None where they lie on different planes."""
    first, size = _plane(start)
    if not first <= end < first + size:
        return None
    steps = (end - start + size // 2) % size - size // 2
    down = math.floor(steps / ROW_STRIDE + 0.5)
    return steps - down * ROW_STRIDE, down


def _plane(seed: int) -> tuple[int, int]:
    """The first seed of the plane that `seed` lies on, and how many there are: on the last plane
    fewer."""
    first = seed - seed % PLANE
    return first, min(PLANE, MAX_SEED + 1 - first)


def travelled(part: LatentPart, dx: float, dy: float) -> LatentPart:
    """`part` after a journey of `dx` seeds to the right and `dy` rows down, both finite.

    Whole steps go into the seed, so that the offset stays within [-0.5, 0.5].  A latent that is
    written out as values, or blended of several seeds, lies on no plane: it stays.
    """
    if not part.on_plane:
        return part
    x, y = part.x + dx, part.y + dy
    right, down = round(x), round(y)
    return replace(part, seed=neighbour(part.seed, right, down), x=x - right, y=y - down)


def corners(part: LatentPart) -> tuple[tuple[int, int, int, int], float, float]:
    """The four seeds around the place of `part`, and how far it is from the first of them.

    Returns:
        The seeds (upper left, upper right, lower left, lower right), and the way to the right and
        down from the first, both in [0, 1].
    """
    left, top = math.floor(part.x), math.floor(part.y)
    around = [neighbour(part.seed, left + i, top + j) for j in (0, 1) for i in (0, 1)]
    return (around[0], around[1], around[2], around[3]), part.x - left, part.y - top
