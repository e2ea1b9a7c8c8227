from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from visualizer.window import fonts, system_fonts
from widgets.theme import Fonts


def test_without_any_system_font_latin_can_still_be_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(system_fonts, "folders", lambda: (tmp_path,))
    covered = fonts.coverage()
    assert covered["Latin"]
    assert covered["Cyrillic"]
    assert not covered["Korean"]


def test_faces_alone_are_not_emoji(monkeypatch: pytest.MonkeyPatch) -> None:
    class Faces:
        """As DejaVu Sans: letters, and the smileys."""

        def is_glyph_in_font(self, code: int) -> bool:
            return code < 0x1F300 or 0x1F600 <= code < 0x1F650

    monkeypatch.setattr(fonts, "load", lambda: Fonts(body=cast(Any, Faces()), bold=cast(Any, None)))
    covered = fonts.coverage()
    assert covered["Arabic"]
    assert not covered["Emoji"]


def test_a_font_that_cannot_be_read_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "DejaVuSans.ttf").write_bytes(b"not a font")
    monkeypatch.setattr(system_fonts, "folders", lambda: (tmp_path,))
    assert fonts.coverage()["Latin"]


def test_the_interface_s_own_fonts_are_there() -> None:
    for name in ("Roboto/Roboto-Regular.ttf", "Roboto/Roboto-Bold.ttf"):
        assert (fonts.ASSETS / name).is_file()
