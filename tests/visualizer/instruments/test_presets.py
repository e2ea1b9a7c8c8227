"""Presets in the real window: saved and loaded by the menu, taken back, damaged ones told."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw
from msgspec.structs import replace

from renderer.parameters.bindings import Binding
from renderer.parameters.lfo import Lfo
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.control.instrument import Control
from visualizer.control.settings import load
from visualizer.instruments.moments import MomentsKeeper
from visualizer.instruments.presets import Presets
from visualizer.music.instrument import Music
from visualizer.session.preset_file import encode_preset, read_preset
from widgets.actions import OpenFiles
from widgets.controls.moments_view import StoreMoment
from widgets.controls.music_view import ChangeLfo, SetTempo

pytestmark = pytest.mark.display

MAPPED = Binding("midi/cc/1/1", "/psi", 0.0, 1.0)


def set_up(ui: Driver) -> None:
    """Something in every part."""
    control = ui.app.instrument(Control)
    control._keep(bindings=(MAPPED,), midi="No such knobs")
    ui.app.commands.do(SetTempo(133.0))
    ui.app.commands.do(ChangeLfo(0, Lfo()))
    ui.app.commands.do(StoreMoment(7, "Dawn"))
    options = ui.app.session.options
    output = replace(options.output, name="Stage", place="HDMI-9", fit="fill")
    ui.app.session.options = replace(options, output=output)


def state(ui: Driver) -> tuple[Any, ...]:
    """What is set up, in short."""
    control, music = ui.app.instrument(Control).settings, ui.app.instrument(Music).state()
    moments = ui.app.instrument(MomentsKeeper)._moments
    output = ui.app.session.options.output
    named = [(moment.number, moment.name) for moment in moments.items]
    return control.bindings, control.midi, music.bpm, len(music.lfos), named, output


def saved(ui: Driver) -> Path:
    """A file of what is set up, saved by the menu."""

    def save(c: Any) -> None:
        c.set_ref("File browser")
        c.item_click("###save")

    ui(lambda c: c.menu_click("//##MainMenuBar/File/Presets/Save as a preset…"))
    ui.frames(3)
    ui(save)
    ui.until(lambda: any(said.startswith("Saved the preset") for said in ui.said))
    return next(ui.home.rglob("stage.json"))


def test_a_preset_is_saved_loaded_and_taken_back(open_window: Open) -> None:
    ui = open_window()
    ui.app.session.capture_folder.mkdir(parents=True, exist_ok=True)
    first, recipe = state(ui), ui.recipe
    set_up(ui)
    wanted, path = state(ui), saved(ui)
    assert set(read_preset(path)) == {"control", "music", "moments", "output"}
    ui.app.instrument(Presets).take({}, "nothing")
    for part in ("music", "control", "moments", "output"):  # as another computer has it
        (ui.home / f"{part}.json").unlink(missing_ok=True)
    other = open_window()
    empty = first if state(other) == first else state(other)
    other.app.commands.do(OpenFiles((str(path),)))
    other.until(lambda: "Loaded the preset stage." in other.said)
    other.frames(4)
    assert state(other) == wanted
    assert other.recipe == recipe
    control = other.app.instrument(Control)
    other.until(lambda: control._midi_problem and control._midi_problem in other.said)
    other.until(lambda: load(other.home)[0].bindings == (MAPPED,))

    def back(c: Any) -> None:
        c.menu_click("//##MainMenuBar/File/Presets/###undo")

    other(back)
    other.until(lambda: any(said.startswith("Everything is set up") for said in other.said))
    assert state(other) == empty


def test_damaged_parts_are_told_and_the_rest_works(open_window: Open) -> None:
    ui = open_window()
    path = ui.home / "stage.json"
    parts = {
        "control": Raw(b'{"port": 99999999}'),
        "music": Raw(b'{"bpm": 99.0}'),
        "moments": Raw(b"7"),
        "output": Raw(b'{"name": ""}'),
        "later": Raw(b"{}"),
    }
    path.write_bytes(encode_preset(parts))
    before = state(ui)
    ui.app.commands.do(OpenFiles((str(path),)))
    told = "Its mappings and ports are damaged."
    ui.until(lambda: any(told in said for said in ui.said))
    sentence = next(said for said in ui.said if told in said)
    assert sentence.startswith("Part of the preset stage could not be used.")
    assert "Its moments are damaged." in sentence and "Its outputs are damaged." in sentence
    assert state(ui) == (*before[:2], 99.0, *before[3:])
    path.write_text(json.dumps({"stylegan_t_preset": 9}))
    ui.app.commands.do(OpenFiles((str(path),)))
    ui.until(lambda: any("was written by a newer version" in said for said in ui.said))


def test_letting_other_computers_in_is_told(open_window: Open) -> None:
    ui = open_window()
    ui.app.instrument(Presets).take(
        {"control": Raw(b'{"osc": true, "anywhere": true, "port": 51234}')}, "open"
    )
    assert "The preset lets other computers send OSC to port 51234." in ui.said


def test_a_port_that_is_taken_is_the_last_word(open_window: Open) -> None:
    ui = open_window()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        part = Raw(f'{{"osc": true, "port": {port}}}'.encode())
        ui.app.instrument(Presets).take({"control": part}, "open")
    assert ui.said[-1].startswith("Part of the preset open could not be used.")
    assert str(port) in ui.said[-1]
