"""What other systems do, played on this one."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import pytest

from renderer.files.atomic import MAX_STEM_BYTES, ExportError, save_new, write_file
from renderer.models.device import available_cores
from renderer.recipe.names import file_name
from stylegan_t.files import whole
from stylegan_t.terminal.console import Output


def lock(monkeypatch: pytest.MonkeyPatch, times: int) -> list[float]:
    """Let the next `times` replacements fail as on Windows; returns the pauses that are made."""
    real, left, pauses = os.replace, [times], list[float]()

    def replace(source: Path, target: Path) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(whole.time, "sleep", pauses.append)
    return pauses


def test_a_file_that_is_looked_at_for_a_moment_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(tmp_path / "a", b"old")
    pauses = lock(monkeypatch, 3)
    write_file(tmp_path / "a", b"new", overwrite=True)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert pauses == [whole.REPLACE_PAUSE_S] * 3


def test_a_file_that_stays_locked_is_a_sentence_and_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(tmp_path / "a", b"old")
    lock(monkeypatch, 99)
    with pytest.raises(ExportError, match="you may not write there"):
        write_file(tmp_path / "a", b"new", overwrite=True)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_a_disk_without_links_takes_new_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.ENOTSUP, "not supported")  # FAT, some shares

    monkeypatch.setattr(os, "link", refuse)
    lock(monkeypatch, 1)
    paths = [save_new(tmp_path, "a", ".bin", bytes([number])) for number in range(3)]
    assert [(p.name, p.read_bytes()[0]) for p in paths] == [
        (f"a-000{number + 1}.bin", number) for number in range(3)
    ]


@pytest.mark.parametrize("stem", ["日本の家" * 30, "😀" * 120, "e\u0301" * 200, "half \ud800"])
def test_long_names_in_any_script_are_short_enough(tmp_path: Path, stem: str) -> None:
    path = save_new(tmp_path, stem, ".json", b"{}")
    assert len(os.fsencode(path.name)) <= MAX_STEM_BYTES + len("-0001.json")
    assert path.name.startswith(stem[:5].replace("\ud800", "?"))
    assert save_new(tmp_path, stem, ".json", b"{}").name.endswith("-0002.json")


@pytest.mark.parametrize("stem", ["CON", "a:b", "a\\b", "a?.", "tab\there", "..", "nul."])
def test_names_that_windows_has_for_itself_are_changed(tmp_path: Path, stem: str) -> None:
    name = save_new(tmp_path, stem, ".png", b"").name
    assert not set(name) & set('<>:"/\\|?*\t')
    assert name.endswith("-0001.png")  # so that it is no device, and ends in no dot


def test_a_system_that_does_not_tell_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert available_cores() == (os.cpu_count() or 1)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores() == 1


def test_paths_of_windows_are_named_by_their_last_part() -> None:
    assert file_name(r"C:\\models\\house.pkl") == "house.pkl"
    assert file_name("/models/house.pkl") == "house.pkl"


def test_a_pipe_that_knows_few_characters_gets_all_words() -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    with pytest.raises(UnicodeEncodeError):
        print("日本 ♯", file=pipe, flush=True)
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    print("日本 é", file=Output(pipe, needed=True), flush=True)
    buffer = pipe.buffer
    assert isinstance(buffer, io.BytesIO)
    assert buffer.getvalue().strip() == rb"\u65e5\u672c " + "é".encode("cp1252")


@pytest.mark.skipif(sys.platform == "win32", reason="there the name is another one")
def test_a_file_on_a_full_quota_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="quota is used up"):
        save_new(tmp_path, "a", ".png", b"1")
    assert list(tmp_path.iterdir()) == []
