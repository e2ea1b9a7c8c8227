"""Times as bars, and the times of the last pictures as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.controls.tooltips import tip

PLOT_EM = 4.4
LABEL_ROOM_EM = 4.6
INDENT_EM = 0.9


@dataclass(frozen=True)
class Bar:
    """A time: its name, its length in milliseconds, and what is written behind it.

    `depth` 1 is a part of the bar of depth 0 above it.
    """

    name: str
    ms: float
    label: str
    depth: int = 0


def draw_bars(bars: Sequence[Bar]) -> None:
    """Draw bars below each other; the longest of depth 0 is as long as the line."""
    longest = max(0.001, *(bar.ms for bar in bars if not bar.depth))
    left = imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM)
    imgui.dummy((0, theme.em(0.1)))
    tight = (imgui.get_style().item_spacing.x, theme.em(0.1))
    for index, bar in enumerate(bars):
        # A bar and its parts stand close together.
        followed = index + 1 < len(bars) and bars[index + 1].depth > 0
        with scopes.style(imgui.StyleVar_.item_spacing, tight) if followed else scopes.plain():
            imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + bar.depth * theme.em(INDENT_EM))
            theme.dim(bar.name)
            imgui.same_line(left)
            _bar(bar, bar.ms / longest)


def _bar(bar: Bar, share: float) -> None:
    """A bar of `share` of the line's width, with its label right of the full length."""
    room = theme.em(LABEL_ROOM_EM)
    corner, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x - room
    height, draw = imgui.get_text_line_height(), imgui.get_window_draw_list()
    low, high = corner.y + height * 0.28, corner.y + height * 0.78
    if bar.depth:
        low, high = corner.y + height * 0.38, corner.y + height * 0.68
    rounding, tint = theme.em(0.15), theme.ACCENT_DEEP if bar.depth else theme.ACCENT
    draw.add_rect_filled(
        (corner.x, low), (corner.x + width, high), theme.ink(theme.CONTROL), rounding
    )
    if share > 0.005:
        end = corner.x + min(max(width * share, 2 * rounding), width)
        draw.add_rect_filled((corner.x, low), (end, high), theme.ink(tint), rounding)
    at = corner.x + width + room - imgui.calc_text_size(bar.label).x
    draw.add_text((at, corner.y), theme.ink(theme.DIM if bar.depth else theme.TEXT), bar.label)
    imgui.dummy((width + room, height))


def draw_history(history_ms: Sequence[float], spread_ms: tuple[float, float]) -> None:
    """Draw the milliseconds of the last pictures, oldest at the left.

    Args:
        history_ms: of each picture.
        spread_ms: median and 99th percentile: two lines, with their values above.
    """
    imgui.dummy((0, theme.em(0.1)))
    corner, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height, draw = theme.em(PLOT_EM), imgui.get_window_draw_list()
    rounding, pad = imgui.get_style().frame_rounding, theme.em(0.3)
    draw.add_rect_filled(
        corner, (corner.x + width, corner.y + height), theme.ink(theme.PANEL), rounding
    )
    imgui.dummy((width, height))
    tip("Time of each of the last pictures, with their median and their 99th percentile.")
    if len(history_ms) < 2:
        return
    head = theme.em(1.2)
    top = max(history_ms) or 1.0

    def y(ms: float) -> float:
        return corner.y + height - pad - (height - pad - head) * ms / top

    for ms, tint in zip(spread_ms, (theme.TEXT, theme.WARNING), strict=True):
        ends = (corner.x + rounding, y(ms)), (corner.x + width - rounding, y(ms))
        draw.add_line(*ends, theme.ink(tint, 0.4), theme.em(0.06))
    step = (width - 2 * rounding) / (len(history_ms) - 1)
    points: list[imgui.ImVec2Like] = [
        (corner.x + rounding + i * step, y(ms)) for i, ms in enumerate(history_ms)
    ]
    draw.add_polyline(points, theme.ink(theme.ACCENT), theme.em(0.09), 0)
    with scopes.font(None, theme.SMALL_PX):
        left, (median, worst) = corner.x + pad, spread_ms
        draw.add_text((left, corner.y + pad / 2), theme.ink(theme.DIM), f"median {median:.1f} ms")
        label = f"99% {worst:.1f} ms"
        at = corner.x + width - pad - imgui.calc_text_size(label).x
        draw.add_text((at, corner.y + pad / 2), theme.ink(theme.WARNING), label)
