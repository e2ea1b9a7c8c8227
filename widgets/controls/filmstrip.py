"""A filmstrip: small pictures of one value's way from low to high; a click takes one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.thumbnail import Look, thumb

GAP_EM = 0.25
MARK_EM = 0.32
"""Height of the mark under the strip that shows where the value is now."""


def draw(
    context: Context,
    name: str,
    values: Sequence[float],
    make: Callable[[float], Recipe],
    value: float,
    label: Callable[[float], str],
) -> float | None:
    """Draw the strip over the whole width that is there.

    Args:
        context: this UI frame; the pictures come from its previews, in the renderer's idle time.
        name: identifies the strip.
        values: ascending, one for each picture.
        make: the recipe with such a value.
        value: as it is now; marked below the strip.
        label: writes a value.

    Returns:
        The value whose picture is pressed, or None.
    """
    pressed, gap = None, theme.em(GAP_EM)
    width = imgui.get_content_region_avail().x
    side = (width - gap * (len(values) - 1)) / len(values)
    corner = imgui.get_cursor_screen_pos()
    with scopes.name(name):
        for index, one in enumerate(values):
            if index:
                imgui.same_line(0, gap)
            look = Look(chosen=one == value, text=f"Use {label(one)}.")
            if thumb(context, f"picture{index}", make(one), side, look):
                pressed = one
    imgui.set_cursor_screen_pos((corner.x, corner.y + side))
    _captions(corner.x, corner.y + side, side, values, value, label)
    return pressed


def place(value: float, values: Sequence[float]) -> float:
    """Return where `value` lies among ascending `values`, in steps from the first; held at both
    ends.

    Between two values it goes evenly, so 0.25 is half-way from the first to the second of (0, 0.5).
    """
    if value <= values[0]:
        return 0.0
    for index, (low, high) in enumerate(itertools.pairwise(values)):
        if value <= high:
            return index + (value - low) / (high - low)
    return float(len(values) - 1)


def _captions(
    left: float,
    top: float,
    side: float,
    values: Sequence[float],
    value: float,
    label: Callable[[float], str],
) -> None:
    """The values under their pictures, and a mark where the value is now."""
    draw, gap, half = imgui.get_window_draw_list(), theme.em(GAP_EM), theme.em(MARK_EM)
    at = left + side / 2 + place(value, values) * (side + gap)
    top += theme.em(0.12)
    draw.add_triangle_filled(
        (at, top), (at - half, top + half), (at + half, top + half), theme.ink(theme.ACCENT)
    )
    with scopes.font(None, theme.SMALL_PX):
        for index, one in enumerate(values):
            words = label(one)
            middle = left + side / 2 + index * (side + gap)
            ink = theme.ink(theme.ACCENT if one == value else theme.DIM)
            draw.add_text((middle - imgui.calc_text_size(words).x / 2, top + half), ink, words)
        imgui.dummy((1.0, theme.em(0.12) + half + imgui.get_text_line_height() - theme.em(0.2)))
