"""Fonts that the system has, for scripts that the interface's own fonts lack; none is required.

It needs no display: commands write labels with them, too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import Recipe

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


def folders() -> tuple[Path, ...]:
    """Return where this system keeps fonts."""
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


def label_fonts(sheet: Sheet, recipe: Recipe) -> Sequence[Path]:
    """Fonts of this system for labels in scripts beyond the usual ones; searched only if needed."""
    words = "".join(label for line in contact_sheet.labels(sheet, recipe) for label in line)
    if words.isascii() or not sheet.labels:
        return ()
    return borrowed()
