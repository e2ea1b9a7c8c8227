"""The second demo world's scenes, and a latent that fills in what words leave open.

A *scene* is a row of attribute indices.  Thing 0 is none; thing k is number k - 1 of
`catalogue.all_things`.  Two things stand in a relation; several of one kind have a count.  As in
`stylegan_t.demo.world`, whose choices are used, everything else is read off a latent.
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from stylegan_t.demo.things.catalogue import all_things, first_things
from stylegan_t.demo.things.sprites import PALETTE
from stylegan_t.demo.world import OPEN, Z_DIM, glided

OWN = "own"
"""The colour that a thing has by itself."""
VALUES: dict[str, tuple[str, ...]] = {
    "time": ("dawn", "day", "sunset", "night"),
    "weather": ("clear", "cloudy", "rain", "snow", "fog"),
    "ground": ("meadow", "desert", "snow", "sea", "beach"),
    "relief": ("none", "hills", "peaks"),
    "moon": ("full", "crescent"),
    "style": ("flat", "watercolor", "pixel", "pencil", "oil", "neon"),
    "size": ("small", "medium", "large"),
    "side": ("left", "centre", "right"),
    "count": ("one", "two", "three"),
    "relation": ("alone", "beside", "left", "above", "on", "behind"),
    "color": (OWN, *PALETTE),
    "other_color": (OWN, *PALETTE),
}
"""The attributes other than the two things; `left` is the thing's place beside the other."""
NAMES = (*VALUES, "thing", "other")
COLUMN = {name: index for index, name in enumerate(NAMES)}
WIDTH = len(NAMES)
OWN_COLOR, NO_THING = 0, 0

# The choice that decides each open attribute; those of the first world are the same there.
CHOICE = {
    "time": 0, "weather": 1, "ground": 2, "relief": 3, "moon": 4, "color": 6,
    "size": 7, "side": 8, "style": 9, "other_color": 31,
}  # fmt: skip
SIZE_CHOICE, PLACE_CHOICE, ALOFT, STAGGER, MIRROR = 22, 23, 24, 32, 34
"""Free choices that vary size, place, height, depth (two) and sight (two)."""

# The typical option lies in the middle of its line, where truncation leads.
_LINES: dict[str, tuple[tuple[str, float], ...]] = {
    "time": (("night", 0.2), ("day", 0.5), ("dawn", 0.12), ("sunset", 0.18)),
    "weather": (("rain", 0.1), ("cloudy", 0.22), ("clear", 0.5), ("snow", 0.1), ("fog", 0.08)),
    "relief": (("none", 0.3), ("hills", 0.4), ("peaks", 0.3)),
    "moon": (("crescent", 0.35), ("full", 0.65)),
    "size": (("small", 0.2), ("medium", 0.55), ("large", 0.25)),
    "side": (("left", 0.22), ("centre", 0.56), ("right", 0.22)),
    "style": (
        ("pencil", 0.09), ("oil", 0.12), ("flat", 0.55), ("watercolor", 0.12), ("pixel", 0.06),
        ("neon", 0.06),
    ),
}  # fmt: skip
_GROUND_LINES: dict[str, tuple[tuple[str, float], ...]] = {
    "any": (("desert", 0.12), ("beach", 0.16), ("meadow", 0.5), ("snow", 0.14), ("sea", 0.08)),
    "sea": (("meadow", 0.06), ("sea", 0.84), ("beach", 0.1)),
    "snow": (("meadow", 0.26), ("snow", 0.7), ("sea", 0.04)),
    "desert": (("meadow", 0.14), ("desert", 0.76), ("beach", 0.1)),
    "beach": (("meadow", 0.16), ("beach", 0.7), ("desert", 0.07), ("sea", 0.07)),
}
_OWN_SHARE = 0.7
_SIZE_REACH = 2.3
"""The factor by which an open size may stray further than a named one: to halfway to the next."""
REACH, DRIFT = 0.5, 0.24
"""The distance of a named side from the middle, and of a move by one standard deviation of the
latent, in a picture 2 wide."""
_FARTHEST = 2.0
"""Standard deviations: a thing at a named side is still half in the picture."""
_TOGETHER = 0.4
"""The share of that by which several things move, which need the room."""


