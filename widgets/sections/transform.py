"""Transform: turn, move and scale the content through the generator's Fourier input."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import FIXED
from renderer.recipe.recipe import Recipe, TransformPart
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import button, fitted
from widgets.controls.section import section
from widgets.controls.slider import Slider
from widgets.sections import layout_lock

DEFAULT = TransformPart()
ROTATE, ZOOM = Slider.of("/transform/rotate"), Slider.of("/transform/zoom")
X, Y = Slider.of("/transform/x"), Slider.of("/transform/y")
TOOL = "place"
HANDLES_TEXT = (
    "Rotate, move and zoom with handles on the picture (M). Shift rotates in steps of 15 degrees "
    "and moves along one axis; double-click to reset everything."
)


def draw(context: Context) -> Recipe:
    """Draw the section that edits `Recipe.transform` and `Recipe.layout`."""
    recipe = context.recipe
    part, kept = recipe.transform, recipe.layout is not None
    with section(
        context,
        "Transform",
        icons.ICON_FA_UP_DOWN_LEFT_RIGHT,
        "Move the content inside the generator, not the picture.",
        summary=_summary(part, kept=kept),
        changed=part != DEFAULT or kept,
    ) as opened:
        if not opened:
            return recipe
        why = FIXED.reason(recipe, context.model)
        part = TransformPart(
            rotate_deg=ROTATE.draw(context, part.rotate_deg, why or None),
            x=X.draw(context, part.x, why or None),
            y=Y.draw(context, part.y, why or None),
            zoom=ZOOM.draw(context, part.zoom, why or None),
        )
        part = _handles(context, part, why)
        recipe = layout_lock.draw(context)
    return replace(recipe, transform=part)


def _summary(part: TransformPart, *, kept: bool) -> str:
    said = [*(["on"] if part != DEFAULT else []), *(["layout kept"] if kept else [])]
    return ", ".join(said) or "none"


def _handles(context: Context, part: TransformPart, why: str) -> TransformPart:
    """The row that puts the handles on the picture, and everything back."""
    on = context.options.tool == TOOL
    with labelled_row.row("Handles", HANDLES_TEXT, why or None) as row:
        left = imgui.get_cursor_pos_x()
        words = f"{icons.ICON_FA_UP_DOWN_LEFT_RIGHT}  On the picture"
        words = fitted(words, row.width - 2 * imgui.get_style().frame_padding.x)
        if button(f"{words}###handles", HANDLES_TEXT, primary=on, reason=why):
            context.out.options = replace(context.options, tool="travel" if on else TOOL)
        labelled_row.fill(left + row.width)
        return DEFAULT if row.reset(part != DEFAULT) else part
