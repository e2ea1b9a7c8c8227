"""The buttons that undo and redo, in both tabs that have them, with a real mouse."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.timeline_view import AddKey

pytestmark = pytest.mark.display


@pytest.mark.parametrize("tab", ["History", "Timeline"])
def test_they_undo_and_redo_the_last_step_wherever_it_was_done(open_window: Open, tab: str) -> None:
    ui = open_window(state=State(Recipe(psi=0.75), Options(drawer=tab)))
    document = ui.app.session.document
    ui.app.commands.do(AddKey())
    ui.app.session.edit(replace(document.recipe, psi=0.5))
    ui.frames(2)
    ui(lambda c: c.item_click("**/###undo"))
    assert (document.recipe.psi, len(document.timeline.keys)) == (0.75, 1)
    ui(lambda c: c.item_click("**/###redo"))
    assert (document.recipe.psi, len(document.timeline.keys)) == (0.5, 1)


def test_they_are_greyed_out_where_there_is_nothing(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(), Options(drawer="History")))
    greyed: list[tuple[bool, ...]] = []

    def look(c: Any) -> None:
        flags = [c.item_info(f"**/###{name}").item_flags for name in ("undo", "redo")]
        greyed.append(tuple(bool(flag & imgui.ItemFlags_.disabled) for flag in flags))

    ui(look)
    ui.app.commands.do(AddKey())
    ui.frames(2)
    ui.app.session.options = replace(ui.app.session.options, drawer="History")
    ui.frames(2)
    ui(look)
    ui(lambda c: c.item_click("**/###undo"))
    ui(look)
    assert greyed == [(True, True), (False, True), (True, False)]
