"""The scenes of the demo world, and a latent that fills in what a caption leaves open.

A *scene* is a row of attribute indices (time of day, weather, ground, ...) and *choices* in (0, 1)
that fix everything else: where the sun stands, how the clouds drift, where the hills run.
The choices are read off a latent z, so a scene is a function of words and latent, as a picture of
the generator is.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "time": ("dawn", "day", "sunset", "night"),
    "weather": ("clear", "cloudy", "rain", "snow", "fog"),
    "ground": ("meadow", "desert", "snow", "sea"),
    "relief": ("none", "hills", "peaks"),
    "moon": ("full", "crescent"),
    "object": ("house", "pine", "sailboat", "lighthouse", "balloon", "cactus", "none"),
    "color": ("red", "orange", "yellow", "green", "blue", "purple", "white", "black"),
    "size": ("small", "medium", "large"),
    "side": ("left", "centre", "right"),
    "style": ("flat", "watercolor", "pixel", "pencil", "oil", "neon"),
}
NAMES = tuple(ATTRIBUTES)
COLUMN = {name: index for index, name in enumerate(NAMES)}
OPEN = -1
"""An attribute that the words leave open."""
Z_DIM = 64
NO_OBJECT = ATTRIBUTES["object"].index("none")

SIZE_CHOICE, PLACE_CHOICE = 22, 23
"""The free choices that vary a thing's size and its place to the side."""
_GLIDES = (("size", SIZE_CHOICE, 2.66), ("side", PLACE_CHOICE, 2.8))
"""The factor by which an open attribute may stray further than a named one: to halfway to the
next."""

# A free attribute is chosen by one latent value along a line of options.  The typical option lies
# in the middle of the line, where truncation leads: at psi 0 a prompt gives its typical picture.
_LINES: dict[str, tuple[tuple[str, float], ...]] = {
    "time": (("night", 0.22), ("day", 0.46), ("dawn", 0.14), ("sunset", 0.18)),
    "weather": (("rain", 0.12), ("cloudy", 0.2), ("clear", 0.46), ("snow", 0.1), ("fog", 0.12)),
    "relief": (("none", 0.3), ("hills", 0.4), ("peaks", 0.3)),
    "moon": (("crescent", 0.35), ("full", 0.65)),
    "object": (
        ("cactus", 0.12),
        ("sailboat", 0.16),
        ("house", 0.42),
        ("lighthouse", 0.12),
        ("balloon", 0.09),
        ("pine", 0.09),
    ),
    "size": (("small", 0.25), ("medium", 0.5), ("large", 0.25)),
    "side": (("left", 0.3), ("centre", 0.4), ("right", 0.3)),
    "style": (
        ("pencil", 0.13),
        ("oil", 0.15),
        ("flat", 0.42),
        ("watercolor", 0.14),
        ("pixel", 0.08),
        ("neon", 0.08),
    ),
}
# Ground and colour depend on the object; the middle of each line suits it.
_GROUND_LINES: dict[str, tuple[tuple[str, float], ...]] = {
    "house": (("sea", 0.08), ("snow", 0.2), ("meadow", 0.54), ("desert", 0.18)),
    "pine": (("desert", 0.08), ("sea", 0.08), ("meadow", 0.5), ("snow", 0.34)),
    "sailboat": (("meadow", 0.05), ("sea", 0.9), ("snow", 0.05)),
    "lighthouse": (("desert", 0.1), ("meadow", 0.2), ("sea", 0.58), ("snow", 0.12)),
    "balloon": (("sea", 0.22), ("meadow", 0.4), ("desert", 0.2), ("snow", 0.18)),
    "cactus": (("meadow", 0.12), ("desert", 0.78), ("snow", 0.05), ("sea", 0.05)),
    "none": (("snow", 0.22), ("meadow", 0.36), ("sea", 0.24), ("desert", 0.18)),
}
_TYPICAL_COLOR = {
    "house": "red",
    "pine": "green",
    "sailboat": "white",
    "lighthouse": "red",
    "balloon": "orange",
    "cactus": "green",
    "none": "red",
}
_TYPICAL_COLOR_SHARE = 0.3


