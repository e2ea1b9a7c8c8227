"""A small turning arc: something is being worked on."""

from __future__ import annotations

import math

from imgui_bundle import imgui

from widgets import theme

TURNS_PER_S = 0.9


def spinner(now_s: float, radius: float) -> None:
    """Draw the arc as an item on the line of text; `radius` in pixels."""
    height = imgui.get_text_line_height()
    corner = imgui.get_cursor_screen_pos()
    paint(now_s, (corner.x + radius, corner.y + height / 2), radius)
    imgui.dummy((2 * radius, height))


def paint(now_s: float, centre: tuple[float, float], radius: float) -> None:
    """Draw the arc around `centre`, in screen pixels, on the current window."""
    draw = imgui.get_window_draw_list()
    start = now_s * TURNS_PER_S * 2 * math.pi
    thick = max(1.5, radius * 0.28)
    draw.path_clear()
    draw.path_arc_to(centre, radius, 0.0, 2 * math.pi, 32)
    draw.path_stroke(theme.ink(theme.CONTROL_ACTIVE), thick)
    draw.path_arc_to(centre, radius, start, start + 1.5 * math.pi * 0.6, 24)
    draw.path_stroke(theme.ink(theme.ACCENT), thick)
