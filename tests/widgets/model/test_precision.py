"""The precision row edits the recipe, and the performance panel shows it."""

from __future__ import annotations

import pytest

from renderer.recipe.recipe import Recipe
from tests.visualizer.conftest import Open
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display


def test_a_click_chooses_and_the_reset_goes_back(open_window: Open) -> None:
    ui = open_window(state=State(Recipe(), Options(open_sections=("Model", "Performance"))))
    for kind in ("bfloat16", "float16"):
        ui(lambda c, kind=kind: c.item_click(f"**/Precision/precision/{kind}"))
        assert ui.recipe.precision == kind
    ui(lambda c: c.item_click("**/Precision/###reset"))
    assert ui.recipe.precision == "float32"
    ui.app.session.document.undo()
    assert ui.recipe.precision == "float16"
