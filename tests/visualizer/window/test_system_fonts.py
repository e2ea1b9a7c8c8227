from __future__ import annotations

from pathlib import Path

import pytest

from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import Recipe
from visualizer.window import system_fonts


def test_fonts_are_found_below_the_font_folders(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "Some.ttf").touch()
    assert system_fonts.find({"Some.ttf", "Other.ttf"}, (tmp_path, tmp_path / "missing")) == {
        "Some.ttf": tmp_path / "a" / "b" / "Some.ttf"
    }


def test_fonts_are_searched_only_for_labels_that_need_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "DejaVuSans.ttf").touch()
    searched: list[Path] = []

    def folders() -> tuple[Path, ...]:
        searched.append(tmp_path)
        return (tmp_path,)

    monkeypatch.setattr(system_fonts, "folders", folders)
    plain, japanese = (Axis("prompt", prompts=(words,)) for words in ("a house", "家"))
    for sheet in (Sheet(rows=plain), Sheet(rows=japanese, labels=False)):
        assert system_fonts.label_fonts(sheet, Recipe()) == ()
    assert searched == []
    found = system_fonts.label_fonts(Sheet(rows=japanese), Recipe())
    assert found == [tmp_path / "DejaVuSans.ttf"] and searched == [tmp_path]
