"""Lists that grow with data: a redraw draws what can be seen, or a bounded part of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.session.state import State
from widgets.chrome import file_list
from widgets.chrome.file_browser import FileBrowser
from widgets.context import Options
from widgets.controls import buttons
from widgets.controls.buttons import MAX_CHIPS
from widgets.prompt import suggestions

pytestmark = pytest.mark.display

MANY = tuple(f"word {number}" for number in range(20_000))


def counted(monkeypatch: pytest.MonkeyPatch, module: object) -> list[str]:
    """The texts that `module` fits into its room from now on."""
    texts, fitted = list[str](), buttons.fitted

    def count(text: str, width: float) -> str:
        texts.append(text)
        return fitted(text, width)

    monkeypatch.setattr(module, "fitted", count)
    return texts


def test_of_a_model_s_words_a_redraw_draws_a_few_hundred(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = (("things", MANY), ("colours", MANY))
    model = dataclasses.replace(MODEL, example_prompts=MANY, vocabulary=topics, left_out=7)
    opened = Options(open_sections=("Prompt", suggestions.MORE, suggestions.WORDS))
    ui = open_window(state=State(Recipe(), opened), thread=FakeThread(model=model))
    ui.frames(3)
    drawn = counted(monkeypatch, buttons)
    ui.frames(1)
    assert "fewer" in drawn
    assert "word 1" in drawn
    assert len(drawn) <= MAX_CHIPS + suggestions.MAX_WORDS + 50


def test_a_very_long_label_is_not_measured_as_a_whole(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, measure = list[int](), imgui.calc_text_size

    def count(text: str) -> object:
        measured.append(len(text))
        return measure(text)

    open_window()
    monkeypatch.setattr(buttons.imgui, "calc_text_size", count)
    assert buttons.fitted("i" * 100_000, 200.0).endswith("i…")
    assert sum(measured) < 20_000
    assert buttons.fitted("short", 200.0) == "short"


def test_of_a_folder_of_thousands_a_redraw_draws_what_is_seen(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number:04}.json").touch()
    ui = open_window()
    browser = FileBrowser("Open", str(folder), (".json",))
    ui.app._dialogs.draw = browser.draw  # pyright: ignore[reportAttributeAccessIssue]
    ui.frames(3)
    drawn = counted(monkeypatch, file_list)
    ui.frames(1)
    assert "0000.json" in drawn
    assert len(drawn) < 100
