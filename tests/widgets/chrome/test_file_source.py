"""The files of this computer as the file dialog gets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from widgets.chrome.file_source import FoundFolder, LocalFiles


def asked(path: str, suffixes: tuple[str, ...] = (".json",)) -> FoundFolder:
    answers: list[FoundFolder] = []
    LocalFiles().ask(path, suffixes, answers.append)
    return answers[0]


def test_a_folder_and_a_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    found = asked(str(tmp_path))
    assert (found.folder, found.above, found.file) == (tmp_path, tmp_path.parent, None)
    assert [one.path for one in found.entries] == [tmp_path / "a.json"]
    file = asked(str(tmp_path / "a.json"))
    assert (file.folder, file.file, file.problem) == (tmp_path, tmp_path / "a.json", "")


def test_nothing_asks_for_the_home_folder() -> None:
    assert asked("").folder == Path.home()
    assert asked("~").folder == Path.home()


def test_a_file_that_is_not_there_has_a_folder_or_none(tmp_path: Path) -> None:
    new = asked(str(tmp_path / "new.json"))
    assert (new.folder, new.file) == (tmp_path, tmp_path / "new.json")
    assert new.problem == f"There is no file {tmp_path / 'new.json'}."
    lost = asked(str(tmp_path / "no" / "new.json"))
    assert lost.folder is None
    assert lost.problem.startswith("There is no file")
    assert asked(str(tmp_path / "no" / "way"), ()).problem.startswith("There is no folder")


@pytest.mark.parametrize("typed", ["n" * 300, "~nobody-of-this-name/x", "a\0b", "\udc80"])
def test_what_can_be_no_name_is_a_sentence(tmp_path: Path, typed: str) -> None:
    assert asked(str(tmp_path / typed)).problem.endswith(".")
