"""The place, turn and size of the content in the picture."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from renderer.recipe.parts.fields import MAX_ZOOM, MIN_ZOOM, Number


class TransformPart(Struct, frozen=True, forbid_unknown_fields=True):
    """Moves the content through the generator's Fourier input.

    `rotate_deg` turns counter-clockwise; `x` and `y` are fractions of the picture's size, right
    and up; `zoom` above 1 enlarges the content.
    """

    rotate_deg: Number = 0.0
    x: Number = 0.0
    y: Number = 0.0
    zoom: Annotated[float, Meta(ge=MIN_ZOOM, le=MAX_ZOOM)] = 1.0
