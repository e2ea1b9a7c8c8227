"""What the program's own file dialog lists."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from renderer.picture_files import listed
from widgets.file_browser import FileBrowser, listing


def test_folders_and_files_of_the_kind_by_name(tmp_path: Path) -> None:
    for name in ("b.json", "A.JSON", "c.txt", ".hidden.json"):
        (tmp_path / name).touch()
    (tmp_path / "folder.json").mkdir()
    folders, files = listing(tmp_path, (".json",))
    assert [path.name for path in folders] == ["folder.json"]
    assert [path.name for path in files] == ["A.JSON", "b.json"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_names_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    for name in (b"\xff.json", b"\xfe.png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    (tmp_path / "good.png").touch()
    folders, files = listing(tmp_path, (".json", ".png"))
    assert not folders
    assert [path.name for path in files] == ["good.png"]
    assert [file.name for file in listed(tmp_path).files] == ["good.png"]


@pytest.mark.parametrize("typed", ["n" * 300, "~nobody-of-this-name/x", "a\0b"])
def test_what_can_be_no_name_is_a_sentence(tmp_path: Path, typed: str) -> None:
    browser = FileBrowser("Open", tmp_path, (".json",))
    assert browser._enter(tmp_path / typed) is None
    assert browser.problem.endswith(".")
