"""The window sweeps its own folder at the start, and the captures when they are listed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.visualizer.conftest import Open
from visualizer.session.earlier_sessions import EarlierSessions

pytestmark = pytest.mark.display


def planted(folder: Path, name: str) -> Path:
    """A file that nothing was written to since 1970."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"half")
    os.utime(path, (1, 1))
    return path


def test_own_folders_at_the_start_and_captures_when_they_are_listed(
    open_window: Open, tmp_path: Path
) -> None:
    captures, elsewhere = tmp_path / "captures", tmp_path / "elsewhere"
    name, other = ".0123456789abcdef.part", "0123456789abcdef.part"
    own = [planted(folder, name) for folder in (tmp_path, EarlierSessions(tmp_path).folder)]
    kept = [planted(folder, other) for folder in (tmp_path, captures)]
    kept.append(planted(elsewhere, name))
    capture = planted(captures, name)
    ui = open_window()
    ui.until(lambda: not any(path.exists() for path in own))
    ui.frames(5)
    assert capture.exists(), "nobody has looked at the captures yet"
    ui(lambda c: c.item_click("**/Gallery##tab"))
    ui.until(lambda: not capture.exists())
    assert all(path.exists() for path in kept)
    assert ui.said == []
