"""What the monkey plays on stage, and what it proves: whether a fault there would be noticed."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from renderer.files.take_file import TakeFile
from renderer.parameters.bindings import Binding
from renderer.recipe.recipe import LatentPart, Recipe
from renderer.remote import connection
from renderer.remote.client import RemoteThread
from renderer.remote.connection import ProcessConnection
from renderer.timeline.take import Sample
from tests.monkey import line, proofs
from tests.monkey.fence import Fence
from tests.monkey.remote import Remote
from tests.monkey.rules import BrokenRuleError, listening
from tests.monkey.stage import CLOCK, CONTROLLER, LINE, REST_CC, Stage, hush, records
from tests.monkey.stage_acts import PRESET_PARTS
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.instrument import Control
from visualizer.control.settings import ControlSettings
from visualizer.control.settings import save as save_settings
from visualizer.music.instrument import Music
from visualizer.options.renderer_place import Place
from visualizer.session.undo_stack import UndoStack
from widgets.controls.music_view import FollowClock, SetTempo
from widgets.controls.recording_view import Record

PLAYED = Binding("beat/1", "/psi", 0.0, 1.0)


def test_files_that_are_cut_off_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(path)
    proofs.whole(path)
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(BrokenRuleError, match=r"picture\.png is not whole"):
        proofs.whole(path)
    path = tmp_path / "video.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom")
    with pytest.raises(BrokenRuleError, match=r"video\.mp4"):
        proofs.whole(path)


def test_a_take_that_was_not_ended_is_noticed(tmp_path: Path) -> None:
    take = TakeFile(tmp_path)
    take.add([Sample(0.0, Recipe()), Sample(1.0, Recipe(psi=0.5))])
    with pytest.raises(BrokenRuleError, match="was not ended"):
        proofs.takes_are_whole(tmp_path)
    take.finish()
    proofs.takes_are_whole(tmp_path)


def test_a_traceback_of_a_renderer_elsewhere_is_heard() -> None:
    there = logging.getLogger(connection.__name__)
    with listening() as ears:
        there.info("renderer: %s", "Loading a model")
        assert not ears.heard
        there.info("renderer: %s", "Traceback (most recent call last):")
        there.info("renderer: %s", "ValueError: a mistake")
    assert "a mistake" in ears.heard[-1]


def test_only_renderers_of_ours_are_started(tmp_path: Path) -> None:
    fence = Fence(tmp_path, line.is_ours)
    command = line.serving(tmp_path)
    fence.look("subprocess.Popen", (command[0], command, None, None))
    with pytest.raises(PermissionError):
        fence.look("subprocess.Popen", ("ssh", ["ssh", "me@box"], None, None))
    with pytest.raises(PermissionError):
        fence.look("subprocess.Popen", (command[0], [command[0], "-c", "pass"], None, None))


def test_every_place_of_the_renderer_leads_to_this_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[list[str]]()
    monkeypatch.setattr(
        ProcessConnection, "__init__", lambda made, command: started.append(command)
    )
    monkeypatch.setattr(
        RemoteThread, "__init__", lambda made, connect, *_, **__: connect() and None
    )
    with line.Line(tmp_path, tmp_path).standing():
        for place in (Place(host="me@box", workers="1"), Place(command="ssh me@box x")):
            place.thread("cpu", lambda: None)
    assert started == [line.serving(tmp_path)] * 2


@pytest.mark.display
def test_steps_that_do_not_lead_back_are_noticed(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (1, 2, 3):
        ui.app.session.edit(Recipe(latent=LatentPart(seed=seed)))
        ui.frames(1)
    assert proofs.there_and_back(ui.app, 2, lambda: ui.frames(1)) == 2
    assert ui.recipe.latent.seed == 3
    real = UndoStack.redo

    def forgetful(stack: UndoStack) -> None:
        real(stack)
        stack.amend(replace(stack.recipe, psi=0.123))

    monkeypatch.setattr(UndoStack, "redo", forgetful)
    with pytest.raises(BrokenRuleError, match="back and forth"):
        proofs.there_and_back(ui.app, 2, lambda: ui.frames(1))


@pytest.mark.display
def test_the_stage_reaches_the_window_and_falls_silent(tmp_path: Path, open_window: Open) -> None:
    settings = ControlSettings(midi=CONTROLLER, lamps=True, bindings=(PLAYED,))
    save_settings(tmp_path, settings)
    stage = Stage(real=True)
    with stage.standing():
        ui = open_window()
        ui.frames(2)
        control, music = ui.app.instrument(Control), ui.app.instrument(Music)
        stage.knobs(("control_change", {"control": 7, "value": 64}))
        ui.frames(2)
        assert control._heard.startswith("CC 7")
        ui.app.commands.do(FollowClock("midi", CLOCK))
        ui.app.commands.do(Record())
        ui.frames(2)
        stage.clock(("start", {}), *[("clock", {})] * 3)
        ui.frames(2)
        assert music._state.clock == "midi" and records(ui.app)
        stage.cable(CONTROLLER, False)
        stage.cable(LINE, False)
        assert stage.midi.get_input_names() == [CLOCK] and not stage.sound.query_devices()
        hush(ui.app)
        ui.frames(2)
        assert control.settings.bindings == (replace(PLAYED, source=REST_CC),)
        assert not control.moves and music._state.clock == "own"
        ui.until(lambda: not records(ui.app))
        proofs.takes_are_whole(ui.app.session.capture_folder)


@pytest.mark.display
def test_presets_are_kept_damaged_and_loaded(tmp_path: Path, open_window: Open) -> None:
    remote = Remote(tmp_path, real=True)
    with remote.standing():
        ui = open_window()
        remote.opened(ui.app)
        music = ui.app.instrument(Music)
        ui.app.commands.do(SetTempo(77.0))
        remote.preset("keep", 1)
        ui.app.commands.do(SetTempo(99.0))
        for way, parts, sentence in (
            ("damage", PRESET_PARTS, "Part of the preset stage preset could not be used"),
            ("cut", (), "The preset stage preset.json cannot be used"),
            ("lack", ("music",), "Loaded the preset"),
        ):
            ui.app.commands.do(remote.preset(way, 1, *parts))
            ui.until(lambda sentence=sentence: ui.said and ui.said[-1].startswith(sentence))
            assert music.state().bpm == 99.0
        ui.app.commands.do(remote.preset("load", 1))
        ui.until(lambda: music.state().bpm == 77.0)
        remote.closed()
