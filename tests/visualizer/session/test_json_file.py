"""A file of the program's own: what cannot be used is kept under another name, and told."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from tests.renderer.files.test_plain import OBSTACLES, unix
from visualizer.session.json_file import JsonFile, UnusableFileError, versioned


class Kept(Struct, frozen=True):
    version: int
    number: int = 0


DECODE = versioned(msgspec.json.Decoder(Kept), "version", 1)


def file_in(folder: Path) -> JsonFile[Kept]:
    return JsonFile(folder / "kept.json", DECODE, 1000, "The number")


def test_what_is_written_is_read_also_in_a_new_folder(tmp_path: Path) -> None:
    file = file_in(tmp_path / "new" / "folder")
    assert file.load() == (None, "")
    file.write(msgspec.json.encode(Kept(1, 7)))
    assert file.load() == (Kept(1, 7), "")
    file.path.write_bytes(b"\xef\xbb\xbf" + file.path.read_bytes())
    assert file.read() == Kept(1, 7), "an editor puts a mark at the beginning"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is damaged"),
        (b"{", "it is damaged"),
        (b"\xff\xfe{}", "it is damaged"),
        (b"[" * 900, "it is damaged"),
        (b'{"version": "1"}', "it is damaged"),
        (b'{"version": 2}', "it was written by a newer version of this program"),
        (b" " * 1001, "it is far too large"),
    ],
)
def test_what_cannot_be_used_is_moved_aside_and_told(tmp_path: Path, data: bytes, why: str) -> None:
    file = file_in(tmp_path)
    file.path.write_bytes(data)
    aside = tmp_path / "kept.broken.json"
    assert file.load() == (
        None,
        f"The number could not be restored: {why}. It is kept in {aside}.",
    )
    assert aside.read_bytes() == data and not file.path.exists()
    file.write(b'{"version": 1}')
    assert file.load() == (Kept(1), "")
    assert aside.read_bytes() == data, "what is written later leaves it alone"


@unix
@pytest.mark.parametrize("name", OBSTACLES)
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    file = file_in(tmp_path)
    OBSTACLES[name](file.path)
    value, problem = file.load()
    assert value is None and problem.startswith("The number could not be restored: ")
    assert not os.path.lexists(file.path)


def test_the_decoder_s_own_sentence_is_told(tmp_path: Path) -> None:
    def decode(data: bytes) -> int:
        raise ValueError("this is a list of something else.")

    file = JsonFile(tmp_path / "kept.json", decode, 10, "The list")
    file.path.write_bytes(b"{}")
    with pytest.raises(UnusableFileError, match=r"^this is a list of something else$"):
        file.read()
    assert "restored: this is a list of something else. It is" in file.load()[1]


@unix
def test_what_cannot_be_moved_aside_stays_and_is_told(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.path.write_bytes(b"{")
    (tmp_path / "kept.broken.json").mkdir()
    assert file.load() == (None, "The number could not be restored: it is damaged.")
    assert file.path.read_bytes() == b"{"


def test_a_change_is_made_of_what_the_file_holds_by_now(tmp_path: Path) -> None:
    def counted(known: Kept | None) -> bytes:
        return msgspec.json.encode(Kept(1, 0 if known is None else known.number + 1))

    mine, yours = file_in(tmp_path), file_in(tmp_path)
    for file in (mine, yours, mine):
        file.update(counted)
    assert mine.read() == Kept(1, 2)
    mine.path.write_bytes(b"{")
    mine.update(counted)
    assert mine.read() == Kept(1, 0)
    assert (tmp_path / "kept.broken.json").read_bytes() == b"{", "nothing of it is lost"
