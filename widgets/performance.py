"""Performance: where the time of a picture goes, and how smooth the window is."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe import Recipe
from widgets import theme
from widgets.context import Context
from widgets.section import section
from widgets.tips import tip

PLOT_EM = 3.6


def draw(context: Context) -> Recipe:
    """Draw the section; it changes nothing and returns the recipe as it is."""
    stats = context.stats
    with section(
        context,
        "Performance",
        icons.ICON_FA_GAUGE_HIGH,
        "Where the time of a picture goes.",
        summary=f"{context.frame.total_ms:.0f} ms" if context.frame else "",
    ) as opened:
        if opened:
            _figures(context)
            _stages(context)
            _plot(stats.history_ms)
    return context.recipe


def _figures(context: Context) -> None:
    stats, frame = context.stats, context.frame
    _line("Device", stats.device or "not chosen yet", "Where the model runs.")
    precision = frame.recipe.precision if frame else context.recipe.precision
    _line("Precision", precision, "The type that the last picture was computed in (see Model).")
    _line(
        "Pictures",
        f"{stats.frames_per_s:.0f} a second",
        "Different pictures shown in the last second.",
    )
    median, worst = stats.ui_ms
    _line(
        "Window",
        f"{stats.ui_frames_per_s:.0f} a second, {median:.1f} ms (99%: {worst:.1f} ms)",
        "Redraws of the window in the last second, and the work of one redraw.",
    )


def _line(name: str, value: str, text: str) -> None:
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
    imgui.text_unformatted(name)
    imgui.pop_style_color()
    tip(text)
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    imgui.text_unformatted(value)


def _stages(context: Context) -> None:
    """Each stage's milliseconds as a bar; a stage that came from its cache says so."""
    frame = context.frame
    stages = [*frame.stage_ms, ("upload", context.stats.upload_ms)] if frame else []
    if not stages:
        imgui.text_disabled("No picture was made yet.")
        return
    longest = max(0.001, *(ms for _, ms in stages))
    left = imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM)
    imgui.dummy((0, theme.em(0.1)))
    for name, ms in stages:
        imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
        imgui.text_unformatted(name.capitalize())
        imgui.pop_style_color()
        imgui.same_line(left)
        _bar(ms / longest, f"{ms:.1f} ms" if ms >= 0.05 else "kept", theme.em(4.6))


def _bar(share: float, label: str, room: float) -> None:
    """A bar of `share` (0 to 1) of the line's width, with its label right of the full length."""
    corner, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x - room
    height, draw = imgui.get_text_line_height(), imgui.get_window_draw_list()
    low, high = corner.y + height * 0.28, corner.y + height * 0.78
    rounding = theme.em(0.15)
    draw.add_rect_filled(
        (corner.x, low), (corner.x + width, high), theme.ink(theme.CONTROL), rounding
    )
    if share > 0.005:
        end = corner.x + max(width * share, 2 * rounding)
        draw.add_rect_filled((corner.x, low), (end, high), theme.ink(theme.ACCENT), rounding)
    at = corner.x + width + room - imgui.calc_text_size(label).x
    draw.add_text((at, corner.y), theme.ink(theme.TEXT), label)
    imgui.dummy((width + room, height))


def _plot(history_ms: tuple[float, ...]) -> None:
    """Milliseconds of the last pictures, oldest at the left."""
    imgui.dummy((0, theme.em(0.1)))
    corner, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height, draw = theme.em(PLOT_EM), imgui.get_window_draw_list()
    rounding = imgui.get_style().frame_rounding
    draw.add_rect_filled(
        corner, (corner.x + width, corner.y + height), theme.ink(theme.PANEL), rounding
    )
    imgui.dummy((width, height))
    tip("Time of each of the last pictures.")
    if len(history_ms) < 2:
        return
    top = max(history_ms) * 1.15 or 1.0
    step, pad = (width - 2 * rounding) / (len(history_ms) - 1), theme.em(0.3)
    points: list[imgui.ImVec2Like] = [
        (corner.x + rounding + i * step, corner.y + height - pad - (height - 2 * pad) * ms / top)
        for i, ms in enumerate(history_ms)
    ]
    draw.add_polyline(points, theme.ink(theme.ACCENT), theme.em(0.09), 0)
    imgui.push_font(None, theme.SMALL_PX)
    label = f"{max(history_ms):.0f} ms at most"
    at = (corner.x + width - rounding - imgui.calc_text_size(label).x, corner.y + theme.em(0.2))
    draw.add_text(at, theme.ink(theme.DIM), label)
    imgui.pop_font()
