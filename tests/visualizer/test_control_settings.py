"""The controllers' settings: kept whole, and never trusted."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from renderer.bindings import Binding
from visualizer.control_settings import FILE, ControlSettings, load, save

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
    assert note.startswith("The controllers' settings were damaged")
    assert (tmp_path / "control.broken.json").read_bytes() == data


def test_too_many_bindings_are_refused(tmp_path: Path) -> None:
    many = msgspec.structs.replace(SETTINGS, bindings=SETTINGS.bindings * 501)
    save(tmp_path, many)
    assert load(tmp_path)[0] == ControlSettings()


def test_a_folder_in_the_file_s_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    settings, note = load(tmp_path)
    assert (settings, "kept in" in note) == (ControlSettings(), True)
