"""The models that were open before, as entries of a menu."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import imgui

from stylegan_t.demo.built_in import BUILT_IN, is_built_in
from widgets.actions import OpenModel
from widgets.context import Context
from widgets.controls.tooltips import tip


def short_name(path: str) -> str:
    """Return a short name of a model."""
    built_in = BUILT_IN.get(path)
    return built_in.short if built_in else Path(path).name


def recent_menu(context: Context) -> None:
    """The entries of a menu of models: those that are built in and those that were open before."""
    paths = [*BUILT_IN, *(path for path in context.recent_models if not is_built_in(path))]
    for path in paths:
        open_now = path == context.recipe.model.path
        if imgui.menu_item(f"{short_name(path)}##{path}", "", open_now)[0]:
            context.ask(OpenModel(path))
        tip(BUILT_IN[path].about if is_built_in(path) else path)
