from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from renderer.models import device
from stylegan_t.inference import fused_kernels
from stylegan_t.terminal.installing import pip_install
from tests.visualizer.sinks import libraries
from visualizer.commands import doctor
from visualizer.services import dialogs
from visualizer.session.state import HOME_VARIABLE, Folders
from visualizer.sinks import kinds
from visualizer.window import display


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))


@pytest.mark.display
def test_where_a_window_opens_the_status_is_0() -> None:
    result = CliRunner().invoke(doctor.doctor)
    assert result.exit_code == 0, result.output
    for words in ("Python 3", "torch 2", "imgui-bundle", "OpenGL", "Latin", "The window can open."):
        assert words in result.output


def test_without_a_display_the_status_is_1_and_the_remedy_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "has_display", lambda: False)
    result = CliRunner().invoke(doctor.doctor)
    assert result.exit_code == 1
    assert "xvfb-run -a stylegan-t" in result.output
    assert "stylegan-t render" in result.output
    assert "The window cannot open." in result.output


def test_a_window_that_does_not_open_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> doctor.Window:
        raise display.WindowError("OpenGL 3.0 or newer is not available: no reason was given.")

    monkeypatch.setattr(doctor, "has_display", lambda: True)
    monkeypatch.setattr(doctor, "Window", fails)
    assert [finding.mark for finding in doctor.window()][-1] == "bad"


def test_a_missing_package_comes_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version

    def without_msgspec(name: str) -> str:
        if name == "msgspec":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without_msgspec)
    assert doctor.Finding("bad", "msgspec is not installed", pip_install("msgspec")) in (
        list(doctor.packages())
    )


def test_the_models_that_open_are_told() -> None:
    line = next(doctor.models())
    assert ".pt, .pth" in line.text and "StyleGAN-XL" in line.text and line.mark == "ok"


def test_public_files_are_named_with_their_page_and_licence() -> None:
    found = list(doctor.models())[1:]
    assert {line.text.partition(",")[0] for line in found} >= {"StyleGAN3", "StyleGAN-XL", "LAFITE"}
    for line in found:
        assert re.fullmatch(r"https://\S+ \(.*NVIDIA.*\)", line.remedy), line


def test_other_programs_for_the_picture_are_found_or_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    libraries.install(monkeypatch)
    assert list(doctor.outputs()) == [
        doctor.Finding("ok", "NDI: cyndilib"),
        doctor.Finding("ok", "Camera: pyvirtualcam"),
    ]
    monkeypatch.setattr(kinds, "why_missing", lambda module, package: "It is missing.")
    missing = next(doctor.outputs())
    assert missing == doctor.Finding("note", "NDI: not installed", pip_install("cyndilib"))


def test_missing_fonts_come_with_the_package_that_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    monkeypatch.setattr(
        doctor.fonts, "coverage", lambda: {"Latin": True, "Korean": False, "Thai": False}
    )
    remedies = {finding.remedy for finding in doctor.scripts()}
    assert remedies == {"", "apt install fonts-noto-cjk", "apt install fonts-noto-core"}


def test_scripts_that_would_need_shaping_are_no_plain_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"Latin": True, "Arabic": True, "Hebrew": True, "Devanagari": False}
    monkeypatch.setattr(doctor.fonts, "coverage", lambda: there)
    findings = list(doctor.scripts())
    assert findings[0] == doctor.Finding("ok", "Shown correctly: Latin")
    notes = [finding.text for finding in findings if finding.mark == "note"]
    assert any("Arabic" in text and "not joined" in text for text in notes)
    assert any("Hebrew" in text and "left to right" in text for text in notes)
    assert any("Devanagari" in text and "boxes" in text for text in notes)


def test_a_folder_that_cannot_be_written_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setattr(doctor, "native_helper", lambda: "zenity")
    findings = list(doctor.files(Folders(tmp_path / "new" / "place", blocked / "captures")))
    assert [finding.mark for finding in findings] == ["ok", "ok", "bad"]
    assert not (tmp_path / "new").exists()  # looking leaves nothing behind


def test_helpers_of_native_dialogs_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogs.sys, "platform", "linux")
    monkeypatch.setattr(dialogs.shutil, "which", lambda name: name if name == "kdialog" else None)
    assert dialogs.native_helper() == "kdialog"
    monkeypatch.setattr(dialogs.shutil, "which", lambda _: None)
    assert dialogs.native_helper() is None
    monkeypatch.setattr(dialogs.sys, "platform", "darwin")
    assert dialogs.native_helper()


@pytest.mark.parametrize(("there", "mark", "words"), [(True, "ok", "yes"), (False, "note", "gcc")])
def test_a_graphics_card_is_told_whether_it_has_kernels(
    monkeypatch: pytest.MonkeyPatch, there: bool, mark: str, words: str
) -> None:
    card = device.Device(torch.device("cuda"), "A card")
    monkeypatch.setattr(device, "choose", lambda wanted: card)
    monkeypatch.setattr(fused_kernels, "available", lambda device: there)
    finding = next(found for found in doctor.devices() if "kernels" in found.text)
    assert finding.mark == mark
    assert words in f"{finding.text} {finding.remedy}"


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "No graphics card"), (1, "1 graphics card"), (4, "4 graphics cards: the first draws")],
)
def test_it_says_how_many_cards_there_are(
    count: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "device_count", lambda: count)
    assert any(found.text.startswith(words) for found in doctor.devices())
