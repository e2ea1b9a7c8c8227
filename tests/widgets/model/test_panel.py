"""The panel of the model: its size in words, and what is odd about its file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.session.state import State
from widgets.context import Options
from widgets.model.panel import facts

WARNING = "a.pkl names os.system, which no snapshot of StyleGAN-T's code does."


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1_123_000_000, "1.12 billion parameters"),
        (4_300_000, "4.3 million parameters"),
        (32_768, "32,768 parameters"),
    ],
)
def test_the_size_of_a_model_in_words(count: int, words: str) -> None:
    assert words in facts(replace(MODEL, parameters=count))


@pytest.mark.display
@pytest.mark.parametrize("warning", [WARNING, ""])
def test_what_is_odd_about_the_file_is_told_at_once_and_in_the_panel(
    open_window: Open, monkeypatch: pytest.MonkeyPatch, warning: str
) -> None:
    written: list[str] = []
    write = imgui.text_unformatted
    monkeypatch.setattr(imgui, "text_unformatted", lambda text: (written.append(text), write(text)))
    ui = open_window(
        state=State(Recipe(), Options(open_sections=("Model",))),
        thread=FakeThread(model=replace(MODEL, warning=warning)),
    )
    ui.frames(2)
    panel = [text for text in written if text.endswith(WARNING) and text != WARNING]
    assert bool(panel) == bool(warning)
    assert (WARNING in ui.said) == bool(warning)
    assert ui.said.count(WARNING) <= 1
