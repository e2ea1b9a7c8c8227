"""Models that come with the program are a click away in the window's menus of models."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import ModelRef, Recipe
from stylegan_t.demo.built_in import BUILT_IN
from tests.visualizer.conftest import Open
from visualizer.session.state import State
from widgets.context import Options

pytestmark = pytest.mark.display


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_can_be_chosen_whatever_was_open_before(open_window: Open, name: str) -> None:
    other = replace(Recipe(), model=ModelRef("/models/another.safetensors"))
    ui = open_window(state=State(other, Options(open_sections=("Model",))))

    def body(c: Any) -> None:
        c.item_click("**/###recent")
        c.yield_(2)
        c.item_click(f"//$FOCUSED/{BUILT_IN[name].short}##{name}")
        c.yield_(2)

    ui(body)
    assert ui.recipe.model.path == name
