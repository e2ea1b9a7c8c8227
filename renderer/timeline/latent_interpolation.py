"""Latents between two latents: on the plane of seeds, on the way to a target, or between any two.

Pure, and of plain values only; the mathematics is in `renderer.pipeline.latents`.
"""

from __future__ import annotations

from collections.abc import Hashable

from msgspec.structs import replace

from renderer.recipe.parts.seeds import Seeds, seed_weights
from renderer.recipe.recipe import MAX_MORPHS, WILD, LatentPart, Morph, Pad
from renderer.recipe.seed_plane import way
from renderer.timeline.matching import line

NEAR = 8.0
"""Places on the plane that lie nearer than this, in seeds, are joined by a straight journey; on a
longer one too many other pictures would come by."""


def latent_between(a: LatentPart, b: LatentPart, t: float) -> LatentPart:
    """The latent between two latents, `t` from 0 to 1.

    From one place to another about the same seed the offset, the position and the morph move on; so
    they do on the plane of seeds from a place to one nearby.  From one bare seed to another it is
    the interpolation between the two that the Latent panel shows.  Anything else is a `Morph`: on
    the great arc from one whole latent to the other.
    """
    if a == b:
        return a
    if _same_ground(a, b):
        return _on_same_ground(a, b, t)
    if _bare(a) and _bare(b):
        return replace(a, target_seed=b.seed, target_values=(), position=t, morph=None)
    if (way := journey(a, b)) is not None:
        return replace(a, x=line(a.x, a.x + way[0], t), y=line(a.y, a.y + way[1], t), morph=None)
    if _morph(a) is None:
        between = replace(a, morph=Morph(b, t))
    elif _morph(b) is None:
        between = replace(b, morph=Morph(a, 1.0 - t))
    else:
        between = _between_positions(a, b, t)
    return between if _generations(between) <= MAX_MORPHS else a


def _between_positions(a: LatentPart, b: LatentPart, t: float) -> LatentPart:
    """Both ends are on their way to somewhere.

    `a` is at `p` between its ground and a goal.  While the goal itself moves on to `b`, `p` goes to
    one: at the end the position has arrived at a goal that is `b`.
    """
    assert a.morph is not None
    goal = latent_between(a.morph.to, b, t)
    return replace(a, morph=Morph(goal, line(a.morph.position, 1.0, t)))


def _bare(part: LatentPart) -> bool:
    """Return whether it is a seed and nothing else."""
    still = part.position == 0.0 and part.x == 0.0 and part.y == 0.0
    return still and not part.values and not part.seeds and _morph(part) is None


def journey(a: LatentPart, b: LatentPart) -> tuple[float, float] | None:
    """Return how far it is from one place on the plane of seeds to another, both at position 0, in
    seeds to the right and rows down; None where it is far, or one is no such place."""
    if any(part.values or _bends(part) for part in (a, b)):
        return None
    whole = way(a.seed, b.seed)
    if whole is None:
        return None
    dx, dy = whole[0] + b.x - a.x, whole[1] + b.y - a.y
    near = max(abs(dx), abs(dy)) <= NEAR and max(abs(a.x + dx), abs(a.y + dy)) <= WILD
    return (dx, dy) if near else None


def _morph(part: LatentPart) -> Morph | None:
    """Its morph, unless that has no effect."""
    return part.morph if part.morph is not None and part.morph.position != 0.0 else None


def _same_ground(a: LatentPart, b: LatentPart) -> bool:
    """Return whether both differ only in how far they have gone from the same place."""
    if (a.seed, a.values) != (b.seed, b.values) or not _same_seeds(a, b):
        return False
    same = a.position == 0.0 or b.position == 0.0 or _target_of(a) == _target_of(b)
    first, second = _morph(a), _morph(b)
    goals = first is None or second is None or first.to == second.to
    return same and goals and (a.blend == b.blend or not (_bends(a) and _bends(b)))


def _target_of(part: LatentPart) -> Hashable:
    return part.target_values or part.target_seed


def _bends(part: LatentPart) -> bool:
    """Return whether it makes a difference to it how one interpolates."""
    return part.position != 0.0 or _morph(part) is not None or bool(part.seeds)


def _same_seeds(a: LatentPart, b: LatentPart) -> bool:
    """Return whether both blend the same seeds, whatever they weigh."""
    return [item.seed for item in a.seeds] == [item.seed for item in b.seeds]


def _seeds_between(a: LatentPart, b: LatentPart, t: float) -> tuple[Seeds, Pad | None]:
    """The seeds of both with the weights between, and the pad where both have one."""
    if a.pad is not None and b.pad is not None:
        pad = Pad(line(a.pad.x, b.pad.x, t), line(a.pad.y, b.pad.y, t))
        ends = [[item.weight for item in part.seeds] for part in (a, b)]
    else:
        pad, ends = None, [list(seed_weights(part.seeds, part.pad)) for part in (a, b)]
    weights = (line(low, high, t) for low, high in zip(*ends, strict=True))
    seeds = zip(a.seeds, weights, strict=True)
    return tuple(replace(item, weight=weight) for item, weight in seeds), pad


def _generations(part: LatentPart) -> int:
    """Return how many morphs lie in one another."""
    count = 0
    while part.morph is not None:
        part, count = part.morph.to, count + 1
    return count


def _on_same_ground(a: LatentPart, b: LatentPart, t: float) -> LatentPart:
    first, second = _morph(a), _morph(b)
    moving = a if a.position else b
    goal = first or second
    seeds, pad = _seeds_between(a, b, t)
    reached = [morph.position if morph else 0.0 for morph in (first, second)]
    return LatentPart(
        seed=a.seed,
        target_seed=moving.target_seed,
        position=line(a.position, b.position, t),
        blend=a.blend if _bends(a) else b.blend,
        x=line(a.x, b.x, t),
        y=line(a.y, b.y, t),
        values=a.values,
        target_values=moving.target_values,
        seeds=seeds,
        pad=pad,
        morph=None if goal is None else Morph(goal.to, line(reached[0], reached[1], t)),
    )
