"""The one frame around what has the keyboard."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import theme

THICK_PX, AWAY_PX = 2.0, 4.0
"""As Dear ImGui draws its own frame."""


def border() -> None:
    """Frame the last item, a text box, while one types in it.

    After Tab, Dear ImGui draws a frame of this colour itself, around every kind of control.
    """
    if not imgui.is_item_active() or imgui.get_io().nav_visible:
        return
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    corner, end = (low.x - AWAY_PX, low.y - AWAY_PX), (high.x + AWAY_PX, high.y + AWAY_PX)
    rounding = imgui.get_style().frame_rounding
    draw = imgui.get_window_draw_list()
    draw.add_rect(corner, end, theme.ink(theme.ACCENT), rounding, THICK_PX)
