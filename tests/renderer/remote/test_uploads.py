"""Files that arrive piece by piece: whole or not at all, never over another, never outside."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import PictureError
from renderer.remote import uploads
from renderer.remote.calls import BeginUpload, DropUpload, EndUpload, Piece, Uploaded
from renderer.remote.folders import Folders
from renderer.remote.uploads import PART, Uploads

DATA = bytes(range(256)) * 4
SHA = hashlib.sha256(DATA).hexdigest()


def quiet(share: float) -> None:
    assert 0 <= share <= 1


def begin(to: Uploads, name: str = "a.pt", data: bytes = DATA) -> Uploaded:
    return to.begin(BeginUpload(name, len(data), hashlib.sha256(data).hexdigest()), quiet)


def piece(to: Uploads, start: int, stop: int) -> Uploaded:
    return to.take(Piece(SHA, len(DATA), start, DATA[start:stop]))


def end(to: Uploads, name: str = "a.pt") -> Uploaded:
    return to.end(EndUpload(name, len(DATA), SHA), quiet)


def sent(to: Uploads, name: str) -> Uploaded:
    piece(to, 0, 600)
    piece(to, 600, 1024)
    return end(to, name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "given" / "uploads"


@pytest.fixture
def to(folder: Path) -> Uploads:
    return Uploads(folder, Folders([folder.parent]))


def test_a_file_arrives_in_pieces_and_gets_its_name(to: Uploads, folder: Path) -> None:
    assert begin(to) == Uploaded(0)
    assert piece(to, 0, 600) == Uploaded(600)
    assert not (folder / "a.pt").exists()
    assert piece(to, 600, 1024) == Uploaded(1024)
    assert end(to) == Uploaded(1024, str(folder / "a.pt"))
    assert (folder / "a.pt").read_bytes() == DATA
    assert os.listdir(folder) == ["a.pt"]


def test_another_program_goes_on_where_the_first_one_stopped(to: Uploads, folder: Path) -> None:
    begin(to)
    piece(to, 0, 600)
    again = Uploads(folder, Folders([folder.parent]))
    assert begin(again) == Uploaded(600)
    assert piece(again, 0, 600) == Uploaded(600)  # one that is sent again changes nothing
    assert piece(again, 600, 1024) == Uploaded(1024)
    assert (folder / "a.pt") == Path(end(again).path)
    assert (folder / "a.pt").read_bytes() == DATA


def test_a_piece_after_a_gap_is_not_written(to: Uploads, folder: Path) -> None:
    begin(to)
    piece(to, 0, 100)
    assert piece(to, 200, 300) == Uploaded(100)
    assert end(to) == Uploaded(100)
    assert not (folder / "a.pt").exists()


def test_a_name_that_is_taken_gets_a_number(to: Uploads, folder: Path) -> None:
    begin(to)
    (folder / "a.pt").write_bytes(b"another")
    (folder / "a-2.pt").write_bytes(b"a third")
    assert sent(to, "a.pt").path == str(folder / "a-3.pt")
    assert (folder / "a.pt").read_bytes() == b"another"
    assert (folder / "a-2.pt").read_bytes() == b"a third"


def test_the_same_file_is_used_at_once(to: Uploads, folder: Path) -> None:
    begin(to)
    sent(to, "first.pt")
    (folder / "other.pt").write_bytes(DATA[::-1])
    assert begin(to, "second.pt") == Uploaded(1024, str(folder / "first.pt"))
    assert begin(to, "other.pt", DATA[:-1] + b"x").path == ""


def test_what_arrived_damaged_is_deleted_and_told(to: Uploads, folder: Path) -> None:
    begin(to)
    to.take(Piece(SHA, 1024, 0, DATA[:1023] + b"x"))
    with pytest.raises(PictureError, match="arrived damaged"):
        end(to)
    assert os.listdir(folder) == []


def test_a_cancelled_upload_leaves_nothing(to: Uploads, folder: Path) -> None:
    begin(to)
    piece(to, 0, 600)
    assert to.drop(DropUpload(SHA)) == Uploaded(0)
    assert to.drop(DropUpload(SHA)) == Uploaded(0)
    assert os.listdir(folder) == []


def test_a_disk_without_room_is_told_before_anything_goes(
    to: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(uploads.shutil, "disk_usage", lambda path: full)
    with pytest.raises(PictureError, match=r"a\.pt needs .* are free"):
        begin(to)


def test_a_disk_that_fills_up_meanwhile_is_a_sentence(
    to: Uploads, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    begin(to)
    piece(to, 0, 600)
    monkeypatch.setattr(uploads, "_write", full)
    with pytest.raises(PictureError, match="the disk is full"):
        piece(to, 600, 1024)
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    "name",
    [
        *("../a.pt", "/etc/a.pt", "a/b.pt", "a\\b.pt", "C:a.pt", ".a.pt", "", "a\nb.pt", "a\0.pt"),
        *("a.txt", "a", "pt", "n" * 300 + ".pt", "\udc80.pt", "a:b.pt", ".pt"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(to: Uploads, folder: Path, name: str) -> None:
    for ask in (lambda: begin(to, name), lambda: end(to, name)):
        with pytest.raises(PictureError):
            ask()
    assert not folder.exists()


def test_a_server_may_refuse_uploads() -> None:
    closed = Uploads(None, Folders([]))
    assert closed.folder == ""
    for ask in (lambda: begin(closed), lambda: piece(closed, 0, 1), lambda: end(closed)):
        with pytest.raises(PictureError, match="--no-uploads"):
            ask()


def test_a_link_to_another_place_is_not_followed(tmp_path: Path, to: Uploads, folder: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder.parent.mkdir()
    folder.symlink_to(outside)
    with pytest.raises(PictureError, match="outside the folders"):
        begin(to)
    folder.unlink()
    begin(to)
    (folder / f".{SHA}.upload").symlink_to(outside / "secret")
    with pytest.raises(PictureError, match="in the way"):
        piece(to, 0, 600)
    assert not (outside / "secret").exists()


def test_what_nobody_goes_on_with_is_swept_and_nothing_else(to: Uploads, folder: Path) -> None:
    begin(to)
    old = folder / f".{'a' * 64}.upload"
    young, other = folder / f".{'b' * 64}.upload", folder / ".mine.upload"
    for file in (old, young, other):
        file.write_bytes(b"1")
    for file in (old, other):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    begin(to)
    assert sorted(os.listdir(folder)) == sorted([young.name, other.name])
    assert PART.fullmatch(young.name)


def test_pieces_in_any_order_make_the_file_or_nothing(folder: Path) -> None:
    rng = random.Random(11)
    for _ in range(60):
        to = Uploads(folder, Folders([folder.parent]))
        begin(to)
        for _ in range(rng.randint(0, 12)):
            start, stop = sorted(rng.sample(range(1025), 2))
            piece(to, start, stop)
        if rng.random() < 0.5:
            piece(to, begin(to).received, 1024) if begin(to).received < 1024 else None
        try:
            path = end(to).path
        except PictureError:
            path = ""
        for file in folder.iterdir():
            whole = file.read_bytes()
            assert whole == DATA if file.suffix == ".pt" else DATA.startswith(whole)
        if path:
            os.unlink(path)


def test_a_piece_past_the_end_is_refused(to: Uploads) -> None:
    begin(to)
    with pytest.raises(PictureError, match="beyond the end"):
        to.take(Piece(SHA, 100, 90, DATA[:20]))
