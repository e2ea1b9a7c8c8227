"""A card over the picture: a surface, a sign, and below each other what is to be said and done."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import button

WIDTH_EM = 46.0
Button = tuple[str, Callable[[str], bool]]
"""The words of a button, and what draws it with them."""


def card(
    corner: ImVec2,
    area: tuple[float, float],
    tint: str,
    surface: str,
    body: Callable[[float], None],
    sign: str = icons.ICON_FA_TRIANGLE_EXCLAMATION,
) -> None:
    """Draw a card at the upper edge of an area of the current Dear ImGui window.

    Args:
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
        tint: "#rrggbb" of the sign and the edge.
        surface: "#rrggbb" of what lies below.
        body: draws what stands on it, in the width in pixels that it gets.
        sign: the icon at its left.
    """
    pad, rounding = theme.em(1.0), imgui.get_style().child_rounding
    width = min(area[0] - 2 * pad, theme.em(WIDTH_EM))
    low = ImVec2(corner.x + (area[0] - width) / 2, corner.y + pad)
    draw = imgui.get_window_draw_list()
    draw.channels_split(2)  # the surface is as high as what stands on it
    draw.channels_set_current(1)
    top, left = low.y + pad * 0.8, low.x + pad
    draw.add_text((left, top), theme.ink(tint), sign)
    imgui.set_cursor_screen_pos((left + theme.em(1.8), top))
    with scopes.group():
        body(width - 2 * pad - theme.em(1.8))
    draw.channels_set_current(0)
    high = (low.x + width, imgui.get_item_rect_max().y + pad * 0.8)
    draw.add_rect_filled(low, high, theme.ink(surface, 0.97), rounding)
    draw.add_rect(low, high, theme.ink(tint, 0.55), rounding)
    draw.channels_merge()


def asks(
    context: Context, icon: str, label: str, action: Action, tip: str, primary: bool = False
) -> Button:
    """A button that asks for `action`."""

    def draw(shown: str) -> bool:
        pressed = button(shown, tip, primary=primary)
        if pressed:
            context.ask(action)
        return pressed

    return f"{icon}  {label}", draw
