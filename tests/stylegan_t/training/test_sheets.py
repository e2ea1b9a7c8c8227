"""Sample sheets: the same prompts and latents every time, whole files only."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylegan_t.training import sheets
from stylegan_t.training.players import new_generator
from stylegan_t.training.sheets import LATENTS, sample_sheet, write_png
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
