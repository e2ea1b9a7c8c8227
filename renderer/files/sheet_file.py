"""A contact sheet that takes its cells one by one and becomes a file at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from renderer.files.atomic import ExportError, require_new, save_new, write_made
from renderer.files.images import encode
from renderer.files.sheet_image import SheetImage
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.names import display_name
from renderer.recipe.recipe import Recipe


class SheetFile:
    """A contact sheet on its way into a file, which carries the sheet and its recipe.

    Args:
        path: of the file; its end says the kind, see `renderer.files.kinds.IMAGE_SUFFIXES`.
        sheet: what is drawn.
        recipe: of which; the first cell tells the hash of its model.
        fonts: for labels, see `renderer.files.sheet_image.SheetImage`.
        overwrite: replace a file of that name.
        numbered: write `name-0001.png`, `name-0002.png`, ... in place of `name.png`.  The folder
            around it is made if it is missing.

    Raises:
        ExportError: it exists; one sentence.
    """

    def __init__(
        self,
        path: Path,
        sheet: Sheet,
        recipe: Recipe,
        fonts: Sequence[Path] = (),
        *,
        overwrite: bool = False,
        numbered: bool = False,
    ) -> None:
        self._path, self._sheet, self._recipe, self._fonts = path, sheet, recipe, fonts
        self._overwrite, self._numbered = overwrite, numbered
        self._places = contact_sheet.places(sheet, recipe)
        self._image: SheetImage | None = None
        if not numbered and not overwrite:
            require_new(path)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole, once there is a cell."""
        height, width = self._drawn().pixels.shape[:2]
        return width, height

    def add(self, pixels: np.ndarray, recipe: Recipe | None = None) -> None:
        """The next cell.

        Args:
            pixels: uint8 [height, width, 3]; the first cell says how large all of them are.
            recipe: of the cell, with the hash of the model that drew it.

        Raises:
            ExportError: the sheet would be too large, or the cell has another size than those
                before; one sentence.
        """
        if self._image is None:
            self._image = self._begun(*pixels.shape[:2])
            if recipe is not None and recipe.model.path == self._recipe.model.path:
                self._recipe = replace(self._recipe, model=recipe.model)
        row, column, cell = next(self._places)
        height, width = pixels.shape[:2]
        if (height, width) != (self._image.side, self._image.width):
            raise ExportError(
                f"The picture of {display_name(cell.model.path)} has {width} x {height} pixels, "
                f"those before have {self._image.width} x {self._image.side}: a grid takes models "
                "of one size."
            )
        self._image.place(row, column, pixels)

    def finish(self, check: Callable[[], object] = lambda: None) -> Path:
        """Write the file.

        Args:
            check: called just before it is written; what it raises leaves nothing.

        Raises:
            ExportError: it cannot be written; one sentence.
        """
        path = self._path
        data = encode(self._drawn().pixels, self._recipe, path.suffix, sheet=self._sheet)
        check()
        if self._numbered:
            return save_new(path.parent, path.stem, path.suffix, data)
        write_made(path, data, self._overwrite)
        return path

    def discard(self) -> None:
        """Nothing is on the disk before the end."""

    def _begun(self, height: int, width: int) -> SheetImage:
        sheet, suffix = self._sheet, self._path.suffix
        problem = contact_sheet.too_large(sheet, self._recipe, height, suffix, width)
        if problem:
            raise ExportError(problem)
        return SheetImage(sheet, self._recipe, height, self._fonts, width)

    def _drawn(self) -> SheetImage:
        assert self._image is not None, "a grid has at least one cell"
        return self._image
