"""The layout that a picture keeps."""

from __future__ import annotations

from msgspec import Struct

from renderer.recipe.parts.fields import Number
from renderer.recipe.parts.latent import LatentPart
from renderer.recipe.parts.text import TextPart


class LayoutLock(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Text, latent and psi that row 0 of w keeps, whatever the others do: that row turns and moves
    the generator's input, so the layout stays."""

    text: TextPart = TextPart()
    latent: LatentPart = LatentPart()
    psi: Number = 1.0
