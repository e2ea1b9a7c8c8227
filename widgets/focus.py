"""The one frame around what has the keyboard."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import theme

THICK_EM = 0.08


def border() -> None:
    """Frame the last item, a text box, while one types in it.

    After Tab, Dear ImGui draws a frame of this colour itself, around every kind of control.
    """
    if not imgui.is_item_active() or imgui.get_io().nav_visible:
        return
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    rounding = imgui.get_style().frame_rounding
    draw = imgui.get_window_draw_list()
    draw.add_rect(low, high, theme.ink(theme.ACCENT), rounding, theme.em(THICK_EM))
