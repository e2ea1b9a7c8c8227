"""What happens while something else is open or held: other models, pictures that fail, files."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import Frame
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, to_json
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.services.dialogs import MODEL as OPEN_MODEL
from visualizer.services.dialogs import SAVE_SESSION
from visualizer.session.state import State
from widgets.actions import OpenModel, ShowDialog
from widgets.chrome.tour import StartTour
from widgets.context import Options

pytestmark = pytest.mark.display

SMALL, BAD = "/models/small.safetensors", "/models/bad.safetensors"
SMALL_MODEL = dataclasses.replace(
    MODEL,
    path=SMALL,
    c_dim=0,
    z_dim=4,
    num_ws=6,
    blocks=(8, 16),
    rows_of_block=((0, 3), (3, 6)),
    example_prompts=(),
    vocabulary=(),
)
DROPPED = Recipe(text=TextPart((Prompt("a dropped boat"),)), psi=0.3)


class Various(FakeThread):
    """Has a large model, a small one without text, and one that cannot be opened."""

    def answer(self, recipe: Recipe) -> Frame:
        if recipe.model.path == BAD:
            return Frame(recipe, None, None, f"{BAD} is no model.", fault="model")
        self.model = SMALL_MODEL if recipe.model.path == SMALL else MODEL
        return super().answer(recipe)


def swap(ui: Driver, tmp_path: Path) -> Callable[[], bool]:
    ui.app.commands.do(OpenModel(SMALL))
    return lambda: ui.app.session.model == SMALL_MODEL


def refuse(ui: Driver, tmp_path: Path) -> Callable[[], bool]:
    ui.app.commands.do(OpenModel(BAD))
    return lambda: ui.app.session.refusal is not None


def fail(ui: Driver, tmp_path: Path) -> Callable[[], bool]:
    ui.thread.error, ui.thread.fault = "Memory ran out.", "memory"
    ui.app.session.edit(replace(ui.app.session.recipe, latent=LatentPart(seed=9)))
    return lambda: ui.app.session.error is not None


def drop(ui: Driver, tmp_path: Path) -> Callable[[], bool]:
    file = tmp_path / "dropped.json"
    file.write_text(to_json(DROPPED))
    ui.window.dropped.append(str(file))
    return lambda: any("dropped.json" in said for said in ui.said)


EVENTS = (swap, refuse, fail, drop)
"""Each returns what tells that it has come to pass."""
Event = Callable[[Driver, Path], Callable[[], bool]]
DIALOGS: dict[str, Callable[[Driver, Path], None]] = {
    "Shortcuts": lambda ui, _: ui.app.commands.do(ShowDialog("shortcuts")),
    "Messages": lambda ui, _: ui.app.commands.do(ShowDialog("messages")),
    "About": lambda ui, _: ui.app.commands.do(ShowDialog("about")),
    "Text tower": lambda ui, _: ui.app.commands.do(ShowDialog("tower")),
    "File browser": lambda ui, path: ui.app._dialogs.ask(OPEN_MODEL, path, lambda _: None),
    "File browser###save": lambda ui, path: ui.app._dialogs.ask(SAVE_SESSION, path, lambda _: None),
}


def opened(open_window: Open, *sections: str) -> Driver:
    ui = open_window(thread=Various(), state=State(Recipe(), Options(open_sections=sections)))
    ui.frames(3)
    return ui


def sound(ui: Driver) -> None:
    """Everything was drawn, and no button is held."""
    ui.frames(4)
    assert not [said for said in ui.said if "could not be drawn" in said]
    assert not imgui.is_any_mouse_down()
    assert imgui.internal.get_active_id() == 0


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("title", DIALOGS)
def test_a_dialog_stays_and_can_be_left_whatever_happens_behind_it(
    open_window: Open, tmp_path: Path, title: str, event: Event
) -> None:
    ui = opened(open_window, "Prompt")
    DIALOGS[title](ui, tmp_path)
    ui.frames(3)
    window = title.partition("###")[0]

    def is_open() -> bool:
        return imgui.is_popup_open("", imgui.PopupFlags_.any_popup)

    assert is_open()
    ui.until(event(ui, tmp_path))
    ui.frames(3)
    assert is_open() and imgui.internal.find_window_by_name(window).active
    ui(lambda c: c.key_press(imgui.Key.escape))
    assert not is_open()
    sound(ui)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    ("sections", "item"),
    [
        (("Truncation",), "**/Psi/##track"),
        (("Truncation", "Rows and blocks"), "**/Blocks/$$3/##track"),
    ],
)
def test_what_is_held_may_vanish(
    open_window: Open, tmp_path: Path, sections: tuple[str, ...], item: str, event: Event
) -> None:
    ui = opened(open_window, *sections)
    happened: list[bool] = []

    def hold(c: Any) -> None:
        c.mouse_move(item)
        c.mouse_down(0)
        c.mouse_move_to_pos(imgui.get_io().mouse_pos + imgui.ImVec2(9, -9))
        passed: list[Callable[[], bool]] = []

        def begin(_: None) -> None:  # between two frames, as it comes in the program
            passed.append(event(ui, tmp_path))

        ui.app._background.run(lambda: None, begin, ui.app.session.say)
        for _ in range(400):
            if passed and passed[0]():
                break
            time.sleep(0.01)
            c.yield_()
        happened.append(passed[0]())
        c.mouse_move_to_pos(imgui.get_io().mouse_pos + imgui.ImVec2(9, 9))
        c.yield_(3)
        c.mouse_up(0)

    ui(hold)
    assert happened == [True]
    sound(ui)


@pytest.mark.parametrize("event", EVENTS)
def test_the_tour_ends_whatever_happens_in_it(
    open_window: Open, tmp_path: Path, event: Event
) -> None:
    ui = opened(open_window, "Prompt")
    ui.app.commands.do(StartTour())
    ui.frames(4)
    assert ui.app.session.own is not None
    event(ui, tmp_path)
    ui.frames(9)
    ui(lambda c: c.key_press(imgui.Key.escape))
    ui.until(lambda: ui.app.session.own is None)
    sound(ui)
