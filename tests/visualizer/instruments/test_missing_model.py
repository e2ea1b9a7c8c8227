"""A recipe whose model is not there: what is looked for, offered, and taken."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.files.images import encode_png
from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from stylegan_t.demo.built_in import START, is_built_in
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.missing_model import MissingModel
from visualizer.session.state import State
from widgets.picture.error_card import Missing

pytestmark = pytest.mark.display

DATA = b"these are the weights"
SHA256 = hashlib.sha256(DATA).hexdigest()
GONE = ModelRef("/elsewhere/net.safetensors", SHA256)
WANTED = Recipe(model=GONE, text=TextPart((Prompt("a boat"),)))


class PickyThread(FakeThread):
    """Only files that exist have pictures."""

    def answer(self, recipe: Recipe) -> Any:
        missing = not is_built_in(recipe.model.path) and not Path(recipe.model.path).exists()
        self.error = f"The model {recipe.model.path} is not there." if missing else None
        self.fault = "missing" if missing else ""
        model, self.model = self.model, None if missing else self.model
        try:
            return super().answer(recipe)
        finally:
            self.model = model


@pytest.fixture
def start(open_window: Open) -> Any:
    def start(recipe: Recipe = WANTED, **options: Any) -> Driver:
        ui = open_window(thread=PickyThread(), recipe=recipe, **options)
        ui.until(lambda: view(ui) and not view(ui).searching)
        return ui

    return start


def view(ui: Driver) -> Any:
    return next(iter(ui.app.instrument(MissingModel).views(0.0)), None)


def put(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_file_with_the_hash_beside_recent_models_is_offered(start: Any, tmp_path: Path) -> None:
    put(tmp_path / "a" / "net.safetensors", b"another net")
    right = put(tmp_path / "b" / "net.safetensors")
    recent = (str(tmp_path / "a" / "x.pkl"), str(tmp_path / "b" / "y.pkl"))
    ui = start(state=State(recent_models=recent))
    assert view(ui).found == str(right)
    ui(lambda c: c.item_click("//Picture/###found"))
    assert ui.app.session.recipe.model == ModelRef(str(right), SHA256)
    assert ui.app.session.error is None
    assert view(ui) is None
    assert ui.recipe.text == WANTED.text
    ui.app.session.document.undo()
    assert ui.recipe.model.path == START, "the one that stayed until it was found"


def test_a_file_beside_the_dropped_picture_is_offered(start: Any, tmp_path: Path) -> None:
    right = put(tmp_path / "sent" / "net.safetensors")
    picture = tmp_path / "sent" / "boat.png"
    picture.write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8), WANTED, "test"))
    ui = start(Recipe(model=ModelRef("/elsewhere/first.pkl")))
    ui.window.dropped.append(str(picture))
    ui.until(lambda: view(ui) and view(ui).found)
    assert view(ui).found == str(right)


def test_a_file_among_the_captures_is_offered_and_without_a_hash_the_name_counts(
    start: Any, tmp_path: Path
) -> None:
    path = put(tmp_path / "captures" / "net.safetensors", b"anything")
    ui = start(Recipe(model=ModelRef("/elsewhere/net.safetensors")))
    assert (view(ui).found, view(ui).sha256) == (str(path), "")


def test_the_user_shows_the_file(start: Any, tmp_path: Path) -> None:
    path = put(tmp_path / "somewhere" / "renamed.safetensors")
    ui = start()
    assert view(ui) == Missing("net.safetensors", SHA256)

    def body(c: Any) -> None:
        c.item_click("//Picture/###look")
        c.yield_(2)
        c.item_click("//File browser/##path")
        c.key_chars_replace_enter(str(path))

    ui(body)
    ui.until(lambda: ui.app.session.recipe.model == ModelRef(str(path), SHA256))


def test_another_file_is_taken_only_after_a_warning(start: Any, tmp_path: Path) -> None:
    path = put(tmp_path / "other.safetensors", b"another net")
    ui = start()
    ui.app.instrument(MissingModel).choose(path)
    ui.until(lambda: view(ui).other)
    assert view(ui).other_sha256 == hashlib.sha256(b"another net").hexdigest()
    assert ui.recipe.model.path == START
    ui(lambda c: c.item_click("//Picture/###other"))
    assert ui.recipe.model == ModelRef(str(path))


def test_the_model_that_stayed_and_others_are_a_click_away(start: Any) -> None:
    ui = start()
    ui(lambda c: c.item_click("//Picture/###another"))
    assert ui.app._dialogs._browser is not None
    ui(lambda c: c.item_click("//File browser/Cancel"))
    ui(lambda c: c.item_click("//Picture/###back"))
    assert view(ui) is None
    assert ui.recipe.model.path == START
    assert ui.recipe.text == WANTED.text


def test_a_file_that_cannot_be_read_is_a_sentence(start: Any, tmp_path: Path) -> None:
    ui = start()
    ui.app.instrument(MissingModel).choose(tmp_path / "not-there.pkl")
    ui.until(lambda: any("cannot be read" in text for text in ui.said))
    assert view(ui).searching == ""


def test_a_search_ends_when_another_model_is_opened(start: Any, tmp_path: Path) -> None:
    ui = start()
    ui.app.session.edit(Recipe(model=ModelRef(str(put(tmp_path / "there.safetensors")))))
    ui.frames(3)
    assert view(ui) is None
    assert not ui.app._jobs.busy
