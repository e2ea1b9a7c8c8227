"""Per-pixel noise."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import force_setattr

from renderer.recipe.canonical import trimmed
from renderer.recipe.parts.fields import Number, PerBlock, Seed


class NoisePart(Struct, frozen=True, forbid_unknown_fields=True):
    """Per-pixel noise: the stored maps ("const"), fresh maps from `seed` ("random"), or none.

    `strength` multiplies all of it, `blocks` each resolution block's, coarsest first; blocks beyond
    the end of `blocks` count as 1.
    """

    mode: Literal["const", "random", "none"] = "const"
    seed: Seed = 0
    strength: Number = 1.0
    blocks: PerBlock = ()

    def __post_init__(self) -> None:
        force_setattr(self, "blocks", trimmed(self.blocks, 1.0))

    def of_block(self, index: int) -> float:
        """Return what multiplies the noise of block `index`."""
        own = self.blocks[index] if index < len(self.blocks) else 1.0
        return self.strength * own
