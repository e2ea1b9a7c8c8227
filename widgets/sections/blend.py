"""Two models in one: a second checkpoint, and how far each part's weights go towards its."""

from __future__ import annotations

from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.model_blend import NO_SECOND, blend_of_all, blend_of_block
from renderer.parameters.parameters import declared
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.actions import BrowseSecond, UseSecond
from widgets.context import Context
from widgets.controls import block_sliders, labelled_row
from widgets.controls.buttons import fitted
from widgets.controls.section import section
from widgets.controls.slider import HOW_PLAYED, Slider
from widgets.controls.tooltips import tip
from widgets.model.recent import model_entries, short_name

TITLE = "Blend"
SECOND = "second model"
EXPLAINED = (
    "Another checkpoint whose layers have the same shapes, such as one that was trained on from "
    "this one. The prompts are still read by the first model's text tower."
)
BLOCKS_TEXT = (
    "How far the weights of single resolution blocks go towards the second model's: coarse blocks "
    "take its shapes, fine ones its colours and textures."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits the blend of `Recipe.model`."""
    blend = context.recipe.model.blend
    with section(
        context,
        TITLE,
        icons.ICON_FA_CODE_MERGE,
        "Two checkpoints in one, block by block.",
        summary=short_name(blend.path) if blend.path else "one model",
        changed=bool(blend.path),
    ) as opened:
        if not opened:
            return context.recipe
        _second(context, blend.path)
        recipe = _whole(context, context.recipe)
        return _blocks(context, recipe)


def _second(context: Context, path: str) -> None:
    """The row that names the second model, which opens a menu of others."""
    with labelled_row.row("Second", EXPLAINED) as row:
        shown = fitted(short_name(path) if path else "choose one…", row.width - theme.em(2.4))
        with scopes.style(imgui.StyleVar_.button_text_align, (0.0, 0.5)):
            pressed = imgui.button(f"{shown}###second", (row.width, 0))
        corner = imgui.get_item_rect_max()
        at = (corner.x - theme.em(1.3), corner.y - imgui.get_frame_height() + theme.em(0.32))
        caret = icons.ICON_FA_CARET_DOWN
        imgui.get_window_draw_list().add_text(at, theme.ink(theme.DIM), caret)
        tip(path or EXPLAINED)
        if pressed:
            imgui.open_popup(SECOND)
        with scopes.popup(SECOND) as opened:
            if opened:
                _menu(context, path)
        if row.reset(bool(path)):
            context.ask(UseSecond(""))


def _menu(context: Context, chosen: str) -> None:
    if imgui.menu_item_simple(f"{icons.ICON_FA_FOLDER_OPEN}  Open a file…###file"):
        context.ask(BrowseSecond())
    imgui.separator()
    path = model_entries(context, chosen)
    if path is not None:
        context.ask(UseSecond(path))


def _whole(context: Context, recipe: Recipe) -> Recipe:
    """The weights of all parts at once, and of the mapping network."""
    every = blend_of_all(block_sliders.resolutions(context))
    mapping = declared("/blend/mapping")
    for parameter, slider in (
        (every, Slider.of(every)),
        (mapping, replace_slider(Slider.of(mapping), marks=())),
    ):
        before = parameter.get(recipe)
        assert isinstance(before, float)
        why = parameter.reason(recipe, context.model) or None
        after = slider.draw(context, before, why)
        if after != before:
            recipe = parameter.put(recipe, after)
    return recipe


def _blocks(context: Context, recipe: Recipe) -> Recipe:
    """A slider for each block."""
    sizes, weights = block_sliders.resolutions(context), recipe.model.blend.weights
    values = [*weights[: len(sizes)], *[0.0] * (len(sizes) - len(weights))]
    why = NO_SECOND.reason(recipe, context.model) or block_sliders.reason(context) or None

    def slider(index: int, size: int) -> Slider:
        return Slider.of(blend_of_block(index, size))

    with labelled_row.row("Blocks", f"{BLOCKS_TEXT}\n{HOW_PLAYED}", why) as row:
        own = [bool(value) for value in values]
        new = block_sliders.draw(context, slider, values, row.width, why, own=own)
        for index, (before, after) in enumerate(zip(values, new, strict=True)):
            if after != before:
                recipe = blend_of_block(index, sizes[index]).put(recipe, after)
        if row.reset(any(values)):
            blend = replace(recipe.model.blend, weights=())
            recipe = replace(recipe, model=replace(recipe.model, blend=blend))
    return recipe
