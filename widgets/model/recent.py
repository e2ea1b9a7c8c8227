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
    chosen = model_entries(context, context.recipe.model.path)
    if chosen is not None:
        context.ask(OpenModel(chosen))


def model_entries(context: Context, current: str) -> str | None:
    """Draw an entry for each model that is built in or was open before, with a mark at `current`.
    Returns the path of the one that is chosen."""
    paths = [*BUILT_IN, *(path for path in context.recent_models if not is_built_in(path))]
    chosen = None
    for path in paths:
        if imgui.menu_item(f"{short_name(path)}##{path}", "", path == current)[0]:
            chosen = path
        tip(BUILT_IN[path].about if is_built_in(path) else path)
    return chosen
