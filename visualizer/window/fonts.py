"""Fonts: the interface's own, icons, and what the system has for every other script.

The interface's fonts come with imgui-bundle (Roboto, Apache-2.0; Font Awesome 6 Free, OFL 1.1).
Other scripts are borrowed from fonts that the system has; none of them is required.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import imgui_bundle
from imgui_bundle import imgui

from widgets.theme import FONT_PX, Fonts

ASSETS = Path(imgui_bundle.__file__).parent / "assets" / "fonts"
MAX_FILES = 20_000
"""A font folder with more files than this is not searched to its end."""


@dataclass(frozen=True)
class Script:
    """A group of writing systems and the fonts that have them, best first, by file name.

    Fonts of bitmaps only (Noto Color Emoji) are not listed: they cannot be drawn here.
    """

    name: str
    files: tuple[str, ...]


SCRIPTS = (
    Script(
        "Chinese, Japanese, Korean",
        (
            "NotoSansCJK-Regular.ttc",
            "NotoSansCJK-VF.ttc",
            "NotoSansCJKsc-Regular.otf",
            "SourceHanSans.ttc",
            "DroidSansFallbackFull.ttf",
            "DroidSansFallback.ttf",
            "wqy-microhei.ttc",
            "wqy-zenhei.ttc",
            "msyh.ttc",
            "YuGothM.ttc",
            "PingFang.ttc",
            "Hiragino Sans GB.ttc",
            "Arial Unicode.ttf",
        ),
    ),
    Script("Korean", ("malgun.ttf", "AppleSDGothicNeo.ttc", "NanumGothic.ttf")),
    Script(
        "Greek, Cyrillic, Arabic, Hebrew, symbols",
        ("DejaVuSans.ttf", "segoeui.ttf", "Arial Unicode.ttf", "NotoSans-Regular.ttf"),
    ),
    Script("Arabic", ("NotoSansArabic-Regular.ttf", "NotoNaskhArabic-Regular.ttf")),
    Script("Hebrew", ("NotoSansHebrew-Regular.ttf",)),
    Script("Devanagari", ("NotoSansDevanagari-Regular.ttf", "Lohit-Devanagari.ttf", "Nirmala.ttc")),
    Script("Thai", ("NotoSansThai-Regular.ttf", "Loma.ttf", "leelawui.ttf", "Thonburi.ttc")),
    Script(
        "Emoji",
        ("NotoEmoji-Regular.ttf", "NotoEmoji-VariableFont_wght.ttf", "Symbola.ttf", "seguiemj.ttf"),
    ),
    Script("Symbols", ("NotoSansSymbols2-Regular.ttf", "seguisym.ttf", "Apple Symbols.ttf")),
)


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
    "Arabic": "its letters stand unjoined and run from left to right",
    "Hebrew": "it runs from left to right",
    "Devanagari": "its letters do not join into syllables",
}
"""What Dear ImGui, which draws one character after the other, makes of some writing systems."""


def folders() -> tuple[Path, ...]:
    """Where this system keeps fonts."""
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return (Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts", local)
    if sys.platform == "darwin":
        system = Path("/System/Library/Fonts")
        return (system, system / "Supplemental", Path("/Library/Fonts"), home / "Library/Fonts")
    shares = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return (
        *(Path(share) / "fonts" for share in shares.split(":") if share),
        home / ".local/share/fonts",
        home / ".fonts",
    )


def find(names: set[str], places: tuple[Path, ...] | None = None) -> dict[str, Path]:
    """The files called `names` below the font folders."""
    found: dict[str, Path] = {}
    seen = 0
    for place in folders() if places is None else places:
        for folder, _, files in os.walk(place, followlinks=True):
            seen += len(files)
            for name in names.intersection(files) - found.keys():
                found[name] = Path(folder) / name
            if seen > MAX_FILES or len(found) == len(names):
                return found
    return found


def borrowed() -> list[Path]:
    """For each group of scripts the best font that is here; no font twice."""
    found = find({name for script in SCRIPTS for name in script.files})
    best = (
        next((found[name] for name in script.files if name in found), None) for script in SCRIPTS
    )
    return list(dict.fromkeys(path for path in best if path is not None))


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
