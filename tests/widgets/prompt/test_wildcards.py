"""Wildcards in the Prompt panel: what was drawn is below the box, and can be drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from visualizer.control.instrument import Control
from visualizer.control.signal_queue import Signal

pytestmark = pytest.mark.display
Key = imgui.Key


def test_wildcards_are_typed_drawn_again_and_undone(open_window: Open, tmp_path: Path) -> None:
    lists = tmp_path / "wildcards"
    lists.mkdir()
    (lists / "hues.txt").write_text("pale\ndark\nbright\n")
    ui = open_window(recipe=Recipe(text=TextPart((Prompt("x"),))))

    def type_it(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_press(Key.mod_ctrl | Key.a)
        c.key_chars("a __hues__ {house|boat}")
        c.key_press(Key.escape)

    ui(type_it)
    first = ui.recipe.text
    assert first.prompts[0].template == "a __hues__ {house|boat}"
    words = first.prompts[0].text.split()
    assert words[0] == "a" and words[1] in ("pale", "dark", "bright")
    assert words[2] in ("house", "boat")
    ui(lambda c: c.item_click("**/prompt0/###draw again"))
    assert ui.recipe.text.prompts[0].text != first.prompts[0].text
    assert ui.recipe.text.prompts[0].template == first.prompts[0].template
    ui.app.session.document.undo()
    ui.frames(2)
    assert ui.recipe.text == first

    inbox = ui.app.instrument(Control).inbox
    inbox.put(Signal("/text/wildcard/seed", (0,)))
    inbox.put(Signal("/text/prompt/1", ("the __hues__ sea",)))
    ui.frames(3)
    assert ui.recipe.text.prompts[0].text in {
        f"the {hue} sea" for hue in ("pale", "dark", "bright")
    }
    assert ui.recipe.text.prompts[0].template == "the __hues__ sea"

    def empty(c: Any) -> None:
        c.item_click("**/prompt0/###more")
        c.item_click("//$FOCUSED/Empty")

    ui(empty)
    assert ui.recipe.text.prompts == (Prompt(""),)
