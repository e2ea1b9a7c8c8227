"""Files chosen in the system's own dialog, which is another program: here a stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from visualizer.services import dialogs
from visualizer.services.dialogs import SAVE_SESSION, SESSION, Dialogs


class Native:
    """Answers at once."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, []

    def __call__(self, heading: str, at: str, filters: list[str]) -> Native:
        self.asked.append((heading, at, filters))
        return self

    def ready(self, timeout: int = 0) -> bool:
        return True

    def kill(self) -> bool:
        return True

    def result(self) -> Any:
        return self.answer


def ask(question: dialogs.Question, folder: Path) -> list[Path]:
    """What comes of a question."""
    chosen: list[Path] = []
    choose = Dialogs(use_native=True)
    choose.ask(question, folder, chosen.append)
    choose.poll()
    return chosen


def test_a_file_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    native = Native([str(tmp_path / "a.json")])
    monkeypatch.setattr(dialogs.native, "open_file", native)
    assert ask(SESSION, tmp_path) == [tmp_path / "a.json"]
    assert native.asked[0][1] == f"{tmp_path}/"


def test_a_file_to_save_gets_its_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for answer, name in (("a.json", "a.json"), ("a.JSON", "a.JSON"), ("a.b", "a.b.json")):
        native = Native(str(tmp_path / answer))
        monkeypatch.setattr(dialogs.native, "save_file", native)
        assert ask(SAVE_SESSION, tmp_path) == [tmp_path / name]
        assert native.asked[0][1] == str(tmp_path / "session.json")


def test_an_ending_that_was_left_out_replaces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.json", "a-2.json"):
        (tmp_path / name).touch()
    monkeypatch.setattr(dialogs.native, "save_file", Native(str(tmp_path / "a")))
    assert ask(SAVE_SESSION, tmp_path) == [tmp_path / "a-3.json"]


def test_nothing_is_chosen_when_the_dialog_is_cancelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs.native, "save_file", Native(""))
    monkeypatch.setattr(dialogs.native, "open_file", Native([]))
    assert ask(SAVE_SESSION, tmp_path) == []
    assert ask(SESSION, tmp_path) == []
