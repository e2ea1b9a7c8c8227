"""Captures from the real window: files of every kind, the same again from the command line."""

from __future__ import annotations

import dataclasses
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace
from PIL import Image

import stylegan_t
from renderer.files.images import encode, encode_png, read_recipe
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import (
    LatentPart,
    ModelRef,
    Move,
    Prompt,
    Recipe,
    TextPart,
    Vector,
    to_json,
)
from tests.renderer.fakes import tiny_model
from tests.source_tree import ROOT
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.control.instrument import Control
from visualizer.control.signal_queue import Signal
from visualizer.options.as_command import program
from visualizer.session import dropped_files
from visualizer.session.session import FORMER
from visualizer.session.state import State
from widgets import actions
from widgets.context import Options
from widgets.controls.grid_view import SheetView
from widgets.tabs.history import HistoryView, Star

pytestmark = pytest.mark.display

Key = imgui.Key
NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
WANTED = Recipe(
    text=TextPart((Prompt("a 'red' house\n日本"),), strength=0.8),
    latent=LatentPart(seed=77),
    psi=-0.3,
)
PLAIN = Recipe(text=TextPart((Prompt("a 'red' house"),)), latent=LatentPart(3))


def capture_state(**options: Any) -> State:
    return State(WANTED, Options(open_sections=("Capture",), **options))


def saved(ui: Driver) -> Path:
    ui.until(lambda: ui.app.session.last_capture)
    return Path(ui.app.session.last_capture)


# -- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WebP", ".webp")]
)
def test_pictures_are_saved_as_the_chosen_kind(open_window: Open, label: str, suffix: str) -> None:
    ui = open_window(state=capture_state(), thread=FakeThread(picture=NOISE))
    ui(lambda c: c.item_click(f"**/format/{label}"))
    ui(lambda c: c.item_click("**/###save picture"))
    path = saved(ui)
    assert path.suffix == suffix
    assert read_recipe(path) == ui.app.session.recipe
    with Image.open(path) as image:
        assert image.format == label.upper()
        if suffix != ".jpg":
            assert np.array_equal(np.asarray(image.convert("RGB")), NOISE)


def test_a_picture_that_went_with_its_graphics_card_is_said_and_the_window_goes_on(
    ui: Driver,
) -> None:
    class Gone:
        def cpu(self) -> Any:
            raise RuntimeError("CUDA error: unspecified launch failure")

    shown = ui.app.session.frame
    assert shown is not None
    # It went straight to the screen, and nobody has looked at its pixels.
    ui.app.session.frame = dataclasses.replace(shown, image=cast(Any, Gone()))
    ui.app.commands.do(Star(0, True))
    ui.app.commands.do(actions.CaptureImage())
    ui.frames(2)
    assert ui.said[-1].startswith("The picture could not be fetched from cpu: CUDA error")
    assert ui.app._context(0.0).see(HistoryView).stars == 1


@pytest.mark.parametrize("way", ["OSC", "key"])
def test_a_capture_right_after_a_change_is_of_the_newest_recipe(
    open_window: Open, way: str
) -> None:
    thread = FakeThread()
    ui = open_window(state=capture_state(), thread=thread)
    thread.answers = False  # the picture of the change is not there before the capture is asked for
    control = ui.app.instrument(Control)
    if way == "OSC":
        control.inbox.put(Signal("/latent/seed", (78,)))
        control.inbox.put(Signal("/capture"))
        ui.frames(1)
    else:
        ui.app.session.edit(replace(ui.recipe, latent=LatentPart(seed=78)))
        ui.app.commands.do(actions.CaptureImage())
    shown = ui.app.session.frame
    assert shown is not None
    assert shown.recipe.latent.seed != 78
    assert read_recipe(saved(ui)).latent.seed == 78


def test_a_capture_of_what_cannot_be_drawn_says_why_and_saves_nothing(open_window: Open) -> None:
    thread = FakeThread()
    ui = open_window(state=capture_state(), thread=thread)
    thread.answers, thread.error = False, "The model is gone."
    ui.app.session.edit(replace(ui.recipe, latent=LatentPart(seed=78)))
    ui.app.commands.do(actions.CaptureImage())
    ui.until(lambda: "There is no picture to save. The model is gone." in ui.said)
    assert ui.app.session.last_capture == ""


def test_the_kind_is_kept_and_reset(open_window: Open) -> None:
    ui = open_window(state=capture_state(capture_format="webp"))
    ui(lambda c: c.item_click("**/###save window"))
    assert saved(ui).suffix == ".webp"
    ui(lambda c: c.item_click("**/Format/###reset"))
    assert ui.app.session.options.capture_format == "png"


def test_a_dropped_file_of_each_kind_brings_everything_back(
    open_window: Open, tmp_path: Path
) -> None:
    ui = open_window()
    for index, suffix in enumerate((".png", ".jpg", ".webp", ".json")):
        wanted = replace(WANTED, latent=LatentPart(seed=index))
        path = tmp_path / f"a{suffix}"
        json = to_json(wanted).encode()
        path.write_bytes(json if suffix == ".json" else encode(NOISE, wanted, suffix))
        ui.window.dropped.append(str(path))
        ui.until(lambda wanted=wanted: ui.recipe == wanted)
        # Once, the user is told that there is another demo model than these were made with.
        told = f" {FORMER}" if index == 0 else ""
        assert ui.said[-1] == f"Restored everything from a{suffix}.{told}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged"),
        (b'{"stylegan_t_recipe": 99, "recipe": {}}', "newer version"),
        (b'{"stylegan_t_recipe": 2, "recipe": {"psi": NaN}}', "not a recipe"),
        (b"[" * 100_000, "contains no direction"),
        (encode_png(NOISE, None), "contains no recipe"),
        (encode_png(NOISE, WANTED)[:200], "cut off"),
    ],
)
def test_a_bad_file_is_a_sentence_and_nothing_changes(
    ui: Driver, tmp_path: Path, data: bytes, words: str
) -> None:
    before = ui.recipe
    (tmp_path / "a.png").write_bytes(data)
    ui.window.dropped.append(str(tmp_path / "a.png"))
    ui.until(lambda: any(words in text for text in ui.said))
    assert ui.said[-1].endswith(".")
    assert ui.recipe == before


