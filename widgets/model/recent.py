"""The models that were open before, as entries of a menu."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import imgui

from stylegan_t.config import DEMO
from widgets.actions import OpenModel
from widgets.context import Context
from widgets.controls.tooltips import tip


def short_name(path: str) -> str:
    """What a model is called where there is little room."""
    return "Demo model" if path == DEMO else Path(path).name


def recent_menu(context: Context) -> None:
    """The entries of a menu of models: the demo and those that were open before."""
    paths = [DEMO, *(path for path in context.recent_models if path != DEMO)]
    for path in paths:
        open_now = path == context.recipe.model.path
        if imgui.menu_item(f"{short_name(path)}##{path}", "", open_now)[0]:
            context.ask(OpenModel(path))
        tip("" if path == DEMO else path)
