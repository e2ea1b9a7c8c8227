"""`stylegan-t send`: pictures go to other programs without a display, until it is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest
from click.testing import CliRunner, Result

from renderer.files.atomic import ExportError
from renderer.files.take_file import TakeFile, read_take
from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.take import Sample
from renderer.timeline.timeline import Timeline
from tests.source_tree import ROOT
from tests.visualizer.commands.results import done, refused
from tests.visualizer.sinks import libraries
from visualizer.cli import cli
from visualizer.control.osc import OscServer

PATIENCE_S = 120.0


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STYLEGAN_T_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DISPLAY", raising=False)


@pytest.fixture
def take(model: Path, tmp_path: Path) -> Path:
    file = TakeFile(tmp_path)
    first = Recipe(ModelRef(str(model)), psi=0.0)
    file.add([Sample(0.0, first), Sample(0.4, Recipe(first.model, psi=1.0))])
    return file.finish()


def call(*args: object) -> Result:
    return CliRunner().invoke(cli, ["send", *(str(arg) for arg in args)])


def test_a_take_is_sent_and_the_command_ends_with_it(
    take: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries.install(monkeypatch)
    result = done(call(take, "--ndi", "Stage", "--device", "cpu"))
    assert "Sent " in result.stdout and " per second." in result.stdout
    sender = libraries.Sender.all[-1]
    assert sender.name == "Stage" and not sender.running
    assert len({frame.tobytes() for frame in sender.sent}) > 2


def test_a_signal_ends_it_and_what_was_recorded_is_whole(model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "visualizer", "send", str(model), "--record", "--osc", "0"]
    command[-2:] = ["--device", "cpu"]
    captures = tmp_path / "home" / "captures"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            until_s = time.monotonic() + PATIENCE_S
            while not (captures / "take-0001.mp4").exists():
                assert process.poll() is None and time.monotonic() < until_s
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=PATIENCE_S)[0]
        finally:
            process.kill()
    assert process.returncode == 0 and "Sent " in said
    assert read_take(captures / "take-0001.take").note == ""
    with av.open(str(captures / "take-0001.mp4")) as movie:
        assert sum(1 for _ in movie.decode(video=0)) >= 1
    assert sorted(os.listdir(captures)) == ["take-0001.mp4", "take-0001.take"]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "Say where the pictures go: --ndi, --spout, --syphon, --camera or --record."),
        (("--spout", "Stage"), 1, "Spout does not exist on this system."),
        (("--record", "--anywhere"), 2, "give --osc too"),
        (("--record", "--loop", "once"), 2, "needs a timeline or a take"),
        (("{take}", "--record", "--osc", "99999"), 2, "--osc"),
        (("{words}", "--record"), 1, "words.txt is"),
        (("{empty}", "--record"), 1, "empty.json has no key frames."),
        (("missing.take", "--record"), 1, "missing.take"),
    ],
)
def test_mistakes_are_sentences(
    args: tuple[str, ...], code: int, words: str, take: Path, tmp_path: Path
) -> None:
    (tmp_path / "words.txt").write_text("milk")
    (tmp_path / "empty.json").write_text(timeline_to_json(Timeline()))
    files = {"take": take, "words": tmp_path / "words.txt", "empty": tmp_path / "empty.json"}
    refused(call(*(arg.format(**files) for arg in args)), code, words)


def test_a_missing_library_is_told_before_anything_starts(
    take: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualizer.sinks.libraries.importlib.util.find_spec", lambda name: None)
    refused(call(take, "--camera"), 1, "Camera: This needs one more package")


def test_a_model_that_does_not_open_ends_it(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    refused(call(broken, "--record", "--device", "cpu"), 1, "broken.safetensors")


def test_what_is_not_heard_is_told_and_the_show_goes_on(model: Path, tmp_path: Path) -> None:
    other = OscServer(0, lambda signal: None)
    try:
        where = ("--osc", other.port, "--midi", "Old knobs", "--device", "cpu")
        result = done(call(model, "--record", "--seconds", "0.1", *where))
    finally:
        other.close()
    assert f"OSC cannot listen on port {other.port}" in result.stderr and "MIDI" in result.stderr


def test_a_recording_that_breaks_ends_what_nobody_sees(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: TakeFile, samples: object) -> None:
        raise ExportError("The disk is full.")

    monkeypatch.setattr(TakeFile, "add", full)
    result = call(model, "--record", "--seconds", "60", "--device", "cpu")
    refused(result, 1, "Note: The disk is full.")


def test_why_there_is_no_picture_is_said_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\x08\0\0\0\0\0\0\0{}      ")
    result = call(broken, "--record", "--device", "cpu")
    sentence = result.stderr.partition("Error: ")[2].strip()
    assert sentence and result.stderr.count(sentence) == 1
