"""Sample sheets: the same prompts and latents every time, whole files only."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylegan_t.training import sheets
from stylegan_t.training.players import new_generator
from stylegan_t.training.sheets import LATENTS, real_sheet, sample_sheet, write_png
from tests.stylegan_t.training.tiny_run import tiny_options

PROMPTS = ("a red house", "a boat", "a tree")


def test_rows_are_prompts_and_columns_latents() -> None:
    generator = new_generator(tiny_options("a")).eval()
    sheet = sample_sheet(generator, PROMPTS, seed=0)
    assert sheet.shape == (3 * 16, LATENTS * 16, 3) and sheet.dtype == torch.uint8
    assert torch.equal(sheet, sample_sheet(generator, PROMPTS, seed=0))
    assert not torch.equal(sheet, sample_sheet(generator, PROMPTS, seed=1))
    swapped = sample_sheet(generator, PROMPTS[::-1], seed=0)
    assert torch.equal(swapped[:16], sheet[32:]) and not torch.equal(swapped, sheet)


def test_large_pictures_make_smaller_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_SIDE_PX", 40)
    generator = new_generator(tiny_options("a")).eval()
    assert sample_sheet(generator, PROMPTS, seed=0).shape == (32, 32, 3)


def test_a_png_holds_the_pixels_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    pixels = torch.randint(256, (8, 12, 3), dtype=torch.uint8)
    write_png(tmp_path / "a.png", pixels)
    assert np.array_equal(np.array(Image.open(tmp_path / "a.png")), pixels.numpy())
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_sheet_of_real_pictures_shows_them_as_they_are() -> None:
    images = torch.randint(0, 256, (8, 3, 4, 4), dtype=torch.uint8)
    sheet = real_sheet(images)
    assert sheet.shape == (8, 4 * LATENTS, 3)
    assert torch.equal(sheet[:4, 4:8], images[1].permute(1, 2, 0))
    assert (sheet[4:, 8:] == 255).all(), "what is missing is white"
    assert torch.equal(real_sheet(images.float() / 127.5 - 1), sheet)
