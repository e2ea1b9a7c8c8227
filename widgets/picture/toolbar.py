"""The strip at the right end of the menu bar: how the picture is looked at, and saving it."""

from __future__ import annotations

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.registry import FIXED
from widgets import theme
from widgets.actions import ActualSize, CaptureImage, FitPicture, ToolName
from widgets.context import Context
from widgets.controls.buttons import icon_button
from widgets.controls.key_names import MAIN
from widgets.picture.tools import TOOLS

BUTTONS = 4
GAP_EM = 0.8
"""Between the tools of the picture and how it is looked at."""
KEYS: dict[ToolName, str] = {"travel": "T", "hand": "H", "place": "M"}
"""The key that chooses each tool."""


def draw(context: Context, scale: float) -> None:
    """Draw into the menu bar, against its right end, as much as there is room for behind the menus:
    the View and File menus have it all.

    Args:
        context: this UI frame.
        scale: screen pixels per picture pixel.
    """
    side, gap = imgui.get_frame_height(), theme.em(0.3)
    percent = f"{scale * 100:.0f}%" if context.picture else ""
    none = "" if context.picture else "There is no picture yet."
    menus = imgui.get_cursor_pos_x()
    start = imgui.get_window_width() - BUTTONS * side - gap
    if start < menus:
        return
    left = start - imgui.calc_text_size("6400%").x - gap
    tools = left - theme.em(GAP_EM) - len(TOOLS) * side
    if tools >= menus:
        _tools(context, tools)
    if left >= menus:
        imgui.set_cursor_pos_x(start - imgui.calc_text_size(percent).x - gap)
        imgui.text_disabled(percent)
    imgui.set_cursor_pos_x(start)
    text = "Fit the picture into the window (double-click the picture)"
    if icon_button(icons.ICON_FA_EXPAND, "fit", text, quiet=True, reason=none):
        context.ask(FitPicture())
    imgui.set_cursor_pos_x(start + side)
    text = "Show one picture pixel per screen pixel"
    if icon_button("1:1", "actual", text, quiet=True, reason=none):
        context.ask(ActualSize())
    imgui.set_cursor_pos_x(start + 2 * side)
    _smooth(context)
    imgui.set_cursor_pos_x(start + 3 * side)
    text = f"Save the picture ({MAIN}+S)"
    if icon_button(icons.ICON_FA_CAMERA, "save", text, quiet=True, reason=none):
        context.ask(CaptureImage())


def _tools(context: Context, left: float) -> None:
    """Draw what a drag on the picture does, as buttons side by side from `left`."""
    side = imgui.get_frame_height()
    for index, (name, icon, label, text) in enumerate(TOOLS):
        imgui.set_cursor_pos_x(left + index * side)
        chosen = context.options.tool == name
        corner = imgui.get_cursor_screen_pos()
        if chosen:
            imgui.get_window_draw_list().add_rect_filled(
                corner,
                (corner.x + side, corner.y + side),
                theme.ink(theme.ACCENT_SOFT),
                imgui.get_style().frame_rounding,
            )
        words = f"{label} ({KEYS[name]})\n{text}"
        why = FIXED.reason(context.recipe, context.model) if name == "place" else ""
        ink = theme.ACCENT if chosen else ""
        if icon_button(icon, name, words, quiet=True, reason=why, ink=ink):
            context.out.options = msgspec.structs.replace(context.options, tool=name)


def _smooth(context: Context) -> None:
    smooth = context.options.smooth
    icon = icons.ICON_FA_DROPLET if smooth else icons.ICON_FA_TABLE_CELLS
    text = (
        "Pixels are smooth; click to show them sharp"
        if smooth
        else "Pixels are sharp; click to smooth them"
    )
    if icon_button(icon, "smooth", text, quiet=True):
        context.out.options = msgspec.structs.replace(context.options, smooth=not smooth)
