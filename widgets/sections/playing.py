"""Parts of rows for sources that play by themselves: a meter, and the way to map one."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.control_view import Learn
from widgets.controls.section import reveal

CONTROL = "Control"
EDGE_EM = 0.25


def begin_mapping(context: Context, source: str) -> None:
    """Begin to choose what a source plays, where one sees it: in the Control section."""
    reveal(context, CONTROL)
    context.ask(Learn(source=source))


def meter(context: Context, share: float, right: float, *, lit: bool = True) -> None:
    """Draw a bar from here to `right`, an x within the window, filled to `share`, 0 to 1, with the
    percentage in large figures: both can be read from a distance."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    width, radius = max(right - imgui.get_cursor_pos_x(), 0.0), imgui.get_style().frame_rounding
    draw, share = imgui.get_window_draw_list(), min(max(share, 0.0), 1.0) if lit else 0.0
    end = (corner.x + width, corner.y + height)
    draw.add_rect_filled(corner, end, theme.ink(theme.CONTROL), radius)
    with scopes.clipped(draw, corner, (corner.x + width * share, end[1])):
        draw.add_rect_filled(corner, end, theme.ink(theme.ACCENT_DEEP), radius)
    edge = corner.x + width * share
    if share > 0.0:
        left = max(edge - theme.em(EDGE_EM), corner.x)
        draw.add_rect_filled((left, corner.y), (edge, end[1]), theme.ink(theme.ACCENT))
    with scopes.font(context.fonts.bold, theme.PROMPT_PX):
        words = f"{share:.0%}" if lit else "off"
        size = imgui.calc_text_size(words)
        at = (end[0] - size.x - theme.em(0.4), corner.y + (height - size.y) / 2)
        draw.add_text(at, theme.ink(theme.TEXT if lit else theme.DIM), words)
    imgui.dummy((width, height))
