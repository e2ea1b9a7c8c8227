"""Sheets travel in the picture that was made of them, beside the recipe that they vary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from renderer.files.atomic import ExportError
from renderer.files.images import SHEET_KEYWORD, encode, read_recipe, read_sheet
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import Prompt, Recipe, RecipeError, TextPart, to_json

RECIPE = Recipe(text=TextPart((Prompt("a 日本 house"),)), psi=0.5)
SHEET = Sheet(Axis("prompt", prompts=("a", "日本")), Axis("mixing", seed=2**60))
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_sheet_and_recipe_come_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode(PIXELS, RECIPE, suffix, sheet=SHEET))
    assert read_recipe(path) == RECIPE
    assert read_sheet(path) == SHEET
    assert path.read_bytes() == encode(PIXELS, RECIPE, suffix, sheet=SHEET)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_plain_capture_has_no_sheet(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(encode(PIXELS, RECIPE, suffix))
    assert read_sheet(path) is None


def test_a_recipe_in_a_json_file_has_no_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(to_json(RECIPE))
    assert read_sheet(path) is None


@pytest.mark.parametrize(
    "text", ["{}", '{"stylegan_t_sheet": 9, "sheet": {}}', '{"stylegan_t_sheet": 1, "sheet": []}']
)
def test_a_damaged_sheet_names_its_file(tmp_path: Path, text: str) -> None:
    path, info = tmp_path / "a.png", PngInfo()
    info.add_itxt(SHEET_KEYWORD, text)
    Image.fromarray(PIXELS).save(path, "PNG", pnginfo=info)
    with pytest.raises(RecipeError, match=r"^a\.png: .*\.$"):
        read_sheet(path)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="There is no file"):
        read_sheet(tmp_path / "gone.png")


def test_a_picture_too_wide_for_its_kind_of_file_is_refused() -> None:
    wide = np.zeros((1, contact_sheet.MAX_SIDES[".webp"] + 1, 3), np.uint8)
    with pytest.raises(ExportError, match="save a PNG"):
        encode(wide, RECIPE, ".webp")
    assert encode(wide, RECIPE, ".png")
