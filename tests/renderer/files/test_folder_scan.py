"""A folder is read to a bound, and whatever is in it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from renderer.files import folder_scan
from renderer.files.folder_scan import files_in, names_in


def is_png(name: str) -> bool:
    return name.endswith(".png")


def with_size(path: str, name: str, changed_ns: int, size_bytes: int) -> tuple[str, int, int]:
    assert os.path.basename(path) == name
    return name, changed_ns, size_bytes


def test_only_regular_files_of_wanted_names_are_returned(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"abc")
    os.utime(tmp_path / "a.png", ns=(5, 7))
    (tmp_path / "a.txt").touch()
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
    assert files_in(tmp_path, is_png, with_size) == ([("a.png", 7, 3)], "")
    assert {"a.png", "a.txt", "folder.png"} <= set(names_in(tmp_path))


def test_a_huge_folder_is_read_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_scan, "MAX_FILES", 3)
    for index in range(5):
        (tmp_path / f"{index}.png").touch()
    files, problem = files_in(tmp_path, is_png, with_size)
    assert len(files) == len(names_in(tmp_path)) == 3
    assert problem == f"{tmp_path} holds more than 3 files: some are not shown."


def test_a_folder_that_cannot_be_read_is_a_sentence_and_a_missing_one_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError):
        files_in(tmp_path / "gone", is_png, with_size)
    assert names_in(tmp_path / "gone") == []

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    sentence = f"{tmp_path} cannot be read: Permission denied."
    assert files_in(tmp_path, is_png, with_size) == ([], sentence)
    assert names_in(tmp_path) == []
