"""The one frame around what has the keyboard."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import theme

THICK_PX, AWAY_PX = 2.0, 4.0
"""As Dear ImGui draws its own frame."""


def cursor(item: int, words: str) -> int | None:
    """Return where in `words` the cursor of the text box `item` stands; None while one does not
    type in it."""
    if not item or imgui.internal.get_active_id() != item:
        return None
    state = imgui.internal.get_input_text_state(item)
    if state is None:
        return None
    before = words.encode("utf-8", "surrogatepass")[: state.get_cursor_pos()]
    return len(before.decode("utf-8", "ignore"))


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
