"""The controller settings: kept whole, and never trusted."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from renderer.parameters.bindings import Binding, binding_for
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from visualizer.control.learning import Learner
from visualizer.control.settings import FILE, ControlSettings, load, save
from visualizer.control.signal_queue import Signal

SETTINGS = ControlSettings(
    osc=True, port=8000, midi="knobs", bindings=(Binding("midi/cc/1/21", "/psi", -1.0, 2.0),)
)


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    assert load(tmp_path / "new") == (ControlSettings(), "")
    save(tmp_path / "new", SETTINGS)
    assert load(tmp_path / "new") == (SETTINGS, "")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 200_000,
        b"{}",
        b'{"stylegan_t_control": 2, "settings": {}}',
        b'{"stylegan_t_control": 1, "settings": {"port": 0}}',
        b'{"stylegan_t_control": 1, "settings": {"port": "9000"}}',
        b'{"stylegan_t_control": 1, "settings": {"bindings": [{"source": "", "address": "/psi"}]}}',
        b'{"stylegan_t_control": 1, "settings": {"bindings": [{"source": "a", "address": "b",'
        b' "low": 1e999}]}}',
        b'{"stylegan_t_control": 1, "settings": {"bindings": [{"source": "a", "address": "b",'
        b' "run": "ls"}]}}',
        b'{"stylegan_t_control": 1, "settings": {}}' + b" " * 1_000_001,
    ],
)
def test_a_damaged_file_is_moved_aside_and_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    settings, note = load(tmp_path)
    assert settings == ControlSettings()
    assert note.startswith("The controller settings could not be restored")
    assert (tmp_path / "control.broken.json").read_bytes() == data


def test_too_many_bindings_are_refused(tmp_path: Path) -> None:
    many = msgspec.structs.replace(SETTINGS, bindings=SETTINGS.bindings * 501)
    save(tmp_path, many)
    assert load(tmp_path)[0] == ControlSettings()


def test_a_folder_in_the_file_s_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    settings, note = load(tmp_path)
    assert (settings, "kept in" in note) == (ControlSettings(), True)


@pytest.mark.parametrize(
    "sent", [1.0, 127.0, 1e4, 1e9, 1e300, 2**63 - 1, math.inf, -math.inf, math.nan]
)
def test_whatever_a_source_sent_what_was_learnt_is_read_again(sent: float, tmp_path: Path) -> None:
    """A range that the file's reader refuses would take all bindings with it."""
    target = parameters_of(Recipe(), None).parameter("/psi")
    learnt = ControlSettings(bindings=(binding_for("/1/fader1", target, sent),))
    save(tmp_path, learnt)
    assert load(tmp_path) == (learnt, "")


@pytest.mark.parametrize("sent", [math.inf, math.nan, 1e300])
def test_what_is_no_place_of_a_fader_is_not_learnt(sent: float) -> None:
    learner = Learner()
    learner.begin(Recipe(), None, "", "/psi")
    learner.hear(Signal("/1/fader1", (sent,)), 0.0)
    assert learner.finished(Recipe(), None, 0.0) is None
    learner.hear(Signal("/1/fader1", (0.5,)), 0.0)
    found = learner.finished(Recipe(), None, 0.0)
    assert found is not None
    assert (found.source, found.source_high) == ("/1/fader1", 1.0)
