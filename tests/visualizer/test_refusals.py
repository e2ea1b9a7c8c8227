"""A model that cannot be opened: the document stays with the one before, wherever it came from."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.files.images import encode_png
from renderer.frame.frame import Frame
from renderer.recipe import remote_paths
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from renderer.timeline.timeline import KeyFrame, Timeline
from stylegan_t.demo.built_in import START
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.script_calls import ScriptCalls, ScriptError
from visualizer.instruments.sessions import SessionKeeper
from visualizer.session.session_file import SessionFile, encode
from visualizer.session.state import State, Store
from widgets import actions
from widgets.chrome.session_menu import OpenSession
from widgets.controls.timeline_view import SetTimeline, TogglePlay

pytestmark = pytest.mark.display

BAD, GOOD = "/models/clip.mp4", "/models/good.safetensors"
WRONG = Recipe(model=ModelRef(BAD), text=TextPart((Prompt("a boat"),)), psi=0.3)
SENTENCE = f"{BAD} is no model."


class Choosy(FakeThread):
    """Opens every model but those in `bad`."""

    def __init__(self) -> None:
        super().__init__()
        self.bad = {BAD}

    def answer(self, recipe: Recipe) -> Frame:
        if recipe.model.path not in self.bad:
            return super().answer(recipe)
        return Frame(recipe, None, None, SENTENCE, fault="model")


@pytest.fixture
def choosy(open_window: Open) -> Driver:
    ui = open_window(thread=Choosy(), recipe=Recipe(model=ModelRef(GOOD), psi=0.9))
    ui.frames(3)
    return ui


def stays(ui: Driver, path: str) -> None:
    """The document has the model of `path`, there is its picture, and the card says why."""
    ui.frames(4)
    session = ui.app.session
    assert session.recipe.model.path == path
    assert session.error is None
    assert session.frame is not None and session.frame.recipe.model.path == path
    assert session.refusal is not None and session.refusal.sentence == SENTENCE


def test_the_model_before_stays_and_the_first_button_lets_the_card_go(choosy: Driver) -> None:
    session = choosy.app.session
    choosy.app.commands.do(actions.OpenModel(BAD))
    stays(choosy, GOOD)
    assert not session.document.can_undo, "it was never asked for"
    choosy.app.commands.do(actions.RandomSeed())
    choosy.frames(3)
    assert session.frame is not None and session.frame.recipe == session.recipe
    assert session.recent == (GOOD,)
    choosy(lambda c: c.item_click("//Picture/###back"))
    assert session.refusal is None
    assert session.recipe.model.path == GOOD


def test_it_is_opened_again_once_the_file_is_mended(choosy: Driver) -> None:
    thread = choosy.thread
    assert isinstance(thread, Choosy)
    choosy.app.commands.do(actions.OpenModel(BAD))
    stays(choosy, GOOD)
    thread.bad = set()
    choosy(lambda c: c.item_click("//Picture/###retry"))
    assert choosy.recipe.model.path == BAD
    assert choosy.app.session.refusal is None
    choosy.app.commands.do(actions.Undo())
    choosy.frames(3)
    assert choosy.recipe.model.path == GOOD
    thread.bad = {BAD}
    choosy.app.commands.do(actions.OpenModel(BAD))
    stays(choosy, GOOD)
    thread.bad = set()
    choosy.app.commands.do(actions.OpenModel(BAD))
    choosy.frames(3)
    assert thread.forgot == 2
    assert choosy.recipe.model.path == BAD


def picture(ui: Driver) -> None:
    path = ui.home / "boat.png"
    path.write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8), WRONG, "test"))
    ui.app.commands.do(actions.RestoreFile(str(path)))


def session_file(ui: Driver) -> None:
    path = ui.home / "boat.json"
    path.write_bytes(encode(SessionFile(WRONG, {})))
    ui.app.commands.do(OpenSession(str(path)))


def timeline(ui: Driver) -> None:
    start = replace(WRONG, model=ModelRef(BAD), latent=LatentPart(seed=5))
    keys = (KeyFrame(0.0, start), KeyFrame(2.0, WRONG))
    ui.app.commands.do(SetTimeline(Timeline(keys, 4.0)))
    ui.app.commands.do(TogglePlay())


@pytest.mark.parametrize("way", [picture, session_file, timeline])
def test_what_else_a_file_brings_is_kept_on_the_model_before(choosy: Driver, way: Any) -> None:
    way(choosy)
    choosy.until(lambda: choosy.app.session.refusal is not None)
    stays(choosy, GOOD)
    assert choosy.recipe.psi == WRONG.psi
    assert choosy.recipe.text == WRONG.text
    choosy.app.commands.do(actions.Undo())
    choosy.frames(3)
    assert (choosy.recipe.psi, choosy.recipe.model.path) == (0.9, GOOD)


def test_one_can_undo_past_a_step_whose_model_is_gone(choosy: Driver) -> None:
    thread, do = choosy.thread, choosy.app.commands.do
    assert isinstance(thread, Choosy)
    thread.bad = set()
    do(actions.OpenModel(BAD))
    choosy.frames(3)
    do(actions.OpenModel("demo"))
    choosy.frames(3)
    thread.bad = {BAD}
    do(actions.Undo())
    choosy.frames(4)
    assert choosy.recipe.model.path == "demo"
    do(actions.Undo())
    choosy.frames(4)
    assert choosy.recipe.model.path == GOOD
    do(actions.Redo())
    choosy.frames(4)
    assert choosy.recipe.model.path == "demo"


def test_a_start_does_not_begin_with_a_model_that_fails(open_window: Open, tmp_path: Path) -> None:
    state = State(replace(WRONG, model=ModelRef(BAD)), recent_models=(GOOD,))
    ui = open_window(thread=Choosy(), state=state)
    stays(ui, GOOD)
    assert ui.recipe.text == WRONG.text
    saving = ui.app.instrument(SessionKeeper)
    ui.until(lambda: saving._set_aside_before)
    assert BAD in Path(saving._set_aside_before[0][0]).read_text(), "that session is kept"
    ui = open_window(thread=Choosy())
    recipe = Store(tmp_path).load().recipe
    assert recipe is not None and recipe.model.path == GOOD
    assert ui.app.session.refusal is None


def test_a_start_on_a_file_that_is_no_model_goes_on_with_the_last_session(
    open_window: Open,
) -> None:
    last = Recipe(model=ModelRef(GOOD), psi=0.2)
    ui = open_window(thread=Choosy(), state=State(last), recipe=replace(last, model=ModelRef(BAD)))
    stays(ui, GOOD)
    assert ui.recipe == last


def test_all_that_is_known_may_fail_but_not_the_demo_model(open_window: Open) -> None:
    thread = Choosy()
    thread.bad = {BAD, GOOD}
    ui = open_window(thread=thread, state=State(WRONG, recent_models=(GOOD,)))
    ui.frames(4)
    stays(ui, START)


def test_the_model_in_use_stays_when_its_file_goes_and_there_is_a_way_out(choosy: Driver) -> None:
    thread = choosy.thread
    assert isinstance(thread, Choosy)
    thread.bad = {GOOD}
    choosy.app.commands.do(actions.RandomSeed())
    choosy.frames(3)
    assert choosy.recipe.model.path == GOOD
    assert choosy.app.session.error == SENTENCE
    choosy(lambda c: c.item_click("//Picture/###demo"))
    choosy.frames(3)
    assert choosy.recipe.model.path == START
    assert choosy.app.session.error is None


def test_a_script_that_waits_is_told(choosy: Driver) -> None:
    calls = choosy.app.instrument(ScriptCalls)
    choosy.thread.answers = False
    choosy.app.commands.do(actions.OpenModel(BAD))
    choosy.frames(2)
    future: Future[Frame] = Future()
    calls._shown.append(future)
    choosy.thread.answers = True
    choosy.thread.submit(choosy.app.session.recipe)
    choosy.frames(4)
    with pytest.raises(ScriptError, match="is no model"):
        future.result(0)


@pytest.mark.parametrize("part", ["path", "tower"])
def test_a_file_on_another_computer_is_opened_on_the_word_of_the_user(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(remote_paths, "_named", set())
    there = "//host/share/model.safetensors"

    class Careful(FakeThread):
        def answer(self, recipe: Recipe) -> Frame:
            wanted = getattr(recipe.model, part)
            try:
                remote_paths.require(wanted)
            except remote_paths.RemotePathError as error:
                fault = "model" if part == "path" else "tower"
                return Frame(recipe, None, None, str(error), fault=fault)
            return super().answer(recipe)

    ui = open_window(thread=Careful(), recipe=Recipe(model=ModelRef(GOOD)))
    ui.frames(3)
    wanted = replace(ui.recipe, model=replace(ModelRef(GOOD), **{part: there}))
    ui.app.session.edit(wanted)
    ui.frames(4)
    assert not remote_paths.may_open(there)
    ui(lambda c: c.item_click("**/###anyway"))
    ui.until(lambda: ui.app.session.frame and ui.app.session.frame.recipe.model == wanted.model)
    assert ui.recipe == wanted
    assert ui.app.session.error is None and ui.app.session.refusal is None
