"""Steps along principal components."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.recipe.parts.fields import Number, Row


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """A step along a principal component, `amount` standard deviations long.

    `space` "mapped" moves the mapped latent, for all rows; "style" moves the style of the layer
    that owns `row` of w (a colour output that shares its row stays); "weights" moves `row` of w
    along a direction to which the weights of that layer answer most.  Components are counted from
    0, the widest first; they depend on the model and its text tower, not on the text, see
    `renderer.pipeline.components`.
    """

    space: Literal["mapped", "style", "weights"] = "mapped"
    component: Annotated[int, Meta(ge=0, le=4095)] = 0
    amount: Number = 0.0
    row: Row = 0

    def __post_init__(self) -> None:
        if self.space == "mapped" and self.row:
            force_setattr(self, "row", 0)
