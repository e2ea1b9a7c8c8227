"""Fonts: the interface's own, icons, and what the system has for every other script.

The interface's fonts come with imgui-bundle (Roboto, Apache-2.0; Font Awesome 6 Free, OFL 1.1).
Other scripts are borrowed from fonts that the system has; none of them is required.
"""

from __future__ import annotations

from pathlib import Path

import imgui_bundle
from imgui_bundle import imgui

from visualizer.window.system_fonts import borrowed
from widgets.theme import FONT_PX, Fonts

ASSETS = Path(imgui_bundle.__file__).parent / "assets" / "fonts"


SAMPLES = {
    "Latin": "é",
    "Greek": "Ω",
    "Cyrillic": "ж",
    "Chinese": "房",
    "Japanese": "の",
    "Korean": "집",
    "Arabic": "ب",
    "Hebrew": "ש",
    "Devanagari": "घ",
    "Thai": "บ",
    "Emoji": "😎🏠🐱🌊🌙🚗🍎🎨",
}
"""Characters of each writing system, for finding out whether it can be shown.  Of emoji many kinds:
fonts of letters often have the faces alone."""
UNSHAPED = {
    "Arabic": "its letters are not joined and run from left to right",
    "Hebrew": "it runs from left to right",
    "Devanagari": "its letters do not join into syllables",
}
"""The effect on some writing systems that Dear ImGui draws one character after the other."""


def coverage() -> dict[str, bool]:
    """For each writing system of `SAMPLES`, whether the window can show it."""
    before = imgui.get_current_context()
    context = imgui.create_context()
    imgui.set_current_context(context)
    try:
        body = load().body
        return {
            name: all(body.is_glyph_in_font(ord(one)) for one in sample)
            for name, sample in SAMPLES.items()
        }
    finally:
        imgui.destroy_context(context)
        if before is not None:
            imgui.set_current_context(before)


def load() -> Fonts:
    """Add all fonts to the current Dear ImGui context."""
    body = _family("Roboto/Roboto-Regular.ttf", borrowed())
    return Fonts(body=body, bold=_family("Roboto/Roboto-Bold.ttf", []))


def _family(file: str, others: list[Path]) -> imgui.ImFont:
    """One of the interface's fonts with icons and borrowed scripts merged into it."""
    atlas = imgui.get_io().fonts
    font = atlas.add_font_from_file_ttf(str(ASSETS / file), FONT_PX)
    icons = imgui.ImFontConfig()
    icons.merge_mode = True
    icons.glyph_min_advance_x = FONT_PX * 1.15
    icons.glyph_offset = imgui.ImVec2(0.0, 1.0)
    icon_file = ASSETS / "Font_Awesome_6_Free-Solid-900.otf"
    atlas.add_font_from_file_ttf(str(icon_file), FONT_PX * 0.86, icons)
    for path in others:
        merged = imgui.ImFontConfig()
        merged.merge_mode = True
        try:
            atlas.add_font_from_file_ttf(str(path), 0.0, merged)
        except RuntimeError:  # unreadable or of a kind that cannot be drawn: others may do
            continue
    return font
