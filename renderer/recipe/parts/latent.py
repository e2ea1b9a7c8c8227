"""The latent side of w: seeds, latents written out, and what lies between two."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import force_setattr

from renderer.recipe.parts.fields import Number, Seed, Values
from renderer.recipe.parts.seeds import Seeds
from renderer.recipe.parts.text import Pad


class LatentPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """The latent side of w.

    Seeds lie on an endless plane, see `renderer.recipe.seed_plane`: `x` and `y` are the offset from
    `seed`, in seeds to the right and rows down.  `values`, when there are any, stand in place of
    seed and offset; so does the blend of `seeds`, with a `pad` by the place on it, where the first
    four are the corners as on the pad of prompts.  `blend` says how, as on the way.  From there
    `position` interpolates towards `target_values` or z of `target_seed`: 0 stays, 1 arrives,
    values outside extrapolate.  Last, a `morph` goes on towards a whole other latent.
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
    seeds: Seeds = ()
    pad: Pad | None = None

    @property
    def on_plane(self) -> bool:
        """Return whether it starts on the plane of seeds."""
        return not self.values and not self.seeds

    def __post_init__(self) -> None:
        if self.values and self.seeds:
            force_setattr(self, "seeds", ())
        if self.pad is not None and not self.seeds:
            force_setattr(self, "pad", None)


class Morph(Struct, frozen=True, forbid_unknown_fields=True):
    """Interpolates towards the latent `to`: 0 stays, 1 arrives.  Frames between key frames have
    one."""

    to: LatentPart
    position: Number = 0.0
