"""The ends of an interpolated latent: its start, its target, and what stands for each.

Pure functions on `LatentPart`.  An end is a seed, or values that are written out in its place.
"""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.recipe import WILD, LatentPart

DECIMALS = 6
"""Positions are rounded to this: a millionth of the way cannot be seen."""


def start_at_seed(part: LatentPart, seed: int) -> LatentPart:
    """`part`, starting exactly at a seed."""
    return replace(part, seed=seed, x=0.0, y=0.0, values=(), seeds=(), pad=None, morph=None)


def start_at_values(part: LatentPart, values: tuple[float, ...]) -> LatentPart:
    """`part`, starting at a latent that is written out; the seed stays known, for the way back."""
    return replace(part, values=values, x=0.0, y=0.0, seeds=(), pad=None, morph=None)


def settled(part: LatentPart, values: tuple[float, ...]) -> LatentPart:
    """An interpolation that begins where `part` is, at `values`; its target stays."""
    return replace(start_at_values(part, values), position=0.0)


def aim_at_seed(part: LatentPart, seed: int) -> LatentPart:
    """`part`, interpolated towards a seed."""
    return replace(part, target_seed=seed, target_values=())


def aim_at_values(part: LatentPart, values: tuple[float, ...]) -> LatentPart:
    """`part`, interpolated towards a latent that is written out."""
    return replace(part, target_values=values)


def start_only(part: LatentPart) -> LatentPart:
    """The start alone: nothing is interpolated from there."""
    plain = LatentPart()
    return replace(
        part,
        target_seed=plain.target_seed,
        target_values=plain.target_values,
        position=plain.position,
        blend=plain.blend,
        morph=None,
    )


def between_seeds(part: LatentPart) -> bool:
    """Return whether the start is neither a seed nor written out: a place on the plane beside the
    seeds, or a blend of several."""
    return not part.values and (bool(part.seeds) or part.x != 0.0 or part.y != 0.0)


def swapped(part: LatentPart, start: tuple[float, ...] = ()) -> LatentPart:
    """The same interpolation from its other end: the same latent, with the ends exchanged.

    Args:
        part: whose start is a seed or values.
        start: the values of a start `between_seeds`, which no target can be.
    """
    return replace(
        part,
        seed=part.target_seed,
        x=0.0,
        y=0.0,
        seeds=(),
        pad=None,
        values=part.target_values,
        target_seed=part.seed,
        target_values=start or part.values,
        position=round(min(1.0 - part.position, WILD), DECIMALS),
    )
