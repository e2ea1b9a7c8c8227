"""Opening files: a disk that does not answer holds up neither the window nor what is saved."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
import torch

from renderer.files.kinds import Kind
from renderer.recipe.recipe import ModelRef, Recipe
from tests.renderer.files.test_plain import unix
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments import opening
from widgets.actions import CaptureImage, OpenFiles

pytestmark = pytest.mark.display


@pytest.fixture
def dead_drive(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nothing is known of any file until this is set."""
    answers = threading.Event()

    def identify(path: Path) -> Kind:
        answers.wait(30.0)
        return "model"

    monkeypatch.setattr(opening, "identify", identify)
    return answers


def test_a_drive_that_does_not_answer_holds_up_nothing(
    open_window: Open, dead_drive: threading.Event
) -> None:
    ui = open_window()
    ui.until(lambda: ui.app.session.frame is not None)
    ui.window.dropped.append("/net/gone/a.pkl")
    ui.frames(3)
    assert ui.said[-1] == "Opening a.pkl…"
    ui.app.commands.do(CaptureImage())
    ui.until(lambda: any(text.startswith("Saved ") for text in ui.said))
    assert ui.recipe.model != ModelRef("/net/gone/a.pkl")
    dead_drive.set()
    ui.until(lambda: ui.recipe.model == ModelRef("/net/gone/a.pkl"))


def test_the_window_closes_although_a_drive_does_not_answer(
    tmp_path: Path, dead_drive: threading.Event
) -> None:
    ui = Driver(tmp_path)
    ui.app.commands.do(OpenFiles(("/net/gone/a.pkl",)))
    begin_s = time.monotonic()
    ui.close()
    assert time.monotonic() - begin_s < 20.0
    assert ui.app.left_behind, "the thread still waits for the drive"
    dead_drive.set()


@pytest.mark.parametrize("name", ["weights.pt", "weights.PTH", "weights"])
def test_what_torch_saved_is_taken_as_a_model(name: str, open_window: Open, tmp_path: Path) -> None:
    torch.save({"g_ema": torch.zeros(1)}, tmp_path / name)
    ui = open_window()
    ui.window.dropped.append(str(tmp_path / name))
    ui.until(lambda: ui.recipe.model == ModelRef(str(tmp_path / name)))


@unix
def test_a_pipe_is_refused_and_not_waited_for(open_window: Open, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    ui = open_window(recipe=Recipe(psi=0.25))
    ui.window.dropped.append(str(tmp_path / "pipe"))
    ui.until(lambda: any("pipe is neither a model" in text for text in ui.said))
    assert ui.recipe.psi == 0.25


def test_of_several_files_the_first_is_opened(open_window: Open) -> None:
    ui = open_window()
    ui.window.dropped += ["/a/first.pkl", "/a/second.pkl"]
    ui.frames(1)
    assert ui.said[-1] == "Only the first of the 2 files was opened."
    ui.until(lambda: ui.recipe.model == ModelRef("/a/first.pkl"))
