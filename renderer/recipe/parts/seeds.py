"""A blend of several seeds, by weights or by a place on a pad."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from renderer.recipe.parts.fields import Number, Seed
from renderer.recipe.parts.text import Pad

MAX_SEEDS = 64
PAD_CORNERS = 4


class WeightedSeed(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several seeds whose latents are blended; only the weights' ratios count."""

    seed: Seed = 0
    weight: Number = 1.0


Seeds = Annotated[tuple[WeightedSeed, ...], Meta(max_length=MAX_SEEDS)]


def seed_weights(seeds: tuple[WeightedSeed, ...], pad: Pad | None) -> tuple[float, ...]:
    """Return what each seed counts: its own weight, or that of its corner of the pad."""
    own = tuple(item.weight for item in seeds)
    if pad is None:
        return own
    corners = pad.weights(min(len(own), PAD_CORNERS))
    return corners + own[len(corners) :]