def _color_line(kind: str) -> tuple[tuple[str, float], ...]:
    typical = _TYPICAL_COLOR[kind]
    others = [color for color in ATTRIBUTES["color"] if color != typical]
    share = (1 - _TYPICAL_COLOR_SHARE) / len(others)
    # Four below and three above put the middle of the line inside the typical colour.
    line = [(color, share) for color in others]
    line.insert(len(others) // 2, (typical, _TYPICAL_COLOR_SHARE))
    return tuple(line)


def _pick(name: str, line: tuple[tuple[str, float], ...], u: Tensor) -> Tensor:
    """Indices of the options on `line` where u [N] in (0, 1) points."""
    ends = torch.tensor([share for _, share in line], device=u.device).cumsum(0)[:-1]
    options = torch.tensor([ATTRIBUTES[name].index(option) for option, _ in line], device=u.device)
    return options[torch.bucketize(u.contiguous(), ends)]


def choices(z: Tensor, psi: Tensor | float = 1.0) -> Tensor:
    """The free choices that a latent stands for: [N, 64] in (0, 1), uniform at psi 1.

    `z` [N, 64] is normalised as the mapping network does; `psi` (a number or [N, 1]) draws the
    choices to their middle, as truncation draws a latent to the mean.
    """
    z = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True) + 1e-8) * psi
    return torch.special.ndtr(z).clamp(1e-4, 1 - 1e-4)


def complete(named: Tensor, u: Tensor) -> Tensor:
    """Fill the open attributes of `named` [N, 10] from the first ten choices of `u` [N, 64]."""
    rows = named.clone()

    def fill(name: str, picked: Tensor) -> None:
        column = rows[:, COLUMN[name]]
        column.copy_(torch.where(column == OPEN, picked, column))

    for name, line in _LINES.items():
        fill(name, _pick(name, line, u[:, COLUMN[name]]))
    for index, kind in enumerate(ATTRIBUTES["object"]):
        here = rows[:, COLUMN["object"]] == index
        for name, line in (("ground", _GROUND_LINES[kind]), ("color", _color_line(kind))):
            column = rows[:, COLUMN[name]]
            picked = _pick(name, line, u[:, COLUMN[name]])
            column.copy_(torch.where(here & (column == OPEN), picked, column))
    return rows


def glide(named: Tensor, u: Tensor) -> Tensor:
    """Let things move and grow without a jump where the words leave side and size open.

    What a named side or size leaves to chance is a small range around its place.  Where it is open,
    the one choice that picks it leads through all of them: it stays near each and slides over to
    the next.

    Args:
        named: [N, 10] attribute indices, `OPEN` where the words say nothing.
        u: [N, 64] free choices in (0, 1).

    Returns:
        [N, 64] choices with these two replaced; they may lie outside (0, 1).
    """
    u = u.clone()
    for name, choice, reach in _GLIDES:
        is_open = named[:, COLUMN[name]] == OPEN
        through = glided(_LINES[name], u[:, COLUMN[name]], reach)
        u[:, choice] = torch.where(is_open, through, u[:, choice])
    return u


def glided(line: Sequence[tuple[str, float]], picked: Tensor, reach: float) -> Tensor:
    """Let the choice `picked` [N] of an option on a line lead from each option to the next.

    Args:
        line: options with their shares.
        picked: in (0, 1).
        reach: the factor by which it may stray further from an option than a named one may.

    Returns:
        the place within the option's range, [N], 0.5 in its middle; it may lie outside (0, 1).
    """
    picked = picked.contiguous()
    ends = torch.tensor([0.0, *(share for _, share in line)], device=picked.device).cumsum(0)
    option = torch.bucketize(picked, ends[1:-1])
    across = (picked - ends[option]) / (ends[option + 1] - ends[option]) * 2 - 1
    last = len(line) - 1
    outside = ((option == 0) & (across < 0)) | ((option == last) & (across > 0))
    return 0.5 + 0.5 * torch.where(outside, across, reach * across**3)


def sample_named(n: int, generator: torch.Generator | None = None) -> Tensor:
    """Draw what a caption might name: every combination of attributes is possible, [N, 10].

    Two draws in three take a ground that suits the object, so that plain prompts are common too.
    """
    rows = torch.stack(
        [torch.randint(len(ATTRIBUTES[name]), (n,), generator=generator) for name in NAMES], dim=1
    )
    bare = rows[:, COLUMN["object"]] == NO_OBJECT
    again = torch.randint(NO_OBJECT, (n,), generator=generator)
    keep_bare = torch.rand(n, generator=generator) < 0.5
    rows[:, COLUMN["object"]] = torch.where(bare & ~keep_bare, again, rows[:, COLUMN["object"]])
    suits = torch.rand(n, generator=generator) < 0.66
    open_ground = rows.clone()
    open_ground[suits, COLUMN["ground"]] = OPEN
    return complete(open_ground, torch.rand(n, Z_DIM, generator=generator))
