"""Saving without touching anything: new names, whole files, sentences."""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from renderer.files.atomic import ExportError, save_new, write_file


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_captures_are_numbered(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "captures"
    saved = [save_new(folder, "house", ".png", b"%d" % i) for i in range(3)]
    assert names(folder) == ["house-0001.png", "house-0002.png", "house-0003.png"]
    assert [path.read_bytes() for path in saved] == [b"0", b"1", b"2"]
    save_new(folder, "tree", ".png", b"tree")
    assert "tree-0001.png" in names(folder)


def test_numbers_go_on_after_gaps(tmp_path: Path) -> None:
    (tmp_path / "a-0007.png").write_bytes(b"mine")
    (tmp_path / "a-0003.jpg").write_bytes(b"mine")
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-0008.png"
    (tmp_path / "a-9999.png").write_bytes(b"mine")
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-10000.png"
    assert save_new(tmp_path, "a", ".png", b"x").name == "a-10001.png"


def test_a_stem_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    path = save_new(folder, "../../a:b\n", ".png", b"x")
    assert path.parent == folder
    assert path.is_file()
    assert names(tmp_path) == ["captures"]
    assert save_new(folder, "x" * 500, ".png", b"x").is_file()
    assert save_new(folder, "", ".png", b"x").name == "image-0001.png"


@pytest.mark.parametrize("links", [True, False])
def test_nothing_is_overwritten_by_many_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    results: list[tuple[Path, bytes]] = []
    start = threading.Barrier(8)

    def save(worker: int) -> None:
        start.wait()
        for index in range(15):
            data = b"%d-%d" % (worker, index)
            results.append((save_new(tmp_path, "a", ".png", data), data))

    threads = [threading.Thread(target=save, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == len({path for path, _ in results}) == 120
    assert all(path.read_bytes() == data for path, data in results)
    assert len(names(tmp_path)) == 120, "no temporary file is left"


def test_a_file_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", _raise(errno.ENOSPC))
    for write in (
        lambda: save_new(tmp_path, "a", ".png", b"new"),
        lambda: write_file(tmp_path / "a.png", b"new", overwrite=True),
        lambda: write_file(tmp_path / "b.png", b"new"),
    ):
        with pytest.raises(ExportError, match="the disk is full"):
            write()
    assert names(tmp_path) == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"old"


@pytest.mark.parametrize("links", [True, False])
def test_write_file_replaces_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    path = tmp_path / "a.png"
    write_file(path, b"first")
    with pytest.raises(ExportError, match="exists already"):
        write_file(path, b"second")
    assert path.read_bytes() == b"first"
    write_file(path, b"second", overwrite=True)
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["a.png"]


def test_a_reserved_name_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", _raise(errno.EPERM))
    monkeypatch.setattr(os, "replace", _raise(errno.EIO))
    with pytest.raises(ExportError, match="cannot be written"):
        save_new(tmp_path, "a", ".png", b"x")
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_files_have_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    path = save_new(tmp_path, "a", ".png", b"x")
    (tmp_path / "plain").write_bytes(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: save_new(tmp_path / "file", "a", ".png", b""), "in the way"),
        (lambda: save_new(tmp_path / "file" / "sub", "a", ".png", b""), "not a folder"),
        (lambda: write_file(tmp_path / "no" / "a.png", b""), "no such folder"),
        (lambda: write_file(tmp_path, b"", overwrite=True), "folder"),
        (lambda: write_file(tmp_path / ("x" * 300), b""), "too long"),
    ]
    for write, words in cases:
        with pytest.raises(ExportError, match=words) as caught:
            write()
        assert str(caught.value).endswith(".")
        assert "Errno" not in str(caught.value)


def test_an_unwritable_folder_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By a patch, not by modes: root may write anywhere.
    monkeypatch.setattr("builtins.open", _raise(errno.EACCES))
    with pytest.raises(ExportError, match="you may not write there"):
        save_new(tmp_path, "a", ".png", b"x")


def test_a_folder_that_cannot_be_looked_into_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "listdir", _raise(errno.EACCES))
    with pytest.raises(ExportError, match="you may not write there"):
        save_new(tmp_path, "a", ".png", b"x")


def _raise(number: int) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail
