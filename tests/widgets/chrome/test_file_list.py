"""What the program's own file dialog lists, and in which order."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from renderer.files.image_folder import listed
from widgets.chrome.file_list import CHANGED, NAME, SIZE, arranged, found, listing


def names(entries: object) -> list[str]:
    """The names of entries."""
    return [entry.path.name for entry in entries]  # type: ignore[attr-defined]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, size, changed_s in (("b.json", 30, 300), ("A.JSON", 20, 100), ("c.json", 10, 200)):
        (tmp_path / name).write_bytes(bytes(size))
        os.utime(tmp_path / name, (changed_s, changed_s))
    for name in ("d.txt", ".hidden.json"):
        (tmp_path / name).touch()
    (tmp_path / "z.json").mkdir()
    return tmp_path


def test_folders_then_files_of_the_kind_by_name(folder: Path) -> None:
    entries = listing(folder, (".json",))
    assert names(entries) == ["z.json", "A.JSON", "b.json", "c.json"]
    assert [entry.inside for entry in entries] == [True, False, False, False]
    assert (entries[1].size_bytes, entries[1].changed_s) == (20, 100)


def test_without_kinds_there_are_folders_alone(folder: Path) -> None:
    assert names(listing(folder, ())) == ["z.json"]


@pytest.mark.parametrize(
    ("column", "falling", "order"),
    [(NAME, True, "cbA"), (CHANGED, False, "Acb"), (CHANGED, True, "bcA"), (SIZE, False, "cAb")],
)
def test_each_column_sorts_both_ways(folder: Path, column: int, falling: bool, order: str) -> None:
    entries = arranged(listing(folder, (".json",)), column, falling=falling)
    assert "".join(name[0] for name in names(entries)) == "z" + order


def test_words_find_names(folder: Path) -> None:
    entries = listing(folder, (".json",))
    assert names(found(entries, "B js")) == ["b.json"]
    assert found(entries, "  ") == entries


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_names_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    for name in (b"\xff.json", b"\xfe.png"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).touch()
    (tmp_path / "good.png").touch()
    assert names(listing(tmp_path, (".json", ".png"))) == ["good.png"]
    assert [file.name for file in listed(tmp_path).files] == ["good.png"]


def test_a_link_to_itself_takes_nothing_else_away(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "good.json").touch()
    assert [entry.path.name for entry in listing(tmp_path, (".json",))] == ["good.json"]
