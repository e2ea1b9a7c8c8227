from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec import Raw

from renderer.files.atomic import ExportError
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from visualizer.session.autosave import BACKUP_S, Autosave
from visualizer.session.session_file import SessionError, SessionFile, encode


def session(psi: float) -> SessionFile:
    return SessionFile(Recipe(psi=psi), {"history": Raw(b"[]")})


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    Autosave(tmp_path / "new").save(session(0.5))
    store = Autosave(tmp_path / "new")
    assert store.load() == session(0.5)
    assert store.note == ""


def test_at_first_there_is_nothing_and_nothing_to_say(tmp_path: Path) -> None:
    store = Autosave(tmp_path)
    assert store.load() is None
    assert store.note == ""


def test_of_a_damaged_session_the_one_before_is_restored(tmp_path: Path) -> None:
    store = Autosave(tmp_path)
    store.save(session(0.1))
    store.save(session(0.2))
    store.path.write_bytes(b"\0" * 4096)
    again = Autosave(tmp_path)
    assert again.load() == session(0.1)
    assert "session.broken.json" in again.note
    assert "slightly older" in again.note
    assert (tmp_path / "session.broken.json").read_bytes() == b"\0" * 4096


def test_when_the_one_before_is_damaged_too_the_program_starts_afresh(tmp_path: Path) -> None:
    store = Autosave(tmp_path)
    store.path.write_bytes(b"")
    store.backup.write_bytes(b"{")
    assert store.load() is None
    assert "could not be restored" in store.note
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "session.backup.broken.json",
        "session.broken.json",
    ]


def test_the_backup_is_not_of_the_last_moment(tmp_path: Path) -> None:
    store = Autosave(tmp_path)
    for psi in (0.1, 0.2, 0.3):
        store.save(session(psi))
    assert store.backup.read_bytes() == encode(session(0.1))
    past = time.time() - BACKUP_S - 1
    os.utime(store.backup, (past, past))
    store.save(session(0.4))
    assert store.backup.read_bytes() == encode(session(0.3))
    years = time.time() + 1e8
    os.utime(store.backup, (years, years))
    store.save(session(0.5))
    assert store.backup.read_bytes() == encode(session(0.4)), "the clock was put back"


def test_what_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Autosave(tmp_path / "file")
    for _ in range(2):
        with pytest.raises(ExportError):
            store.save(session(0.1))
    (tmp_path / "file").unlink()
    store.save(session(0.1))
    assert store.path.read_bytes() == encode(session(0.1))
    with pytest.raises(SessionError):
        Autosave(tmp_path).save(SessionFile(Recipe(text=TextPart((Prompt("\ud800"),)))))
