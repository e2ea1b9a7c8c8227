"""Folders of word lists: names are looked up, never opened, and nothing outside is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderer.files import word_lists
from renderer.files.word_lists import WordListError, read_word_lists
from renderer.recipe.wildcards import drawn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    made = tmp_path / "lists"
    (made / "places").mkdir(parents=True)
    (made / "colours.txt").write_text("# two\nred\n\nblue\n")
    (made / "places" / "towns.txt").write_text("a __colours__ town\n")
    return made


def test_lists_go_by_their_names_also_in_folders(folder: Path) -> None:
    (folder / "notes.md").write_text("no list")
    (folder / ".hidden.txt").write_text("no list")
    found = read_word_lists(folder)
    assert found.lists == {"colours": ("red", "blue"), "places/towns": ("a __colours__ town",)}
    assert found.problem == ""


def test_nothing_outside_the_folder_is_read(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "above").symlink_to(folder.parent)
    lists = read_word_lists(folder).lists
    assert "secret" not in str(lists)
    for name in ("../secret", "link", "above/secret", "/etc/passwd", "places/../../secret"):
        assert drawn(f"__{name}__", 1, lists=lists).text == f"__{name}__"


def test_what_cannot_be_read_is_left_out_and_told(folder: Path) -> None:
    (folder / "broken.txt").write_bytes(b"\xff\xfe")
    found = read_word_lists(folder)
    assert "broken.txt is not text" in found.problem and len(found.lists) == 2


def test_far_too_many_lists_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_lists, "MAX_LISTS", 1)
    found = read_word_lists(folder)
    assert len(found.lists) == 1 and "more word lists than can be used" in found.problem


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WordListError, match="There is no folder"):
        read_word_lists(tmp_path / "missing")