def test_a_dropped_sheet_opens_the_grid_as_it_was(ui: Driver, tmp_path: Path) -> None:
    sheet = Sheet(Axis("position", count=2), Axis("seed", count=4, seed=9))
    (tmp_path / "sheet.png").write_bytes(encode(NOISE, WANTED, ".png", sheet=sheet))
    ui.window.dropped.append(str(tmp_path / "sheet.png"))
    ui.until(lambda: ui.recipe == WANTED)
    assert ui.app.session.options.drawer == "Grid"
    assert ui.app._context(0.0).see(SheetView).sheet == sheet


def test_a_vanished_folder_is_made_again(open_window: Open, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "inside"
    ui = open_window(state=capture_state(capture_folder=str(folder)))
    ui(lambda c: c.item_click("**/###save picture"))
    assert saved(ui).parent == folder


def test_a_jpeg_that_cannot_hold_the_recipe_says_so(open_window: Open) -> None:
    long = replace(WANTED, text=TextPart((Prompt("wörd " * 18_000),)))
    options = Options(open_sections=("Capture",), capture_format="jpg")
    ui = open_window(state=State(long, options))
    ui(lambda c: c.item_click("**/###save picture"))
    ui.until(lambda: any("save a PNG" in text for text in ui.said))
    assert not (ui.home / "captures").exists()


# -- the folder ----------------------------------------------------------------------------------


def test_the_folder_is_shown_once_it_is_there(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(
        dropped_files, "show_in_file_manager", lambda folder: bool(shown.append(folder))
    )
    ui = open_window(state=capture_state())
    ui(lambda c: c.item_click("**/###show"))
    assert "will be created with the first capture" in ui.said[-1]
    (ui.home / "captures").mkdir()
    ui(lambda c: c.item_click("**/###show"))
    assert shown == [ui.home / "captures"]
    assert "no file manager" in ui.said[-1]


# -- the command ---------------------------------------------------------------------------------


def copied(ui: Driver) -> str:
    """What is on the clipboard after a press on Copy command."""
    texts: list[str] = []

    def body(c: Any) -> None:
        imgui.set_clipboard_text("")
        c.item_click("**/###copy command")
        while not imgui.get_clipboard_text():
            c.yield_(1)
        texts.append(imgui.get_clipboard_text())  # while the driver holds it

    ui(body)
    return texts[0]


def test_without_a_picture_there_is_no_command(open_window: Open) -> None:
    ui = open_window(thread=FakeThread(answers=False))
    ui.app.commands.do(actions.CopyCommand())
    assert ui.said[-1] == "There is no picture yet that a command could render."


def test_a_plain_recipe_is_copied_as_options(open_window: Open) -> None:
    ui = open_window(state=State(PLAIN, Options(open_sections=("Capture",))))
    words = shlex.split(copied(ui))
    assert words[len(program()) :] == [
        *("render", "--model", "demo", "--prompt", "a 'red' house"),
        *("--seed", "3", "--out", "a-red-house-seed3.png"),
    ]
    assert ui.said[-1] == "Copied the command."


def test_any_other_recipe_is_kept_beside_the_settings(open_window: Open) -> None:
    smile = Vector(1, np.full(64, 0.1, "<f4").tobytes())
    moved = replace(WANTED, moves=(Move("vector", amount=1.0, vector=smile),))
    ui = open_window(state=State(moved, Options(open_sections=("Capture",))))
    words = shlex.split(copied(ui))
    file = Path(words[words.index("--recipe") + 1])
    assert file.parent == ui.home / "commands"
    assert not (ui.home / "captures").exists()
    assert read_recipe(file) == ui.app.session.recipe
    assert file.name in ui.said[-1]


@pytest.mark.parametrize(
    ("recipe", "suffix"),
    [(PLAIN, "png"), (WANTED, "png"), (PLAIN, "jpg"), (WANTED, "webp")],
)
def test_the_copied_command_makes_the_capture_to_the_byte(
    open_window: Open, tmp_path: Path, recipe: Recipe, suffix: str
) -> None:
    model = tmp_path / "tiny model.safetensors"
    stylegan_t.save(tiny_model(3), model)
    options = Options(open_sections=("Capture",), capture_format=cast(Any, suffix))
    wanted = replace(recipe, model=ModelRef(str(model)))
    ui = open_window(thread=cast(FakeThread, RenderThread("cpu")), state=State(wanted, options))
    ui.until(lambda: ui.app.session.frame)
    ui(lambda c: c.item_click("**/###save picture"))
    capture = saved(ui)
    command = copied(ui)
    work = tmp_path / "elsewhere"
    work.mkdir()
    if program()[-1] == "visualizer":  # the sources, not installed
        command = f"PYTHONPATH={shlex.quote(str(ROOT))} {command}"
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(command, shell=True, cwd=work, env=environment, check=True, timeout=60)
    (made,) = work.iterdir()
    assert made.read_bytes() == capture.read_bytes()
