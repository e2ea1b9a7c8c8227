"""A sheet as one picture: every cell in its place, labels where there is room."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.files.sheet_image import PAPER, SheetImage
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import Recipe

SIDE = 24


def filled(sheet: Sheet) -> tuple[SheetImage, dict[tuple[int, int], np.ndarray]]:
    """A sheet whose cells all have colours of their own."""
    image, colours = SheetImage(sheet, Recipe(), SIDE), {}
    for index, (row, column, _) in enumerate(contact_sheet.places(sheet, Recipe())):
        colour = np.array((10 + index, 90, 30), np.uint8)
        colours[row, column] = colour
        image.place(row, column, np.broadcast_to(colour, (SIDE, SIDE, 3)))
    return image, colours


def found(pixels: np.ndarray, colour: np.ndarray) -> tuple[int, int, int, int]:
    """The rectangle of a colour: top, left, bottom, right."""
    ys, xs = np.nonzero((pixels == colour).all(axis=2))
    return ys.min(), xs.min(), ys.max() + 1, xs.max() + 1


def test_cells_may_be_wider_than_high() -> None:
    sheet = Sheet(Axis("seed", count=2), Axis("psi", count=3), labels=False)
    image = SheetImage(sheet, Recipe(), SIDE, width_px=2 * SIDE)
    for index, (row, column, _) in enumerate(contact_sheet.places(sheet, Recipe())):
        colour = np.array((10 + index, 90, 30), np.uint8)
        image.place(row, column, np.broadcast_to(colour, (SIDE, 2 * SIDE, 3)))
        top, left, bottom, right = found(image.pixels, colour)
        assert (bottom - top, right - left) == (SIDE, 2 * SIDE)
    assert contact_sheet.too_large(sheet, Recipe(), 1_000, ".jpg") == ""
    assert contact_sheet.too_large(sheet, Recipe(), 1_000, ".jpg", 14_000) != ""


@pytest.mark.parametrize(
    "sheet",
    [
        Sheet(),
        Sheet(labels=False),
        Sheet(Axis("mixing", count=2), Axis("seed", count=3)),
        Sheet(Axis(), Axis()),
        Sheet(Axis("prompt", prompts=("a very long prompt " * 20, "")), Axis("position", count=3)),
    ],
)
def test_every_cell_lies_whole_in_its_row_and_column(sheet: Sheet) -> None:
    image, colours = filled(sheet)
    rows, columns = contact_sheet.table_size(sheet, Recipe())
    assert len(colours) == rows * columns - sheet.mixes
    boxes = {place: found(image.pixels, colour) for place, colour in colours.items()}
    for (row, column), (top, left, bottom, right) in boxes.items():
        assert (bottom - top, right - left) == (SIDE, SIDE)
        assert top == boxes[row, columns - 1][0]
        assert left == boxes[rows - 1, column][1]
        if (row + 1, column) in boxes:
            assert boxes[row + 1, column][0] > bottom
        if (row, column + 1) in boxes:
            assert boxes[row, column + 1][1] > right


def test_labels_are_written_outside_of_the_cells_only() -> None:
    plain, _ = filled(Sheet(labels=False))
    labelled, colours = filled(Sheet())
    height, width = plain.pixels.shape[:2]
    tall, wide = labelled.pixels.shape[:2]
    assert tall > height
    assert wide > width
    assert np.array_equal(labelled.pixels[tall - height :, wide - width :], plain.pixels)
    assert (labelled.pixels[: tall - height] != PAPER).any()
    assert (labelled.pixels[:, : wide - width] != PAPER).any()
    assert len(colours) == 15


def test_sources_stand_apart() -> None:
    image, colours = filled(Sheet(Axis("mixing", count=2), Axis("seed", count=2)))
    rows = [found(image.pixels, colours[row, 1])[0] for row in range(3)]
    assert rows[1] - rows[0] > rows[2] - rows[1]


def test_a_cell_without_words_beside_it_takes_no_gutter() -> None:
    one, _ = filled(Sheet(Axis(), Axis("psi", count=2)))
    bare, _ = filled(Sheet(Axis(), Axis("psi", count=2), labels=False))
    assert one.pixels.shape[1] == bare.pixels.shape[1]
