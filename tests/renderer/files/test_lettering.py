"""Words in pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from renderer.files.lettering import Lettering

INK, PAPER = (0, 0, 0), (255, 255, 255)


@pytest.fixture
def letters() -> Lettering:
    return Lettering(14)


def test_words_wrap_where_the_line_is_full(letters: Lettering) -> None:
    lines = letters.wrapped("a red house by the sea at night", 80, 9)
    assert " ".join(lines) == "a red house by the sea at night"
    assert len(lines) > 2
    assert all(letters.width(line) <= 80 for line in lines)


def test_what_does_not_fit_ends_in_an_ellipsis(letters: Lettering) -> None:
    lines = letters.wrapped("word " * 50, 80, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    assert all(letters.width(line) <= 80 for line in lines)
    (single,) = letters.wrapped("x" * 500, 80, 3)
    assert single.endswith("…")
    assert letters.width(single) <= 80


@pytest.mark.parametrize("text", ["", " \n\t\0 ", "\ud800 half", "日本の家 😀 بيت", "a\nb"])
def test_any_text_is_drawn(letters: Lettering, text: str) -> None:
    lines = letters.wrapped(text, 100, 2)
    pixels = letters.drawn(lines, (120, 40), INK, PAPER)
    assert pixels.shape == (40, 120, 3)
    assert (pixels < 128).any() == bool(lines[0])


def test_lines_are_centred_or_end_at_the_right(letters: Lettering) -> None:
    def inked(right: bool) -> np.ndarray:
        pixels = letters.drawn(["house"], (200, 40), INK, PAPER, right=right)
        return np.nonzero((pixels < 128).any(axis=(0, 2)))[0]

    centred, ended = inked(False), inked(True)
    assert abs((centred.min() + centred.max()) / 2 - 100) < 4
    assert ended.max() > 190


def test_fonts_that_cannot_be_used_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    letters = Lettering(14, (tmp_path / "bad.ttf", tmp_path / "gone.ttf"))
    assert letters.width("日本") > 0
