"""Steps along directions of the latent: principal components, weights, vectors from files."""

from __future__ import annotations

import math
import sys
from array import array
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.recipe.parts.fields import MAX_ROWS, WILD, Number, Row

Space = Literal["mapped", "style", "weights", "block", "vector"]
MAX_DIRECTION_NAME = 120
MAX_VECTOR = 40_000
"""Numbers of one direction: 18 rows of 512 are 9216."""
MAX_VECTORS_BYTES = 2_500_000
"""All vectors of a recipe: as text they still fit into the largest recipe that is read."""
FLOAT_BYTES = 4
DirectionName = Annotated[str, Meta(max_length=MAX_DIRECTION_NAME)]


class Vector(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A direction that is written out, for all rows of w alike, or one for each of them.

    `data` are `rows` times so many numbers, float32, little-endian.
    """

    rows: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 1
    data: Annotated[bytes, Meta(max_length=MAX_VECTOR * FLOAT_BYTES)] = b""

    @property
    def columns(self) -> int:
        """Return how many numbers each row has."""
        return len(self.data) // (FLOAT_BYTES * self.rows)

    @property
    def sound(self) -> bool:
        """Return whether there are whole rows of finite numbers that are not too large."""
        return bool(self.data) and not len(self.data) % (FLOAT_BYTES * self.rows) and _sound(self)


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """A step along a direction, `amount` standard deviations or lengths of a vector long.

    `space` "mapped" moves the mapped latent along a principal component, for all rows; "style"
    moves the style of the layer that owns `row` of w (a colour output that shares its row stays);
    "weights" moves `row` of w along a direction to which the weights of that layer answer most,
    and "block" does so with all rows of the resolution block number `row`.  Components are counted
    from 0, the widest first; they depend on the model and its text tower, not on the text, see
    `renderer.pipeline.components`.  "vector" moves along `vector`.

    One with a `name` is listed by its panel, so it stays in a recipe even if its amount is 0.
    """

    space: Space = "mapped"
    component: Annotated[int, Meta(ge=0, le=4095)] = 0
    amount: Number = 0.0
    row: Row = 0
    name: DirectionName = ""
    vector: Vector | None = None

    def __post_init__(self) -> None:
        if self.space in ("mapped", "vector") and self.row:
            force_setattr(self, "row", 0)
        if self.space == "vector" and self.component:
            force_setattr(self, "component", 0)
        if self.space != "vector" and self.vector is not None:
            force_setattr(self, "vector", None)

    @property
    def place(self) -> tuple[str, int, int, int, bytes]:
        """Return what tells its direction from all others, for comparing and for sorting."""
        vector = self.vector or NO_VECTOR
        return self.space, self.row, self.component, vector.rows, vector.data


NO_VECTOR = Vector()


def unsound(moves: tuple[Move, ...]) -> str:
    """Return why the vectors of `moves` cannot be used, in a sentence; empty when they can."""
    vectors = [move.vector for move in moves if move.space == "vector"]
    if not all(vector is not None and vector.sound for vector in vectors):
        return "A direction of this recipe is damaged: remove it, or open its file again."
    if sum(len(vector.data) for vector in vectors if vector) > MAX_VECTORS_BYTES:
        return "The directions of this recipe hold too many numbers: remove some of them."
    return ""


@lru_cache(maxsize=256)
def _sound(vector: Vector) -> bool:
    numbers = array("f", vector.data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return all(math.isfinite(number) and abs(number) <= WILD for number in numbers)
