"""Commands that write: where they cannot, where others do too, and where one was killed."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import stylegan_t
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from stylegan_t.files import whole
from stylegan_t.files.locks import lockable, locked
from stylegan_t.files.partial_files import OLD_S
from tests.source_tree import ROOT
from tests.stylegan_t.metrics.tiny import tiny_generator, write_pictures
from tests.stylegan_t.training.tiny_run import environment
from visualizer.cli import cli
from visualizer.commands.metrics import LOCK

GRID = ("--rows", "seed=0..1")
TIMELINE = "timeline.json"
MODEL = "model.safetensors"
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "render": ("a.png", ("render", "--model", MODEL, "--out")),
    "grid": ("a.png", ("grid", "--model", MODEL, *GRID, "--out")),
    "video": ("a.mp4", ("video", TIMELINE, "--out")),
    "pictures": ("frames", ("video", TIMELINE, "--out")),
    "convert": ("b.safetensors", ("convert", MODEL)),
    "metrics": ("m", ("metrics", MODEL, "--fid", "6", "--features", "random", *(
        "--cache", "cache", "--real", "real", "--device", "cpu", "--out"
    ))),
    "train": ("t", ("train", "--data", "demo", "--out")),
    "tour": ("tour.mp4", ("tour", "--clip")),
}  # fmt: skip
"""What each writes, and the words before that name."""
EVERY = pytest.mark.parametrize("name", COMMANDS)
FILES = [name for name in COMMANDS if name not in ("metrics", "train", "tour")]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a tiny model, a timeline of two frames, real pictures, "out"."""
    monkeypatch.chdir(tmp_path)
    stylegan_t.save(tiny_generator(), MODEL)
    write_pictures(tmp_path / "real", 8)
    first = Recipe(ModelRef(str(tmp_path / MODEL)))
    timeline = Timeline((KeyFrame(0.0, first), KeyFrame(0.4, first)), 0.4, 5)
    (tmp_path / TIMELINE).write_text(timeline_to_json(timeline))
    (tmp_path / "out").mkdir()
    return tmp_path


def words(name: str, *more: str) -> list[str]:
    out, command = COMMANDS[name]
    return [*command, f"out/{out}", *more]


def run(name: str, *more: str) -> Result:
    return CliRunner().invoke(cli, words(name, *more), prog_name="stylegan-t")


@EVERY
@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "that disk is read-only")],
)
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    name: str, number: int, reason: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise OSError(number, os.strerror(number), str(folder))

    def works(*_: object, **__: object) -> None:
        raise AssertionError("it works before it asks")

    monkeypatch.setattr(whole, "part_path", refuse)
    monkeypatch.setattr("stylegan_t.load_generator", works)
    monkeypatch.setattr("renderer.pipeline.renderer.Renderer", works)
    monkeypatch.setattr("stylegan_t.training.trainer.Trainer", works)
    monkeypatch.setattr("visualizer.window.offscreen.somewhere", works)
    result = run(name)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].endswith(f"cannot be written: {reason}.")
    assert list((place / "out").iterdir()) == []


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_came_meanwhile_stays_and_the_work_is_not_lost(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes the same name when the work is nearly done."""
    path = place / "out" / COMMANDS[name][0]

    def late(work: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            path.write_bytes(b"theirs")
            return work(*arguments, **options)

        return call

    monkeypatch.setattr("renderer.files.atomic.whole_file", late(whole.whole_file))
    monkeypatch.setattr("renderer.files.video.VideoFile.finish", late(_finish()))
    monkeypatch.setattr("stylegan_t.save", late(stylegan_t.save))
    result = run(name)
    assert result.exit_code == 1 and path.read_bytes() == b"theirs"
    others = [each for each in (place / "out").iterdir() if each != path]
    if name == "convert":  # the work of a moment
        assert "exists already and was left as it is" in result.output and others == []
    else:
        assert [each.stem for each in others] == [f"{path.stem}-0001"]
        assert f"{path} meanwhile, so this one was saved as" in result.output.replace(
            "out/", f"{place}/out/", 1
        )


def _finish() -> Callable[..., object]:
    from renderer.files.video import VideoFile

    return VideoFile.finish


def test_one_folder_takes_one_measurement_at_a_time(place: Path) -> None:
    folder = place / "out" / "m"
    folder.mkdir()
    handle = locked(lockable(folder, LOCK))
    assert handle is not None
    result = run("metrics")
    assert result.exit_code == 1 and "Another measurement writes to out/m" in result.output
    os.close(handle)
    assert run("metrics").exit_code == 0
    assert run("metrics", "--overwrite").exit_code == 0


def test_a_measurement_that_fails_leaves_no_folder(place: Path) -> None:
    assert run("metrics", "--beside", "missing.json").exit_code == 1
    assert list((place / "out").iterdir()) == []
    (place / "out" / "m").mkdir()
    assert run("metrics", "--beside", "missing.json").exit_code == 1
    assert (place / "out" / "m").is_dir(), "it was there before"


HELD = """
import os, sys, time
def held(number):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = held
from visualizer.cli import main
main()
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["render", "video", "convert", "metrics"])
def test_what_a_kill_left_goes_with_a_later_command(name: str, place: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HELD, *words(name)],
        cwd=place, env={**environment(), "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        while process.stdout.readline() != b"writing\n":
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    left = list(place.rglob(".*"))
    assert [file.suffix for file in left] == [".part"]
    for file in left:
        old = file.stat().st_mtime - OLD_S
        os.utime(file, (old, old))
    assert run(name).exit_code == 0
    assert not left[0].exists()
