from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from renderer.files.atomic import ExportError
from renderer.files.images import read_recipe
from renderer.files.kinds import NAMES
from renderer.recipe.recipe import Recipe
from visualizer.session.dropped_files import refusal, save_image


def test_captures_never_overwrite_and_carry_their_recipe(tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 3), np.uint8)
    paths = [save_image(tmp_path / "new", "a", pixels, Recipe(psi=i / 4)) for i in range(3)]
    assert len(set(paths)) == 3
    assert [read_recipe(path).psi for path in paths] == [0.0, 0.25, 0.5]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match=r"cannot be written: .*\.$"):
        save_image(tmp_path / "file", "a", np.zeros((8, 8, 3), np.uint8), Recipe())


def test_every_refusal_is_a_sentence_that_names_the_file(tmp_path: Path) -> None:
    for kind in NAMES:
        sentence = refusal(tmp_path / "a b.txt", kind)
        assert "a b.txt" in sentence and sentence.endswith(".")
