from __future__ import annotations

from pathlib import Path

import pytest

from visualizer import fonts


def test_fonts_are_found_below_the_font_folders(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "Some.ttf").touch()
    assert fonts.find({"Some.ttf", "Other.ttf"}, (tmp_path, tmp_path / "missing")) == {
        "Some.ttf": tmp_path / "a" / "b" / "Some.ttf"
    }


def test_without_any_system_font_latin_can_still_be_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "folders", lambda: (tmp_path,))
    covered = fonts.coverage()
    assert covered["Latin"]
    assert covered["Cyrillic"]
    assert not covered["Korean"]


def test_a_font_that_cannot_be_read_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "DejaVuSans.ttf").write_bytes(b"not a font")
    monkeypatch.setattr(fonts, "folders", lambda: (tmp_path,))
    assert fonts.coverage()["Latin"]


def test_the_interface_s_own_fonts_are_there() -> None:
    for name in ("Roboto/Roboto-Regular.ttf", "Roboto/Roboto-Bold.ttf"):
        assert (fonts.ASSETS / name).is_file()
