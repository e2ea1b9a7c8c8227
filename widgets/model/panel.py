"""The model: which checkpoint is open, what it is, and how to open another."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.files.kinds import MODEL_SUFFIXES
from renderer.frame.frame import ModelInfo
from renderer.recipe.figures import in_bytes
from renderer.recipe.recipe import Recipe
from stylegan_t.demo.built_in import is_built_in
from widgets import scopes, theme
from widgets.actions import BrowseModel, Retry
from widgets.context import Context
from widgets.controls import loading
from widgets.controls.buttons import button, fitted
from widgets.controls.key_names import MAIN
from widgets.controls.section import section
from widgets.controls.tooltips import tip
from widgets.model.precision import precision_row
from widgets.model.recent import recent_menu, short_name
from widgets.model.text_tower import tower_row


def draw(context: Context) -> Recipe:
    """Draw the section; it asks for other models and towers, and edits the precision."""
    with section(
        context,
        "Model",
        icons.ICON_FA_CUBE,
        "The generator that makes the picture.",
        summary=_summary(context),
    ) as opened:
        if opened:
            _state(context)
            _path(context)
            _buttons(context)
            tower_row(context)
            return precision_row(context, context.recipe)
    return context.recipe


def _summary(context: Context) -> str:
    if context.status.activity in ("starting", "loading"):
        return "loading…"
    if context.model is None:
        return short_name(context.recipe.model.path)
    return f"{context.model.name}, {context.model.resolution} px"


def _state(context: Context) -> None:
    model = context.model
    if context.status.activity in ("starting", "loading"):
        loading.line(context)
    if model is None:
        if context.status.activity not in ("starting", "loading"):
            imgui.text_disabled("No model is loaded.")
        return
    with scopes.wrap(0.0):
        with scopes.font(context.fonts.bold, theme.PROMPT_PX):
            imgui.text_unformatted(model.name)
        if model.description:
            imgui.text_unformatted(model.description)
        warning = f"{icons.ICON_FA_TRIANGLE_EXCLAMATION}  {model.warning}" if model.warning else ""
        for line, colour in ((warning, theme.WARNING), (facts(model), theme.DIM)):
            with theme.text_colour(colour):
                if line:
                    imgui.text_unformatted(line)


def facts(model: ModelInfo) -> str:
    """Size and make of a model in a line: resolution, parameters, memory."""
    count = model.parameters
    size = f"{count / 1e6:.1f} million" if count >= 1e5 else f"{count:,}"
    if count >= 1e9:
        size = f"{count / 1e9:.2f} billion"
    parts = [f"{model.resolution} × {model.resolution} px", f"{size} parameters"]
    if model.memory_bytes:
        parts.append(f"{in_bytes(model.memory_bytes)} in memory")
    return ", ".join(parts)


def _path(context: Context) -> None:
    path = context.recipe.model.path
    shown = "built in" if is_built_in(path) else path
    theme.dim(fitted(shown[::-1], imgui.get_content_region_avail().x)[::-1])
    tip(shown)


def _buttons(context: Context) -> None:
    if button(
        f"{icons.ICON_FA_FOLDER_OPEN}  Open…",
        f"Open a checkpoint: {', '.join(MODEL_SUFFIXES)} ({MAIN}+O)",
    ):
        context.ask(BrowseModel())
    imgui.same_line()
    if button(f"Recent  {icons.ICON_FA_CARET_DOWN}###recent", "Recently opened models"):
        imgui.open_popup("recent models")
    with scopes.popup("recent models") as opened:
        if opened:
            recent_menu(context)
    if context.error is None and context.refusal is None:
        return
    imgui.same_line()
    if button(f"{icons.ICON_FA_ARROW_ROTATE_RIGHT}  Try again", "Load and render again"):
        context.ask(Retry())
