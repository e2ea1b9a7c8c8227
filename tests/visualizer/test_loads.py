"""Loads in the window: progress is seen, the prompt goes on, Cancel goes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from stylegan_t.demo.built_in import START
from tests.renderer.fakes import CountingLoader
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeStatus, FakeThread
from visualizer.session.state import State
from widgets import actions, theme
from widgets.context import Options
from widgets.picture.area import SLOW_S

pytestmark = pytest.mark.display

Key = imgui.Key
BIG = "/models/big.safetensors"
LOADING = FakeStatus("loading", "Loading big.safetensors, 40%", 0.4)


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


@pytest.fixture
def loading(open_window: Open, clock: list[float]) -> Driver:
    """A window with a picture of the demo model, in which a big one has begun to load."""
    state = State(Recipe(), Options(open_sections=("Prompt", "Model")))
    ui = open_window(state=state, clock=lambda: clock[0])
    ui.thread.answers, ui.thread.status = False, LOADING
    ui.app.commands.do(actions.OpenModel(BIG))
    ui.frames(2)
    clock[0] += SLOW_S + 0.1
    ui.frames(2)
    return ui


def test_the_old_picture_stays_and_the_load_is_seen(loading: Driver) -> None:
    before = loading.app.screenshot()
    loading.thread.status = FakeStatus("idle")
    after = loading.app.screenshot()
    box = loading.app.layout.picture.box
    assert box is not None
    changed = np.argwhere((before != after).any(axis=2))
    over_picture = changed[(changed[:, 1] > box[0]) & (changed[:, 0] > 100)]
    assert len(over_picture) > 2000, "the card"
    assert loading.app.session.frame is not None
    assert loading.app.session.frame.recipe.model.path == "demo"


def test_a_slow_picture_says_how_far_it_is(open_window: Open, clock: list[float]) -> None:
    """The line above the picture grows, and the words below say it."""
    ui = open_window(state=State(Recipe()), clock=lambda: clock[0])
    ui.thread.answers = False
    looks: list[np.ndarray] = []
    for share in (0.25, 0.75):
        ui.thread.status = FakeStatus("rendering", "Rendering", share)
        ui.frames(1)
        clock[0] += SLOW_S + 0.1
        ui.frames(2)
        looks.append(ui.app.screenshot())
    box, tint = ui.app.layout.picture.clip, np.array(list(bytes.fromhex(theme.ACCENT[1:])), int)
    lines = [look[round(box[1]) + 1, round(box[0]) : round(box[2])] for look in looks]
    lit = [(np.abs(line[:, :3] - tint).max(axis=1) < 12).sum() / len(line) for line in lines]
    assert lit == pytest.approx([0.25, 0.75], abs=0.02)
    foot = [look[-30:, :300] for look in looks]
    assert (foot[0] != foot[1]).any(), "the share stands in the status line"


def test_cancel_on_the_picture_goes_back(loading: Driver) -> None:
    loading(lambda c: c.item_click("//Picture/###cancel"))
    assert loading.recipe.model.path == "demo"
    assert not loading.app.session.document.can_undo
    assert loading.thread.submitted[-1].model.path == "demo"
    assert loading.said[-1] == "Loading big.safetensors was cancelled."


def test_cancel_in_the_section_goes_back(loading: Driver) -> None:
    loading(lambda c: c.item_click("**/###cancel load"))
    assert loading.recipe.model.path == "demo"


def test_escape_cancels_a_load_and_quits_nothing(loading: Driver) -> None:
    loading(lambda c: c.key_press(Key.escape))
    assert loading.recipe.model.path == "demo"
    assert not loading.window.wants_close
    loading.thread.status = FakeStatus("idle")
    loading(lambda c: c.key_press(Key.escape))
    assert not loading.window.wants_close


def test_escape_that_leaves_a_text_box_cancels_nothing(loading: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.yield_(2)
        c.key_press(Key.escape)
        c.yield_(2)

    loading(body)
    assert loading.recipe.model.path == BIG


def test_escape_that_closes_a_menu_cancels_nothing(loading: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click("**/###recent")
        c.yield_(2)
        c.key_press(Key.escape)
        c.yield_(2)

    loading(body)
    assert loading.recipe.model.path == BIG


def test_what_is_typed_during_a_load_survives_its_cancel(loading: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_chars_append("a boat")
        c.yield_(2)

    loading(body)
    assert loading.recipe.model.path == BIG
    assert loading.recipe.text.prompts[0].text == "a boat"
    loading(lambda c: c.item_click("//Picture/###cancel"))
    assert loading.recipe.model.path == "demo"
    assert loading.recipe.text.prompts[0].text == "a boat"
    loading.app.commands.do(actions.Undo())
    assert loading.recipe == Recipe()
    assert not loading.app.session.document.can_undo


def test_without_a_model_before_it_the_demo_model_is_what_is_left(open_window: Open) -> None:
    thread = FakeThread(answers=False, status=LOADING)
    ui = open_window(thread=thread, recipe=Recipe(model=ModelRef(BIG)))
    assert ui.app._back_to() == "the demo model"
    ui.app.commands.do(actions.CancelLoad())
    assert ui.recipe.model.path == START
    ui.frames(2)
    assert ui.app._back_to() == "", "the demo model itself cannot be cancelled"


def test_a_change_of_precision_can_be_cancelled(ui: Driver) -> None:
    ui.thread.answers, ui.thread.status = False, LOADING
    ui.app.session.edit(replace(ui.app.session.recipe, precision="bfloat16"))
    ui.frames(2)
    ui.app.commands.do(actions.CancelLoad())
    assert ui.recipe.precision == "float32"


def test_a_model_swapped_during_a_drag(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.mouse_move("**/Psi/##track")
        c.mouse_down(0)
        c.mouse_move_to_pos((imgui.get_io().mouse_pos.x - 30, imgui.get_io().mouse_pos.y))
        ui.window.dropped.append(BIG)
        while ui.recipe.model.path != BIG:
            c.yield_(1)
        c.mouse_move_to_pos((imgui.get_io().mouse_pos.x - 30, imgui.get_io().mouse_pos.y))
        c.mouse_up(0)

    ui(body)
    assert ui.recipe.model.path == BIG
    psi = ui.recipe.psi
    ui.app.commands.do(actions.Undo())
    assert (ui.recipe.model.path, ui.recipe.psi > psi) == (BIG, True)
    ui.app.commands.do(actions.Undo())
    assert (ui.recipe.model.path, ui.recipe.psi < 1) == ("demo", True)


def test_with_the_real_render_thread(open_window: Open, tmp_path: Path) -> None:
    """Load, cancel, load again: the pictures and the document follow."""
    loader = CountingLoader()
    thread = RenderThread("cpu", load=loader)
    ui = open_window(thread=cast(Any, thread), state=State(Recipe()))
    session = ui.app.session
    ui.until(lambda: session.frame is not None)
    loader.load_s = 0.1
    ui.app.commands.do(actions.OpenModel(BIG))
    ui.until(lambda: thread.status.kind == "loading" and thread.status.share)
    session.edit(replace(session.recipe, text=TextPart((Prompt("a boat"),))))
    ui.frames(2)
    ui.app.commands.do(actions.CancelLoad())
    ui.until(lambda: session.frame and session.frame.recipe.text.prompts[0].text == "a boat")
    assert session.frame is not None
    assert session.frame.recipe.model.path == "demo"
    assert session.error is None
    loader.load_s = 0.0
    ui.app.commands.do(actions.OpenModel(BIG))
    ui.until(lambda: session.frame and session.frame.recipe.model.path == BIG)
    assert session.recipe.model.sha256 == session.frame.model.sha256  # pyright: ignore
    assert loader.paths == ["demo", BIG, BIG]
