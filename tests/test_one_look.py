"""One way to write keys, one kind of arrow, one minus sign: in every file that the window shows."""

from __future__ import annotations

import re
from pathlib import Path

from renderer.recipe.figures import minus

ROOT = Path(__file__).parents[1]
FILES = [
    path
    for room in ("renderer", "widgets", "visualizer")
    for path in sorted((ROOT / room).glob("**/*.py"))
]
FEWEST = 100
KEY = re.compile(r"\b(Ctrl|Cmd|Shift|Alt)-")
FIXED_KEY = re.compile(r"\bCtrl\+")
OTHER_ARROWS = re.compile(r"ICON_FA_(ROTATE\w*|LEFT_RIGHT|RIGHT_LEFT|ANGLE\w*|CIRCLE_ARROW\w*)\b")


def shown(path: Path) -> str:
    """A file's text without its docstrings and comments."""
    text = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.S)
    return re.sub(r"^\s*#.*$", "", text, flags=re.M)


def test_keys_are_joined_with_a_plus() -> None:
    files = [ROOT / "README.md", *FILES]
    assert [path for path in files if KEY.search(path.read_text(encoding="utf-8"))] == []


def test_no_sentence_names_the_key_of_one_system_alone() -> None:
    assert len(FILES) > FEWEST
    assert [path for path in FILES if FIXED_KEY.search(shown(path))] == []


def test_arrows_are_of_one_kind() -> None:
    assert [path for path in FILES if OTHER_ARROWS.search(shown(path))] == []


def test_a_figure_below_zero_has_a_minus_sign() -> None:
    assert minus("-0.5") == "−0.5"
    assert minus("right -0.20   up -1.00") == "right −0.20   up −1.00"
    assert minus("1e-05 of a two-word name, file-3.png") == "1e-05 of a two-word name, file-3.png"
