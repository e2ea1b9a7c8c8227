"""A small picture of a recipe that one can press."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import Context, Preview
from widgets.controls.tooltips import tip

DENSITY = (48, 64, 96, 128, 192, 256, 384, 512)
"""Sizes in which previews are made, in pixels: so that a growing drawer does not make them again
at every pixel."""
STALE = 0.6
"""The opacity of a picture that is not of the current recipe."""


@dataclass(frozen=True)
class Look:
    """The look of a thumb: `chosen` has a bright frame, `caption` stands in its lower left corner,
    `text` is its tooltip; a `stale` picture, of a moment ago, is dimmed."""

    chosen: bool = False
    caption: str = ""
    text: str = ""
    stale: bool = False


def thumb(
    context: Context, name: str, recipe: Recipe, side: float, look: Look | None = None
) -> bool:
    """Draw a preview of `recipe` as a button; returns whether it was pressed.

    Args:
        context: this UI frame.
        name: identifies it among its siblings.
        recipe: what it shows, as soon as the renderer has had time for it.
        side: width and height in pixels of the interface.
        look: its frame, caption and tooltip.
    """
    shown, fresh = preview_at(context, imgui.get_id(name), recipe, side)
    look = look or Look()
    return picture_button(name, shown, side, look if fresh else replace(look, stale=True))


def preview(context: Context, recipe: Recipe, side: float) -> Preview | None:
    """The preview of `recipe` that suits `side` pixels of the interface, if it is there."""
    return context.previews.get(recipe, _density(side))


def preview_at(
    context: Context, place: Hashable, recipe: Recipe, side: float
) -> tuple[Preview | None, bool]:
    """The preview of `recipe` that suits `side` pixels of the interface, and whether it is there:
    until it is, what was shown in `place` before stays, so that nothing goes blank in a drag."""
    return context.previews.get_at(place, recipe, _density(side))


def _density(side: float) -> int:
    """The size in which previews for `side` pixels of the interface are made."""
    dense = side * (imgui.get_io().display_framebuffer_scale.x or 1.0)
    return next((size for size in DENSITY if size >= dense - 8), DENSITY[-1])


def picture_button(name: str, shown: Preview | None, side: float, look: Look) -> bool:
    """Draw a picture, or the place that it will take, as a button; whether it was pressed."""
    corner = imgui.get_cursor_screen_pos()
    pressed = imgui.invisible_button(name, (side, side))
    paint(shown, (corner.x, corner.y, corner.x + side, corner.y + side), look)
    if look.text:
        tip(look.text)
    return pressed


def paint(shown: Preview | None, box: tuple[float, float, float, float], look: Look) -> None:
    """Paint a picture into `box` (left, top, right, bottom) for the last item of Dear ImGui."""
    draw, rounding = imgui.get_window_draw_list(), theme.em(0.25)
    low, high = box[:2], box[2:]
    if shown is None:
        draw.add_rect_filled(low, high, theme.ink(theme.CONTROL), rounding)
    else:
        place = _inside(shown, box)
        draw.add_image_rounded(
            imgui.ImTextureRef(shown.texture),
            place[:2],
            place[2:],
            (0, 0),
            (1, 1),
            theme.ink("#ffffff", STALE if look.stale else 1.0),
            rounding,
        )
    lit = imgui.is_item_hovered() or (imgui.is_item_focused() and imgui.get_io().nav_visible)
    if look.chosen or lit:
        ink = theme.ink(theme.ACCENT if look.chosen else theme.TEXT, 1.0 if look.chosen else 0.6)
        draw.add_rect(low, high, ink, rounding, theme.em(0.12))
    if look.caption:
        _caption(box, look.caption)


def square_of(shown: Preview) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two corners of the largest square in the middle of a picture, each from 0 to 1."""
    side = min(shown.width, shown.height)
    across, down = (1 - side / shown.width) / 2, (1 - side / shown.height) / 2
    return (across, down), (1 - across, 1 - down)


def _inside(
    shown: Preview, box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """The largest place within `box` that keeps the picture's proportions, centred."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(width / shown.width, height / shown.height)
    left = box[0] + (width - shown.width * scale) / 2
    top = box[1] + (height - shown.height * scale) / 2
    return left, top, left + shown.width * scale, top + shown.height * scale


def _caption(box: tuple[float, float, float, float], text: str) -> None:
    draw, pad = imgui.get_window_draw_list(), theme.em(0.2)
    with scopes.font(None, theme.SMALL_PX):
        size = imgui.calc_text_size(text)
        left, top = box[0] + pad, box[3] - size.y - 2 * pad
        with scopes.clipped(draw, (box[0], box[1]), (box[2], box[3])):
            draw.add_rect_filled(
                (left, top),
                (left + size.x + 2 * pad, top + size.y + pad),
                theme.ink(theme.CANVAS, 0.75),
                theme.em(0.2),
            )
            draw.add_text((left + pad, top + pad / 2), theme.ink(theme.TEXT), text)