@functools.cache
def _color_line() -> tuple[tuple[str, float], ...]:
    colors = [color for color in PALETTE if color not in ("brown", "black", "grey")]
    share = (1 - _OWN_SHARE) / len(colors)
    line = [(color, share) for color in colors]
    line.insert(len(line) // 2, (OWN, _OWN_SHARE))
    return tuple(line)


@functools.cache
def thing_index(name: str) -> int:
    """The value of the attribute `thing` that stands for a name of the catalogue, or for none."""
    names = ["none", *(thing.name for thing in all_things())]
    return names.index(name)


def default_count() -> int:
    """Return how many things are learned when there are only processors."""
    return len(first_things())


def _pick(name: str, line: tuple[tuple[str, float], ...], u: Tensor) -> Tensor:
    """Indices of the options on `line` where u [N] in (0, 1) points."""
    ends = torch.tensor([share for _, share in line], device=u.device).cumsum(0)[:-1]
    options = torch.tensor([VALUES[name].index(option) for option, _ in line], device=u.device)
    return options[torch.bucketize(u.contiguous(), ends)]


@functools.cache
def _kinds(device: torch.device) -> Tensor:
    """The number of the ground line of every thing."""
    lines = list(_GROUND_LINES)
    kinds = [0, *(lines.index(thing.ground) for thing in all_things())]
    return torch.tensor(kinds, device=device)


@functools.cache
def _varied(device: torch.device) -> Tensor:
    """Return whether a thing comes in any colour when the words leave that open."""
    made = ("vehicles", "things")
    return torch.tensor([False, *(t.group in made for t in all_things())], device=device)


def complete(named: Tensor, u: Tensor) -> Tensor:
    """Fill the open attributes of `named` [N, WIDTH] from the choices `u` [N, 64].

    Where no thing is named there is none: a model that does not know a word shows a landscape.
    """
    rows = named.clone()

    def fill(name: str, picked: Tensor) -> None:
        column = rows[:, COLUMN[name]]
        column.copy_(torch.where(column == OPEN, picked, column))

    for name, line in _LINES.items():
        fill(name, _pick(name, line, u[:, CHOICE[name]]))
    for name in ("thing", "count", "relation", "other"):
        fill(name, torch.zeros_like(rows[:, 0]))
    kinds = _kinds(u.device)[rows[:, COLUMN["thing"]]]
    for index, line in enumerate(_GROUND_LINES.values()):
        picked = _pick("ground", line, u[:, CHOICE["ground"]])
        fill("ground", torch.where(kinds == index, picked, OPEN))
    for name, thing in (("color", "thing"), ("other_color", "other")):
        picked = _pick(name, _color_line(), u[:, CHOICE[name]])
        free = _varied(u.device)[rows[:, COLUMN[thing]]]
        fill(name, torch.where(free, picked, OWN_COLOR))
    return rows


def glide(named: Tensor, u: Tensor) -> Tensor:
    """Let things move and grow without a jump where the words leave side and size open.

    The choice that picks an open size leads through all of them: it stays near each and slides over
    to the next; see `stylegan_t.demo.world.glide`.  The choice of a side is a shift that is linear
    in the latent, whatever is named: a generator can move its input along (`SynthesisInput`), and
    draws a thing alike wherever it stands.
    """
    u = u.clone()
    through = glided(_LINES["size"], u[:, CHOICE["size"]], _SIZE_REACH)
    open_size = named[:, COLUMN["size"]] == OPEN
    u[:, SIZE_CHOICE] = torch.where(open_size, through, u[:, SIZE_CHOICE])
    side = _pick("side", _LINES["side"], u[:, CHOICE["side"]])
    together = (named[:, COLUMN["relation"]] > 0) | (named[:, COLUMN["count"]] > 0)
    unsaid = (named[:, COLUMN["side"]] == OPEN) & ~together
    aside = torch.where(together, drift(u) * _TOGETHER, drift(u))
    u[:, PLACE_CHOICE] = 0.5 + 0.5 * (aside - torch.where(unsaid, (side - 1) * REACH, 0))
    return u


def drift(u: Tensor) -> Tensor:
    """The way that choices [N, 64] move a thing aside, linear in their latent, [N]."""
    return torch.special.ndtri(u[:, CHOICE["side"]]).clamp(-_FARTHEST, _FARTHEST) * DRIFT


def bare(named: Tensor, where: slice) -> None:
    """Let rows of `named` [N, WIDTH] name their thing and nothing else, in place."""
    things = named[where, COLUMN["thing"]].clone()
    named[where] = OPEN
    named[where, COLUMN["thing"]] = things


EMPTY_SHARE, PAIR_SHARE, MANY_SHARE, SUITED_SHARE, FLAT_SHARE = 0.12, 0.15, 0.10, 0.6, 0.3
"""Shares of scenes that are empty, show two things or several of one, stand where they belong,
and are drawn plainly: plain pictures are where shapes are learned."""
_HELD = 13
"""One in this many combinations of thing, ground and style is held out."""


def held_out(rows: Tensor) -> Tensor:
    """Return which rows [N, WIDTH] name a combination that training never shows, bool [N]."""
    thing, ground, style = (rows[:, COLUMN[name]] for name in ("thing", "ground", "style"))
    return (thing > 0) & ((thing * 7 + ground * 3 + style * 5) % _HELD == 0)


def sample_named(
    n: int,
    count: int,
    generator: torch.Generator | None = None,
    *,
    held: bool = False,
    pairs: float = PAIR_SHARE,
) -> Tensor:
    """Draw what captions might name: complete rows [n, WIDTH] of the first `count` things.

    With `held`, only combinations that training never shows; `pairs` is the share of two things.
    """
    parts, found = [], 0
    while found < n:
        rows = _sampled(4 * n if held else n + 8, count, generator, pairs)
        parts.append(rows[held_out(rows) == held])
        found += len(parts[-1])
    return torch.cat(parts)[:n]


def _sampled(n: int, count: int, generator: torch.Generator | None, pairs: float) -> Tensor:
    rows = torch.empty(n, WIDTH, dtype=torch.long)
    for name, values in VALUES.items():
        rows[:, COLUMN[name]] = torch.randint(len(values), (n,), generator=generator)
    kind = torch.rand(n, generator=generator)
    for name in ("thing", "other"):
        rows[:, COLUMN[name]] = torch.randint(1, count + 1, (n,), generator=generator)
    pair = kind < pairs
    many = ~pair & (kind < pairs + MANY_SHARE)
    empty = kind > 1 - EMPTY_SHARE
    for name in ("count", "relation"):
        chosen = torch.randint(1, len(VALUES[name]), (n,), generator=generator)
        here = many if name == "count" else pair
        rows[:, COLUMN[name]] = torch.where(here, chosen, 0)
    rows[~pair, COLUMN["other"]] = NO_THING
    rows[empty, COLUMN["thing"]] = NO_THING
    for name in ("color", "other_color"):
        own = torch.rand(n, generator=generator) < 0.5
        rows[own, COLUMN[name]] = OWN_COLOR
    flat = torch.rand(n, generator=generator) < FLAT_SHARE
    rows[flat, COLUMN["style"]] = 0
    suits = torch.rand(n, generator=generator) < SUITED_SHARE
    rows[suits, COLUMN["ground"]] = OPEN
    return complete(rows, torch.rand(n, Z_DIM, generator=generator))
