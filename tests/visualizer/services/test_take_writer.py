"""A take written beside the window: thinned, at once on the disk, and told when it fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from renderer.files import take_file
from renderer.files.atomic import ExportError
from renderer.files.take_file import read_take
from renderer.recipe.recipe import Recipe
from renderer.timeline.take import Sample
from tests.source_tree import ROOT
from visualizer.services import take_writer
from visualizer.services.take_writer import TakeWriter

WAIT_S = 30.0


def test_what_stays_still_takes_no_room(tmp_path: Path) -> None:
    writer = TakeWriter(tmp_path, lambda: None)
    for index in range(500):
        writer.add(Sample(index / 60, Recipe()))
    assert writer.end(WAIT_S)
    assert writer.path is not None
    take, note = read_take(writer.path)
    assert (take.length_s, note) == (pytest.approx(499 / 60, abs=1e-5), "")
    assert writer.samples <= 4


def test_a_disk_that_is_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    writer = TakeWriter(tmp_path, lambda: None)
    assert writer.opened.wait(WAIT_S)

    def full(self: object, samples: object) -> None:
        raise ExportError("The disk is full.")

    monkeypatch.setattr(take_file.TakeFile, "add", full)
    writer._changed = told.set
    writer.add(Sample(0.0, Recipe()))
    assert told.wait(WAIT_S)
    assert writer.problem == "The disk is full."


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    writer = TakeWriter(tmp_path / "a" / "b", lambda: None)
    assert writer.end(WAIT_S)
    assert writer.path is None
    assert "cannot be written" in writer.problem


@pytest.mark.slow
def test_a_kill_loses_a_second_at_most(tmp_path: Path) -> None:
    """A process that plays, and is killed in the midst of it."""
    script = f"""
import sys, time
from pathlib import Path
from renderer.recipe.recipe import Recipe
from renderer.timeline.take import Sample
from visualizer.services.take_writer import TakeWriter
writer, began = TakeWriter(Path({str(tmp_path)!r}), lambda: None), time.monotonic()
index = 0
while True:
    at_s = time.monotonic() - began
    writer.add(Sample(at_s, Recipe(psi=(index * index) % 7 / 8)))
    print(at_s, flush=True)
    index += 1
    time.sleep(1 / 60)
"""
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert run.stdout is not None
    last_s = 0.0
    while last_s < 2.0:
        last_s = float(run.stdout.readline())
    os.kill(run.pid, signal.SIGKILL)
    run.wait(WAIT_S)
    take, note = read_take(tmp_path / "take-0001.take")
    assert last_s - 1.0 <= take.length_s
    assert note
    assert take_writer.BATCH_S < 1.0
