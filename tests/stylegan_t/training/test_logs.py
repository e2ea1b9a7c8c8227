"""Logs of a run, also of one that was cut off and goes on."""

import json
import sys
import threading
from pathlib import Path

import pytest

from stylegan_t.training.logs import RunLog, time_left


def steps_in(folder: Path) -> list[int]:
    return [json.loads(line)["step"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_entries_are_lines_of_json_and_scalars_of_tensorboard(tmp_path: Path) -> None:
    log = RunLog(tmp_path, 0, print)
    log.write(10, 80, {"loss_d": 1.23456789, "loss_g": float("nan"), "clip": float("inf")})
    log.close()
    entry = json.loads((tmp_path / "log.jsonl").read_text())
    assert entry == {"step": 10, "images": 80, "loss_d": 1.2346, "loss_g": None, "clip": None}
    (events,) = (tmp_path / "tensorboard").iterdir()
    assert b"loss_d" in events.read_bytes()


def test_what_came_after_the_snapshot_goes(tmp_path: Path) -> None:
    log = RunLog(tmp_path, 0, print)
    for step in range(1, 8):
        log.write(step, step * 8, {"loss_d": 1.0})
    log.close()
    with open(tmp_path / "log.jsonl", "a") as file:
        file.write('{"step": 8, "ima')  # the kill came here
    again = RunLog(tmp_path, 5, print)
    assert steps_in(tmp_path) == [1, 2, 3, 4, 5]
    again.write(6, 48, {"loss_d": 2.0})
    again.close()
    assert steps_in(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_without_tensorboard_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    lines: list[str] = []
    log = RunLog(tmp_path, 0, lines.append)
    log.write(1, 8, {"loss_d": 1.0})
    log.close()
    assert len(lines) == 1
    assert lines[0].startswith("TensorBoard is not installed, so only log.jsonl is written; ")
    assert "-m pip install tensorboard" in lines[0]
    assert steps_in(tmp_path) == [1]


@pytest.mark.parametrize("at", ["__init__", "add_scalar", "close"])
def test_where_tensorboard_cannot_write_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"torch.utils.tensorboard.SummaryWriter.{at}", full)
    lines: list[str] = []
    log = RunLog(tmp_path, 0, lines.append)
    for step in (1, 2):
        log.write(step, 8 * step, {"loss_d": 1.0, "loss_g": 1.0})
    log.close()
    assert len(lines) == 1 and "No space left on device" in lines[0]
    assert steps_in(tmp_path) == [1, 2]


def test_only_tensorboards_thread_ends_quietly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Writer(threading.Thread):
        def run(self) -> None:
            raise OSError(28, "No space left on device")

    shown: list[object] = []
    monkeypatch.setattr(threading, "excepthook", shown.append)
    RunLog(tmp_path, 0, print).close()
    for home in ("tensorboard.summary.writer", "stylegan_t.training"):
        Writer.__module__ = home
        thread = Writer()
        thread.start()
        thread.join()
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (120, "2 min"),
        (3 * 3600 + 5 * 60, "3 h 05 min"),
        (98 * 3600, "4 d 2 h"),
    ],
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert time_left(seconds) == text
