"""The text tower in the window: the row, the dialog, and a download only when it is asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace as changed

from renderer.recipe.recipe import ModelRef, Recipe
from stylegan_t.encoders.text import TowerError
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.instruments.text_tower import Towers
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display

NAMED = "open_clip:ViT-L-14/openai"
STATE = State(Recipe(), Options(open_sections=("Prompt", "Model")))


@dataclass
class FakeTower:
    name: str
    c_dim: int = MODEL.c_dim


@dataclass
class FakeLibrary:
    """Text towers without open_clip and without a network; counts what is asked of it."""

    here: set[str] = field(default_factory=set)
    c_dim: int = MODEL.c_dim
    opened: list[tuple[str, bool]] = field(default_factory=list)
    may_arrive: threading.Event = field(default_factory=threading.Event)

    def known_towers(self) -> tuple[tuple[str, str], ...]:
        return (("ViT-L-14", "openai"), ("ViT-B-32", "laion2b_s34b_b79k"), ("RN50", "openai"))

    def open_tower(
        self, spec: str, *, download: bool = False, progress: Callable[[float], None] | None = None
    ) -> Any:
        self.opened.append((spec, download))
        if download:
            assert progress is not None
            while not self.may_arrive.is_set():
                progress(0.25)
                time.sleep(0.005)
            self.here.add(spec)
        if spec not in self.here:
            raise TowerError(f"{spec} is not on this computer; have it downloaded.")
        return FakeTower(spec, self.c_dim)


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def ui(open_window: Open, library: FakeLibrary) -> Driver:
    """A window on a model that takes text and contains no tower."""
    thread = FakeThread(replace(MODEL, text_tower=None))
    ui = open_window(thread=thread, state=STATE)
    ui.app.instrument(Towers).library = library
    return ui


def until(c: Any, condition: Callable[[], object]) -> None:
    """Let frames pass, inside one run of the engine (a dialog does not outlive a run)."""
    for _ in range(2000):
        if condition():
            return
        c.yield_(1)
        time.sleep(0.002)
    raise AssertionError("it did not happen")


def open_dialog(c: Any, ui: Driver) -> None:
    """By the button of the prompt section."""
    c.item_click("**/###choose tower")
    until(c, lambda: ui.app.instrument(Towers).view.known is not None)
    c.yield_(2)


def mark(c: Any, spec: str) -> None:
    """Click a tower in the list."""
    name = spec.replace("/", "\\/")
    c.item_click(f"//Text tower/**/###{name}")
    c.yield_(1)


def test_a_tower_on_this_computer_is_used_at_once(ui: Driver, library: FakeLibrary) -> None:
    library.here.add(NAMED)

    def body(c: Any) -> None:
        open_dialog(c, ui)
        mark(c, NAMED)
        c.item_click("//Text tower/Use it")
        until(c, lambda: ui.recipe.model.tower == NAMED)

    ui(body)
    assert library.opened == [(NAMED, False)]
    assert ui.thread.towers == [NAMED]
    assert ui.app.session.document.can_undo


def test_a_download_needs_a_click_of_its_own(ui: Driver, library: FakeLibrary) -> None:
    towers = ui.app.instrument(Towers)

    def body(c: Any) -> None:
        open_dialog(c, ui)
        mark(c, NAMED)
        c.item_click("//Text tower/Use it")
        until(c, lambda: towers.view.absent == NAMED)
        assert library.opened == [(NAMED, False)]
        assert ui.recipe.model.tower == ""
        c.yield_(2)
        c.item_click("//Text tower/###download")
        until(c, lambda: towers.view.share == 0.25)
        assert towers.view.opening == "Downloading ViT-L-14 (openai)"

    ui(body)
    before = len(ui.thread.submitted)
    ui.app.session.edit(changed(ui.app.session.recipe, psi=0.5))
    ui.frames(2)
    assert len(ui.thread.submitted) > before, "pictures go on meanwhile"
    library.may_arrive.set()
    ui.until(lambda: ui.recipe.model.tower == NAMED)
    assert library.opened[-1] == (NAMED, True)


def test_a_download_can_be_cancelled(ui: Driver) -> None:
    def body(c: Any) -> None:
        open_dialog(c, ui)
        ui.app.instrument(Towers).download(NAMED)
        until(c, lambda: ui.app.instrument(Towers).view.share == 0.25)
        c.item_click("//Text tower/###cancel")
        c.yield_(2)

    ui(body)
    assert ui.app.instrument(Towers).view.opening == ""
    ui.until(lambda: not ui.app._jobs._running)
    assert ui.recipe.model.tower == ""
    assert ui.said[-1] == "Downloading ViT-L-14 (openai) was cancelled."


def test_a_tower_that_does_not_fit_is_not_taken(ui: Driver, library: FakeLibrary) -> None:
    library.c_dim = 512
    library.here.add(NAMED)
    ui.app.instrument(Towers).use(NAMED)
    ui.until(lambda: ui.app.instrument(Towers).view.problem)
    assert "gives 512 values for a prompt, but Little landscapes takes 128" in (
        ui.app.instrument(Towers).view.problem
    )
    assert ui.recipe.model.tower == ""
    assert ui.thread.towers == []


def test_a_file_is_a_tower_too(ui: Driver, library: FakeLibrary, tmp_path: Path) -> None:
    path = tmp_path / "clip.safetensors"
    path.touch()
    library.here.add(str(path))

    def body(c: Any) -> None:
        open_dialog(c, ui)
        c.item_click("//Text tower/###file")
        c.yield_(3)
        c.item_click("//File browser/##path")
        c.key_chars_replace_enter(str(path))

    ui(body)
    ui.until(lambda: ui.recipe.model.tower == str(path))


def test_a_file_that_is_no_tower_is_a_sentence_without_a_download(ui: Driver) -> None:
    ui.app.instrument(Towers).use("/towers/bad.pt")
    ui.until(lambda: ui.app.instrument(Towers).view.problem)
    assert ui.app.instrument(Towers).view.absent == ""


def test_the_row_resets_to_the_checkpoint_s_own(open_window: Open, library: FakeLibrary) -> None:
    only = Options(open_sections=("Model",))
    ui = open_window(state=State(Recipe(model=ModelRef(tower=NAMED)), only))
    ui.app.instrument(Towers).library = library
    ui(lambda c: c.item_click("**/Text tower/###reset"))
    assert ui.recipe.model.tower == ""

    def body(c: Any) -> None:
        c.item_click("**/Text tower/###tower")
        c.yield_(2)
        assert c.item_exists("//Text tower/###file")
        c.key_press(imgui.Key.escape)
        c.yield_(2)
        assert not c.item_exists("//Text tower/###file")

    ui(body)


def test_search_narrows_the_list(ui: Driver) -> None:
    def body(c: Any) -> None:
        open_dialog(c, ui)
        c.item_click("//Text tower/##search")
        c.key_chars_replace("vit laion")
        c.yield_(2)
        assert c.item_exists("//Text tower/**/###open_clip:ViT-B-32\\/laion2b_s34b_b79k")
        assert not c.item_exists("//Text tower/**/###open_clip:RN50\\/openai")

    ui(body)


def test_a_recipe_whose_tower_is_not_there_offers_the_choice(open_window: Open) -> None:
    thread = FakeThread(error="There is no such text tower.", fault="tower")
    ui = open_window(thread=thread, recipe=Recipe(model=ModelRef(tower="gone.pt")))
    ui.app.instrument(Towers).library = FakeLibrary()

    def body(c: Any) -> None:
        c.item_click("//Picture/###choose tower")
        until(c, lambda: ui.app.instrument(Towers).view.known is not None)
        c.yield_(2)
        mark(c, "own")
        c.item_click("//Text tower/Use it")
        c.yield_(2)

    ui(body)
    assert ui.recipe.model.tower == ""


def test_towers_that_cannot_be_listed_are_a_sentence(ui: Driver, library: FakeLibrary) -> None:
    def broken() -> Any:
        raise TowerError("open_clip is not installed.")

    library.known_towers = broken
    ui(lambda c: open_dialog(c, ui))
    assert ui.app.instrument(Towers).view.problem == "open_clip is not installed."
