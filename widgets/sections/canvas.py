"""Canvas: pictures wider or higher than the square that the model was trained on."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import NO_MODEL
from renderer.recipe.canvas_words import canvas_in_words
from renderer.recipe.parts.canvas import ASPECTS, MAX_AREA
from renderer.recipe.recipe import Canvas, Recipe
from widgets import theme
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import choice
from widgets.controls.section import section
from widgets.controls.slider import Slider

DEFAULT = Canvas()
SIDES = (Slider.of("/canvas/width"), Slider.of("/canvas/height"))
SHAPE_TEXT = "The shape of the picture. The square that the model was trained on is in the middle."


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.canvas`."""
    recipe = context.recipe
    with section(
        context,
        "Canvas",
        icons.ICON_FA_PANORAMA,
        "Draw more around the square that the model was trained on.",
        summary=_summary(context, recipe.canvas),
        changed=recipe.canvas != DEFAULT,
    ) as opened:
        if not opened:
            return recipe
        why = NO_MODEL.reason(recipe, context.model)
        part = _shape(context, recipe.canvas, why)
        if part == recipe.canvas:
            part = _sides(context, part, why)
        _told(context, part)
    return replace(recipe, canvas=part)


def _summary(context: Context, part: Canvas) -> str:
    return "square" if part == DEFAULT else _size(context, part) or canvas_in_words(part)


def _size(context: Context, part: Canvas) -> str:
    if context.model is None:
        return ""
    width, height = part.size_px(context.model.grid, context.model.resolution)
    return f"{width} × {height} px"


def _shape(context: Context, part: Canvas, why: str) -> Canvas:
    shapes = tuple((known, name, f"The smallest canvas of {name}.") for name, known in ASPECTS)
    with labelled_row.row("Shape", SHAPE_TEXT, why or None, (context, "/canvas/form")) as row:
        new = choice("shape", shapes, part, row.width, why)
        return DEFAULT if row.reset(part != DEFAULT) else new


def _sides(context: Context, part: Canvas, why: str) -> Canvas:
    """Whichever side is drawn out, the other gives way where both are too much."""
    width = SIDES[0].draw(context, part.width, why or None)
    height = SIDES[1].draw(context, part.height, why or None)
    if height != part.height:
        return Canvas(min(width, max(MAX_AREA / max(height, 1.0), 1.0)), height)
    return Canvas(width, height)


def _told(context: Context, part: Canvas) -> None:
    """The size in pixels, and what it costs."""
    if context.model is None:
        return
    rows, columns = part.cells(context.model.grid)
    area = rows * columns / context.model.grid**2
    words = _size(context, part)
    if area > 1:
        words += f": {area:.3g} times the pixels, and about as many times as long"
    imgui.dummy((0, theme.em(0.05)))
    theme.wrapped(words)
