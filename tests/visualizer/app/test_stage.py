"""The window's instruments without a window: they play, listen and send."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec import Raw
from msgspec.structs import replace
from pythonosc.udp_client import SimpleUDPClient

from renderer.parameters.bindings import Binding
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.visualizer.control.test_gamepad import Pad
from tests.visualizer.fake import FakeThread, renderers_with
from tests.visualizer.sinks import libraries
from visualizer.app.stage import Bell, Stage
from visualizer.control import gamepad
from visualizer.control.gamepad import WindowlessGamepads
from visualizer.control.instrument import Control
from visualizer.instruments.moments import MomentsKeeper
from visualizer.session.state import Folders
from visualizer.window.shared_glfw import glfw
from widgets import actions
from widgets.context import Options
from widgets.controls.moments_view import RecallMoment, StoreMoment
from widgets.controls.recording_view import Record
from widgets.controls.timeline_view import TogglePlay
from widgets.output import OutputOptions

GREY = np.full((64, 64, 3), 90, np.uint8)
TURNS = 300
Made = Callable[..., tuple[Stage, FakeThread, list[str]]]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Makes a stage with a fake renderer and NDI; what it says, and what it drew."""
    libraries.install(monkeypatch)

    def make(fps: int = 60) -> tuple[Stage, FakeThread, list[str]]:
        thread, said = FakeThread(picture=GREY), list[str]()
        options = Options(output=OutputOptions(sinks=("ndi",), name="Stage"))
        folders = Folders(tmp_path, tmp_path / "captures")
        recipe = Recipe(latent=LatentPart(1))
        tell = lambda text, tone: said.append(text)  # noqa: E731
        stage = Stage(renderers_with(thread), Bell(), recipe, options, folders, tell, fps=fps)
        return stage, thread, said

    return make


def until(stage: Stage, condition: Callable[[], object]) -> None:
    """Let it run until something has happened, then close it."""
    left = TURNS

    def goes_on() -> bool:
        nonlocal left
        left -= 1
        assert left, "it did not happen"
        return not condition()

    stage.run(goes_on)


def test_a_timeline_is_played_and_sent(made: Made) -> None:
    stage, thread, _ = made()
    keys = (KeyFrame(0.0, Recipe(psi=0.0), "linear"), KeyFrame(0.3, Recipe(psi=1.0)))
    stage.play(Timeline(keys, 0.3, 30, "once"))
    stage.do(TogglePlay())
    until(stage, lambda: thread.submitted and thread.submitted[-1].psi == 1.0)
    psis = [recipe.psi for recipe in thread.submitted]
    assert psis == sorted(psis) and len(set(psis)) > 3
    assert libraries.Sender.all[-1].name == "Stage" and libraries.Sender.all[-1].sent
    assert thread.stopped


def test_it_follows_osc_with_the_window_s_mappings_and_moments(made: Made) -> None:
    stage, thread, _ = made()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    control = stage.instrument(Control)
    mapped = Binding(source="/fader", address="/psi", low=0.0, high=1.0)
    control.settings = replace(control.settings, osc=True, port=port, bindings=(mapped,))
    stage.do(StoreMoment(1))
    client, sent = SimpleUDPClient("127.0.0.1", port), 0

    def heard() -> bool:
        nonlocal sent
        sent += 1
        if stage.pictures and stage.session.recipe.latent.seed != 77:
            client.send_message("/latent/seed", 77)
        elif stage.pictures:
            client.send_message("/fader", 0.25)
        return stage.session.recipe.psi == 0.25

    until(stage, heard)
    assert thread.submitted[-1].latent.seed == 77 or stage.session.recipe.latent.seed == 77
    stage.do(RecallMoment(1, 0.0))
    assert stage.session.recipe.latent.seed == 1
    assert not (stage.session.folders.state / "control.json").exists()  # the window's own stay


def test_it_follows_a_gamepad_that_is_mapped(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, _, said = made()
    control, pad = stage.instrument(Control), Pad()
    assert isinstance(control.pads, WindowlessGamepads)
    monkeypatch.setattr(gamepad, "start_glfw", lambda: None)
    monkeypatch.setattr(glfw, "poll_events", lambda: None)
    monkeypatch.setattr(glfw, "terminate", lambda: None)
    control.pads = WindowlessGamepads({0: pad}.get)
    mapped = Binding(source="pad/1/a", address="/seed/next")
    control.settings = replace(control.settings, bindings=(mapped,))

    def heard() -> bool:
        pad.buttons[0] = 1 if control.pads.present else 0
        return stage.session.recipe.latent.seed == 2

    until(stage, heard)
    assert "A gamepad is connected." in said and control.listens


def test_a_session_brings_its_moments_and_what_is_damaged_is_told(made: Made) -> None:
    stage, _, said = made()
    stored = stage.instrument(MomentsKeeper)
    stage.do(StoreMoment(4, "Dawn"))
    part = Raw(msgspec.json.encode(stored.state()))
    other, _, said = made()
    other.restore({"moments": part, "music": Raw(b'{"bpm": "fast"}'), "unknown": Raw(b"1")})
    other.do(RecallMoment(4, 0.0))
    until(other, lambda: said)
    assert said == ["The settings for Music could not be read and were reset."]
    stage.close()


def test_a_recording_is_whole_when_it_ends(made: Made) -> None:
    stage, _, said = made()
    stage.do(Record(True))
    video = stage.session.capture_folder / "take-0001.mp4"
    until(stage, video.is_file)
    assert any(text.startswith("Saved take-0001.take and take-0001.mp4") for text in said)
    assert b"moof" not in video.read_bytes()


def test_what_needs_the_window_is_told_once(made: Made) -> None:
    stage, _, said = made()
    for _ in range(3):
        stage.do(actions.ToggleOutput())
    until(stage, lambda: said)
    assert said == ["ToggleOutput needs the window, so it was left out."]


def test_a_sink_that_crashes_is_switched_off_and_told_while_it_plays(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: object, data: object) -> bool:
        raise RuntimeError("lost the network")

    stage, _, said = made()
    monkeypatch.setattr(libraries.Sender, "write_video", crash)
    until(stage, lambda: not stage.session.options.output.sinks)
    assert said == ["NDI has stopped: RuntimeError: lost the network"]
    assert stage.sinks.report("ndi") is None
