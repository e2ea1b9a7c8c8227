from __future__ import annotations

import itertools

import pytest
from imgui_bundle import imgui

from widgets import theme

SURFACES = (
    "CANVAS",
    "PANEL",
    "CARD",
    "CONTROL",
    "CONTROL_HOVER",
    "CONTROL_ACTIVE",
    "POPUP",
    "CHIP",
)
WORDS = ("TEXT", "DIM")


@pytest.mark.parametrize(("words", "surface"), [*itertools.product(WORDS, SURFACES)])
def test_text_is_readable_on_every_surface(words: str, surface: str) -> None:
    assert theme.contrast(getattr(theme, words), getattr(theme, surface)) >= 4.5


@pytest.mark.parametrize("words", ["ACCENT", "WARNING", "DANGER"])
@pytest.mark.parametrize("surface", ["PANEL", "CARD", "CONTROL", "POPUP"])
def test_coloured_text_is_readable(words: str, surface: str) -> None:
    assert theme.contrast(getattr(theme, words), getattr(theme, surface)) >= 4.5


@pytest.mark.parametrize(
    ("words", "surface"),
    [
        ("ON_ACCENT", "ACCENT"),
        ("ON_ACCENT", "ACCENT_HOVER"),
        ("ON_ACCENT", "ACCENT_ACTIVE"),
        ("ACCENT", "ACCENT_SOFT"),
        ("ACCENT", "ACCENT_SOFT_HOVER"),
        ("TEXT", "DANGER_DEEP"),
    ],
)
def test_text_on_fills_is_readable(words: str, surface: str) -> None:
    assert theme.contrast(getattr(theme, words), getattr(theme, surface)) >= 4.5


def test_contrast_has_its_known_ends() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#777777") == pytest.approx(1.0)


def test_sizes_follow_the_scale_and_can_be_applied_again() -> None:
    context = imgui.create_context()
    try:
        theme.apply(1.0)
        plain = imgui.get_style().frame_padding.x
        theme.apply(2.0, 1.5)
        assert imgui.get_style().frame_padding.x == pytest.approx(3 * plain)
        theme.apply(1.0)
        assert imgui.get_style().frame_padding.x == plain
        assert imgui.get_style().font_scale_dpi == 1.0
    finally:
        imgui.destroy_context(context)
