"""Small plots: bars, a line, and a curve on which one picks a place.  Plain numbers in."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.controls.tooltips import tip

PAD_EM = 0.3
DOT_EM = 0.2
LINE_EM = 0.09
NAME_EM = 1.0
"""Height of a name; bars stay below it."""
LABELS_EM = 1.4
"""Width of the labels beside a curve."""
Points = Sequence[tuple[float, float]]
Size = tuple[float, float]


def bars(name: str, heights: Sequence[float], size: Size, text: str) -> None:
    """Draw bars from left to right, the highest as high as the plot.

    Args:
        name: written in an upper corner; also identifies the plot.
        heights: from 0.
        size: of the plot in pixels.
        text: tooltip.
    """
    corner, inner = _frame(name, size, text)
    top = max(heights, default=0.0) or 1.0
    draw, step = imgui.get_window_draw_list(), inner[0] / max(len(heights), 1)
    floor, room = corner[1] + inner[1], inner[1] - theme.em(NAME_EM)
    for index, height in enumerate(heights):
        if height > 0:
            left = corner[0] + index * step
            high = floor - max(room * height / top, 1.0)
            right = left + max(step - 1.0, 1.0)
            draw.add_rect_filled((left, high), (right, floor), theme.ink(theme.ACCENT_DEEP))
    _name(name, corner)


def line(name: str, values: Sequence[float], size: Size, text: str) -> None:
    """Draw values from left to right as a line, between their smallest and their largest; the other
    arguments are as in `bars`."""
    corner, inner = _frame(name, size, text)
    if len(values) > 1:
        low, high = min(values), max(values)
        spread, step = (high - low) or 1.0, inner[0] / (len(values) - 1)
        points: list[imgui.ImVec2Like] = [
            (corner[0] + i * step, corner[1] + inner[1] * (1 - (value - low) / spread))
            for i, value in enumerate(values)
        ]
        draw = imgui.get_window_draw_list()
        draw.add_polyline(points, theme.ink(theme.ACCENT), theme.em(LINE_EM), 0)
    _name(name, corner, inner[0])


def curve(
    name: str,
    points: Points,
    span: tuple[float, float],
    now: float,
    size: Size,
    text: str,
    heights: tuple[float, float] | None = None,
) -> float | None:
    """Draw a curve over `span`, with a line where the value is now.

    Args:
        name: identifies the plot.
        points: (x, y) as far as they are known, in any order.
        span: the ends of x.
        now: where the line stands, if that lies within.
        size: of the plot in pixels.
        text: tooltip.
        heights: what the lower and the upper edge stand for; None fits the points.

    Returns:
        The x of the known point that is next to a click, or None.
    """
    (left, top), inner = _frame(name, size, text)
    beside = theme.em(LABELS_EM)
    corner, inner = (left + beside, top), (inner[0] - beside, inner[1])
    clicked, hovered = imgui.is_item_clicked(), imgui.is_item_hovered()
    known, low, high = sorted(points), min(span), max(span)
    draw = imgui.get_window_draw_list()

    def x(value: float) -> float:
        return corner[0] + inner[0] * (value - low) / ((high - low) or 1.0)

    if low <= now <= high:
        draw.add_line(
            (x(now), top), (x(now), top + inner[1]), theme.ink(theme.TEXT, 0.5), theme.em(0.06)
        )
    if not known:
        return None
    least, most = heights or (min(y for _, y in known), max(y for _, y in known))
    spread = (most - least) or 1.0

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return x(point[0]), corner[1] + inner[1] * (1 - (point[1] - least) / spread)

    path: list[imgui.ImVec2Like] = [place(point) for point in known]
    if len(path) > 1:
        draw.add_polyline(path, theme.ink(theme.ACCENT), theme.em(LINE_EM), 0)
    mouse = imgui.get_io().mouse_pos.x
    nearest = min(known, key=lambda point: abs(x(point[0]) - mouse))
    for point in known:
        lit = hovered and point == nearest
        ink = theme.ink(theme.TEXT if lit else theme.ACCENT)
        draw.add_circle_filled(place(point), theme.em(DOT_EM * (1.5 if lit else 1.0)), ink, 12)
    _name(f"{most:.2g}", (left, top - theme.em(0.15)))
    _name(f"{least:.2g}", (left, top + inner[1] - theme.em(0.8)))
    return nearest[0] if clicked else None


def _frame(name: str, size: Size, text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The plot's surface as an item; returns the corner and the size of its inside."""
    corner, pad = imgui.get_cursor_screen_pos(), theme.em(PAD_EM)
    size = max(size[0], 4 * pad), max(size[1], 4 * pad)
    imgui.invisible_button(name, size)
    high = (corner.x + size[0], corner.y + size[1])
    rounding = imgui.get_style().frame_rounding
    imgui.get_window_draw_list().add_rect_filled(
        corner, high, theme.ink(theme.CANVAS, 0.6), rounding
    )
    tip(text)
    return (corner.x + pad, corner.y + pad), (size[0] - 2 * pad, size[1] - 2 * pad)


def _name(name: str, corner: tuple[float, float], room: float = 0.0) -> None:
    """Write in the upper left corner, or at the right end of `room`."""
    with scopes.font(None, theme.SMALL_PX):
        if room:
            corner = (corner[0] + max(room - imgui.calc_text_size(name).x, 0.0), corner[1])
        imgui.get_window_draw_list().add_text(corner, theme.ink(theme.DIM), name)
