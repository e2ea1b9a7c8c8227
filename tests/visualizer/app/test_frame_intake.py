"""What the session learns from frames: the hash of the model, without a step of undo."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import ANNOUNCED, Frame
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart, from_json
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.session.state import State, Store
from widgets import actions
from widgets.context import Options
from widgets.controls.unknown_words import SETTLED_S

pytestmark = pytest.mark.display

OTHER_HASH = "ab" * 32


def hashed(ui: Driver) -> str:
    return ui.app.session.recipe.model.sha256


def test_the_document_carries_the_model_s_hash(open_window: Open) -> None:
    ui = open_window(state=State(Recipe()))
    assert hashed(ui) == MODEL.sha256
    assert not ui.app.session.document.can_undo
    submitted = len(ui.thread.submitted)
    ui.frames(3)
    assert len(ui.thread.submitted) == submitted == 1, "a hash makes no new picture"
    ui.app.commands.do(actions.CopyRecipe())
    assert from_json(imgui.get_clipboard_text()).model.sha256 == MODEL.sha256


def test_a_newcomer_s_empty_picture_need_not_be_drawn(open_window: Open) -> None:
    thread = FakeThread(answers=False)
    ui = open_window(thread=thread, state=State(None))
    assert ui.app.session.greets and ui.recipe.text.prompts == (Prompt(""),)
    grey = torch.zeros(8, 8, 3, dtype=torch.uint8)
    thread._frame = Frame(ui.recipe, MODEL, grey, early=ANNOUNCED)
    ui.frames(2)
    assert ui.recipe.text.prompts == (Prompt(MODEL.example_prompts[0]),)
    assert not ui.app.session.greets and ui.app.session.frame is None
    assert [recipe.text.prompts[0].text for recipe in thread.submitted] == [
        "",
        MODEL.example_prompts[0],
    ]


def test_the_state_keeps_the_hash(open_window: Open, tmp_path: Path) -> None:
    open_window()
    open_window()  # closes the first, which saves
    recipe = Store(tmp_path).load().recipe
    assert recipe is not None
    assert recipe.model.sha256 == MODEL.sha256


def test_another_file_by_hand_clears_the_hash(ui: Driver) -> None:
    ui.thread.answers = False
    ui.app.commands.do(actions.OpenModel("/models/other.safetensors"))
    assert ui.app.session.recipe.model == ModelRef("/models/other.safetensors")


def test_the_same_file_by_hand_means_the_file_as_it_is_now(open_window: Open) -> None:
    ui = open_window(recipe=Recipe(model=ModelRef("/m/a.pkl", OTHER_HASH)))
    assert hashed(ui) == OTHER_HASH, "a recipe's own hash stays, and is compared"
    ui.app.commands.do(actions.OpenModel("/m/a.pkl"))
    ui.frames(3)
    assert hashed(ui) == MODEL.sha256
    assert ui.thread.forgot == 1
    assert not ui.app.session.document.can_undo


def test_undo_and_redo_go_through_hashes(ui: Driver) -> None:
    first = ui.recipe
    text = TextPart((Prompt("a boat"),))
    ui.app.session.edit(replace(ui.app.session.recipe, text=text))
    ui.frames(3)
    ui.app.commands.do(actions.Undo())
    ui.frames(3)
    assert ui.recipe == first
    ui.app.commands.do(actions.Redo())
    ui.frames(3)
    assert ui.recipe.text == text
    assert hashed(ui) == MODEL.sha256


def test_a_note_is_not_said_of_a_text_that_is_being_typed(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class is named by its last letter: until then the picture before says that none is."""
    now_s, note = [100.0], "The text names no class."
    answer = FakeThread.answer

    def noted(thread: FakeThread, recipe: Recipe) -> Frame:
        named = recipe.text.prompts[0].text in ("", "tench")
        return dataclasses.replace(answer(thread, recipe), notes=() if named else (note,))

    monkeypatch.setattr(FakeThread, "answer", noted)
    state = State(Recipe(text=TextPart((Prompt(""),))), Options(open_sections=("Prompt",)))
    ui = open_window(state=state, clock=lambda: now_s[0])
    said: list[list[str]] = []

    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        for letter in "tench!":
            c.key_chars(letter)
            c.yield_(3)
            said.append(list(ui.said))
            now_s[0] += SETTLED_S / 2
        now_s[0] += SETTLED_S
        c.yield_(3)
        said.append(list(ui.said))

    ui(body)
    assert ui.recipe.text.prompts[0].text == "tench!"
    assert said == [[]] * 6 + [[note]], "once the keyboard rests, and once"


def test_a_frame_of_another_path_names_nothing(open_window: Open) -> None:
    ui = open_window(thread=FakeThread(answers=False), recipe=Recipe(model=ModelRef("/m/b.pkl")))
    frame = ui.thread.answer(Recipe(model=ModelRef("/m/a.pkl")))
    assert not ui.app._learner.name_model(frame)
    assert hashed(ui) == ""
