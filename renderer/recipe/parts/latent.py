"""The latent side of w: seeds, latents written out, and what lies between two."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from renderer.recipe.parts.fields import Number, Seed, Values


class LatentPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """The latent side of w.

    Seeds lie on an endless plane, see `renderer.recipe.seed_plane`: `x` and `y` are the offset from
    `seed`, in seeds to the right and rows down.  `values`, when there are any, stand in place of
    seed and offset.  From there `position` interpolates towards `target_values` or z of
    `target_seed`: 0 stays, 1 arrives, values outside extrapolate.  Last, a `morph` goes on towards
    a whole other latent.
    """

    seed: Seed = 0
    target_seed: Seed = 1
    position: Number = 0.0
    blend: Literal["slerp", "lerp"] = "slerp"
    x: Number = 0.0
    y: Number = 0.0
    values: Values = ()
    target_values: Values = ()
    morph: Morph | None = None


class Morph(Struct, frozen=True, forbid_unknown_fields=True):
    """Interpolates towards the latent `to`: 0 stays, 1 arrives.  Frames between key frames have
    one."""

    to: LatentPart
    position: Number = 0.0
