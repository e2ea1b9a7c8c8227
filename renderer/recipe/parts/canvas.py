"""The canvas: pictures wider or higher than the square that a model was trained on."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

MAX_AREA = 4.0
"""Of a picture, in areas of the trained square: its time grows with it."""
Sides = Annotated[float, Meta(ge=1.0, le=MAX_AREA)]


class Canvas(Struct, frozen=True, forbid_unknown_fields=True):
    """Width and height, in sides of the trained square, which lies in the middle.

    A model draws whole cells of its input, so it takes the nearest size, see `cells`.  Where both
    together are more than `MAX_AREA`, the height gives way.
    """

    width: Sides = 1.0
    height: Sides = 1.0

    def __post_init__(self) -> None:
        if self.width > 1 and self.height > MAX_AREA / self.width:
            force_setattr(self, "height", max(MAX_AREA / self.width, 1.0))

    @staticmethod
    def of_form(across: float, down: float) -> Canvas:
        """The smallest canvas of a shape such as 16 to 9, or of the nearest that there is."""
        most = min(max(across / down, 1.0), MAX_AREA), min(max(down / across, 1.0), MAX_AREA)
        return Canvas(*most)

    def cells(self, grid: int) -> tuple[int, int]:
        """Rows and columns of cells on a model whose square has `grid` to the side."""
        rows, columns = (max(round(sides * grid), grid) for sides in (self.height, self.width))
        while rows * columns > MAX_AREA * grid * grid:
            # The one that was rounded up by more.
            higher = rows - self.height * grid > columns - self.width * grid
            rows, columns = (rows - 1, columns) if higher else (rows, columns - 1)
        return rows, columns

    def size_px(self, grid: int, resolution: int) -> tuple[int, int]:
        """Width and height in pixels on a model of that many cells and pixels to the side."""
        rows, columns = self.cells(grid)
        return columns * resolution // grid, rows * resolution // grid


ASPECTS: tuple[tuple[str, Canvas], ...] = (
    ("1:1", Canvas()),
    ("3:2", Canvas(1.5, 1.0)),
    ("16:9", Canvas(16 / 9, 1.0)),
    ("2:1", Canvas(2.0, 1.0)),
    ("2:3", Canvas(1.0, 1.5)),
    ("9:16", Canvas(1.0, 16 / 9)),
)
"""Usual shapes by their names."""
