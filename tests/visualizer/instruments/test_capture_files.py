"""Captures that are deleted, brought back, renamed and starred, as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderer.files.atomic import ExportError
from visualizer.instruments.capture_files import (
    STARS,
    TRASH,
    delete,
    empty_trash,
    move,
    rename,
    star,
    stars,
    trash,
)
from widgets.tabs.gallery_trash import Trash


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "a house.png"
    path.write_bytes(b"one")
    return path


def test_what_is_deleted_lies_in_the_trash_and_comes_back(capture: Path) -> None:
    kept = delete(capture)
    assert not capture.exists()
    assert kept.parent.name == TRASH
    assert move(kept, capture) == capture
    assert capture.read_bytes() == b"one"


def test_two_of_one_name_both_lie_in_the_trash(capture: Path) -> None:
    first = delete(capture)
    capture.write_bytes(b"two")
    second = delete(capture)
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")


def test_what_comes_back_replaces_nothing(capture: Path) -> None:
    kept = delete(capture)
    capture.write_bytes(b"two")
    back = move(kept, capture)
    assert (back.name, back.read_bytes()) == ("a house-2.png", b"one")
    assert capture.read_bytes() == b"two"


def test_a_new_name_keeps_the_ending_and_the_star(capture: Path) -> None:
    star(capture, on=True)
    new = rename(capture, " a red house ")
    assert new.name == "a red house.png"
    assert not capture.exists()
    assert stars(capture.parent) == {"a red house.png"}


@pytest.mark.parametrize("name", ["", " ", ".png", "../up", "a/b", ".hidden", "n" * 300, "a\0b"])
def test_what_is_no_name_is_a_sentence_and_changes_nothing(capture: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"a house\.png"):
        rename(capture, name)
    assert capture.read_bytes() == b"one"


def test_a_name_that_is_taken_gets_a_number(capture: Path) -> None:
    other = capture.with_name("b.png")
    other.write_bytes(b"two")
    assert rename(capture, "b").name == "b-2.png"
    assert other.read_bytes() == b"two"


def test_stars_come_and_go_and_forget_files_that_are_gone(capture: Path) -> None:
    other = capture.with_name("b\nc.png")
    other.touch()
    assert star(capture, on=True) == {capture.name}
    assert star(other, on=True) == stars(capture.parent) == {capture.name, other.name}
    capture.unlink()
    assert star(other, on=False) == frozenset()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'["\xff"]', b"[" * 99_999])
def test_a_list_of_stars_that_is_none_is_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / STARS).write_bytes(data)
    assert stars(tmp_path) == frozenset()


def test_the_trash_is_counted_and_emptied_for_good(capture: Path) -> None:
    folder = capture.parent
    (folder / "b.png").write_bytes(b"stays")
    assert trash(folder) == Trash()
    delete(capture)
    capture.write_bytes(b"four")
    delete(capture)
    assert trash(folder) == Trash(2, 7)
    assert empty_trash(folder) == 2
    assert [file.name for file in folder.iterdir()] == ["b.png"]
    assert empty_trash(folder) == 0


def test_emptying_the_trash_reaches_no_other_folder(capture: Path) -> None:
    folder, other = capture.parent / "captures", capture.parent / "other"
    for made in (folder, other):
        made.mkdir()
    (folder / TRASH).symlink_to(other, target_is_directory=True)
    (other / "b.png").touch()
    assert (trash(folder), empty_trash(folder)) == (Trash(), 0)
    (folder / TRASH).unlink()
    (folder / TRASH).mkdir()
    (folder / TRASH / "link").symlink_to(other, target_is_directory=True)
    (folder / TRASH / "own").mkdir()
    assert empty_trash(folder) == 1
    assert (other / "b.png").exists()
    assert (folder / TRASH / "own").is_dir()
