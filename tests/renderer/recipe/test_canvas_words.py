"""A canvas as it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.recipe.canvas_words import canvas_in_words, read_canvas
from renderer.recipe.parts.canvas import ASPECTS, Canvas


def test_forms_are_read_by_their_names() -> None:
    for name, canvas in ASPECTS:
        assert read_canvas(name) == canvas
        assert canvas_in_words(canvas) == name
    assert read_canvas(" 4:3 ") == Canvas(4 / 3, 1.0)
    assert read_canvas("2x1.5") == Canvas(2.0, 1.5)


@pytest.mark.parametrize("text", ["", "wide", "16/9", "0:1", "-2:1", "nan:1", "2x"])
def test_other_words_are_refused_with_what_is_meant(text: str) -> None:
    with pytest.raises(ValueError, match="such as 16:9"):
        read_canvas(text)


@pytest.mark.parametrize("text", ["9:1", "3x2", "0.5x1"])
def test_what_is_too_large_or_too_small_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="4 times its area"):
        read_canvas(text)


@given(st.floats(1.0, 2.0), st.floats(1.0, 2.0))
def test_what_is_written_is_read_again(width: float, height: float) -> None:
    canvas = Canvas(width, height)
    assert read_canvas(canvas_in_words(canvas)) == canvas
