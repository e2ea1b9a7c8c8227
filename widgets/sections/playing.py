"""Parts of rows for sources that play by themselves: a meter, and the way to map one."""

from __future__ import annotations

from imgui_bundle import imgui
from msgspec.structs import replace

from widgets import theme
from widgets.context import Context
from widgets.controls.control_view import Learn

CONTROL = "Control"
METER_EM = 0.5


def begin_mapping(context: Context, source: str) -> None:
    """Begin to choose what a source plays, where one sees it: in the Control section."""
    options = context.options
    if CONTROL not in options.open_sections:
        opened = (*options.open_sections, CONTROL)
        context.out.options = replace(options, open_sections=opened)
    context.ask(Learn(source=source))


def meter(share: float, right: float, *, lit: bool = True) -> None:
    """Draw a bar from here to `right`, an x within the window, filled to `share`, 0 to 1."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    width, inset = max(right - imgui.get_cursor_pos_x(), 0.0), (height - theme.em(METER_EM)) / 2
    draw = imgui.get_window_draw_list()
    top, low = corner.y + inset, corner.y + height - inset
    radius = theme.em(METER_EM) / 2
    draw.add_rect_filled((corner.x, top), (corner.x + width, low), theme.ink(theme.CONTROL), radius)
    if lit and share > 0.0:
        end = corner.x + width * min(share, 1.0)
        draw.add_rect_filled((corner.x, top), (end, low), theme.ink(theme.ACCENT), radius)
    imgui.dummy((width, height))
