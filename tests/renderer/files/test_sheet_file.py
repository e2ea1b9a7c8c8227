"""A contact sheet that becomes a file: cell by cell, in order, under a name of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from renderer.files.atomic import ExportError
from renderer.files.images import read_recipe, read_sheet
from renderer.files.sheet_file import SheetFile
from renderer.files.sheet_image import SheetImage
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import ModelRef, Recipe

SHEET = Sheet(Axis("mixing", count=2), Axis("seed", count=2))
CELLS = [np.full((16, 16, 3), 25 * index, np.uint8) for index in range(8)]


def filled(path: Path, *, overwrite: bool = False, numbered: bool = False) -> SheetFile:
    sheet = SheetFile(path, SHEET, Recipe(), overwrite=overwrite, numbered=numbered)
    for cell in CELLS:
        sheet.add(cell, Recipe(ModelRef("demo", "cd" * 32), psi=0.25))
    return sheet


def test_cells_come_in_the_order_of_their_places(tmp_path: Path) -> None:
    image = SheetImage(SHEET, Recipe(), 16)
    for (row, column, _), cell in zip(contact_sheet.places(SHEET, Recipe()), CELLS, strict=True):
        image.place(row, column, cell)
    sheet = filled(tmp_path / "a.png")
    with Image.open(sheet.finish()) as found:
        assert np.array_equal(np.asarray(found), image.pixels)
        assert sheet.size == found.size


def test_it_carries_the_sheet_and_the_recipe_with_the_hash_that_became_known(
    tmp_path: Path,
) -> None:
    path = filled(tmp_path / "a.png").finish()
    assert read_sheet(path) == SHEET
    assert read_recipe(path) == Recipe(ModelRef("demo", "cd" * 32))


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_too_large_a_sheet_is_refused_with_the_first_cell(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_sheet, "MAX_PIXELS", 1000)
    with pytest.raises(ExportError, match="fewer rows or columns"):
        SheetFile(tmp_path / f"a{suffix}", SHEET, Recipe()).add(CELLS[0])


def test_a_file_of_that_name_stays_unless_it_may_go(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(ExportError, match="exists already"):
        filled(path)
    assert path.read_bytes() == b"mine"
    assert filled(path, overwrite=True).finish() == path
    assert read_sheet(path) == SHEET


def test_a_file_that_came_meanwhile_stays_and_so_does_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    sheet = filled(path)
    path.write_bytes(b"theirs")
    with pytest.raises(ExportError, match="meanwhile, so this one was saved as"):
        sheet.finish()
    assert path.read_bytes() == b"theirs"
    assert read_sheet(tmp_path / "a-0001.png") == SHEET


def test_numbered_names_are_new_and_their_folder_is_made(tmp_path: Path) -> None:
    paths = [filled(tmp_path / "new" / "a.png", numbered=True).finish() for _ in range(2)]
    assert [path.name for path in paths] == ["a-0001.png", "a-0002.png"]
