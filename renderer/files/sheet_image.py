"""One picture of a sheet: cells in rows and columns, their labels beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from renderer.files.lettering import Lettering
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import Recipe

PAPER, INK = (255, 255, 255), (32, 36, 44)
TEXT_PER_SIDE = 1 / 16
TEXT_PX = (10, 40)
GAP_PER_SIDE = 1 / 64
GUTTER_PER_SIDE = 0.9
"""Row labels get at most this share of a cell's width."""
COLUMN_LINES = 3
EDGE_GAPS = 4
"""Number of extra gaps between the sources along the edges and the cells."""


class SheetImage:
    """A sheet that fills cell by cell, in any order.

    Args:
        sheet: what is drawn.
        recipe: of which.
        side_px: height of one cell, and its width where that is not said.
        fonts: for labels in scripts that the usual fonts have not, best first.
        width_px: width of one cell.
    """

    def __init__(
        self,
        sheet: Sheet,
        recipe: Recipe,
        side_px: int,
        fonts: Sequence[Path] = (),
        width_px: int = 0,
    ) -> None:
        self.table = contact_sheet.table(sheet, recipe)
        self.side, self._edge = side_px, int(sheet.mixes)
        self.width = width_px or side_px
        self._gap = max(1, round(side_px * GAP_PER_SIDE))
        text_px = round(min(max(side_px * TEXT_PER_SIDE, TEXT_PX[0]), TEXT_PX[1]))
        self._letters = Lettering(text_px, fonts)
        shown = contact_sheet.labels(sheet, recipe) if sheet.labels else ((), ())
        self._row_lines = self._wrapped(
            shown[0], GUTTER_PER_SIDE * self.width, self._lines_beside()
        )
        self._column_lines = self._wrapped(shown[1], self.width, COLUMN_LINES)
        self._left, self._top = self._gutter(), self._head()
        rows, columns = len(self.table), len(self.table[0])
        height = self._top + rows * (self.side + self._gap) + self._gap
        width = self._left + columns * (self.width + self._gap) + self._gap
        if self._edge:  # sources stand apart
            height, width = height + EDGE_GAPS * self._gap, width + EDGE_GAPS * self._gap
        self.pixels = np.full((height, width, 3), PAPER, np.uint8)
        """The sheet so far, uint8 [H, W, 3]."""
        self._write_labels()

    def place(self, row: int, column: int, pixels: np.ndarray) -> None:
        """Take the picture of a cell of `table`, uint8 [side, width, 3]."""
        top, left = self._corner(row, column)
        self.pixels[top : top + self.side, left : left + self.width] = pixels

    # -- labels ------------------------------------------------------------------------------

    def _corner(self, row: int, column: int) -> tuple[int, int]:
        down, across = self.side + self._gap, self.width + self._gap
        apart = EDGE_GAPS * self._gap
        return (
            self._top + self._gap + row * down + (apart if row >= self._edge > 0 else 0),
            self._left + self._gap + column * across + (apart if column >= self._edge > 0 else 0),
        )

    def _lines_beside(self) -> int:
        return max(1, self.side // self._letters.line_px)

    def _wrapped(self, labels: Sequence[str], width_px: float, most: int) -> list[list[str]]:
        if not any(labels):
            return []
        # A tiny cell is narrower than any word; then the labels decide.
        width_px = max(width_px, 6 * self._letters.line_px if most == self._lines_beside() else 0)
        return [self._letters.wrapped(label, width_px, most) for label in labels]

    def _gutter(self) -> int:
        widths = [self._letters.width(line) for lines in self._row_lines for line in lines]
        return round(max(widths)) + 2 * self._gap + 4 if widths else 0

    def _head(self) -> int:
        most = max((len(lines) for lines in self._column_lines), default=0)
        return most * self._letters.line_px + self._gap if most else 0

    def _write_labels(self) -> None:
        for index, lines in enumerate(self._row_lines):
            top, _ = self._corner(index + self._edge, 0)
            size = (self._left - self._gap, self.side)
            self._paste(self._letters.drawn(lines, size, INK, PAPER, right=True), top, 0)
        for index, lines in enumerate(self._column_lines):
            _, left = self._corner(0, index + self._edge)
            size = (self.width, self._top)
            self._paste(self._letters.drawn(lines, size, INK, PAPER), 0, left)

    def _paste(self, pixels: np.ndarray, top: int, left: int) -> None:
        height, width = pixels.shape[:2]
        self.pixels[top : top + height, left : left + width] = pixels
