"""The status line: what is happening, the last word to the user, and the figures of the picture."""

from __future__ import annotations

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import ShowDialog
from widgets.chrome import beat
from widgets.chrome.renderer_dialog import RendererPlace
from widgets.context import Context, Notice
from widgets.controls.buttons import fitted
from widgets.controls.recording_view import RecordingView, clock_text
from widgets.controls.tooltips import tip

HEIGHT_EM = 1.9
NAME_EM = 12.0
STATE_EM = 7.0
"""Of what is happening, this much is always shown."""
LEAST_NOTICE_EM = 4.0
APART = "   ·   "
LEAST_MS = 0.5
"""A picture that took less was not drawn: it was kept."""
FLOW_PER_S = 2.0
"""Fewer pictures than this in a second are single ones, and no speed."""
TONES = {
    "info": theme.TEXT,
    "good": theme.ACCENT,
    "warning": theme.WARNING,
    "error": theme.DANGER,
}


def draw(context: Context) -> None:
    """Draw into the current Dear ImGui window, one line high."""
    corner, size = imgui.get_window_pos(), imgui.get_window_size()
    draw, pad = imgui.get_window_draw_list(), theme.em(0.9)
    line = corner.y + (size.y - imgui.get_text_line_height()) / 2
    draw.add_line_h(corner.x, corner.x + size.x, corner.y, theme.ink(theme.LINE))
    notice, gap = context.notice, theme.em(1.4)
    said = imgui.calc_text_size(notice.text).x + 2 * gap if notice is not None else 0.0
    end = corner.x + size.x - pad
    width = beat.draw(context, end, (corner.x, corner.y), size.y)
    end -= width + gap if width else 0.0
    figures = _figures(context, end - corner.x - 2 * pad - theme.em(STATE_EM) - said)
    right = end - imgui.calc_text_size(figures).x
    draw.add_text((right, line), theme.ink(theme.DIM), figures)
    tint, text = _state(context)
    radius, x = theme.em(0.24), corner.x + pad
    if (recording := context.see(RecordingView)).on:
        x += _recording(recording, (corner.x, corner.y), size.y) + theme.em(0.2)
    draw.add_circle_filled((x + radius, corner.y + size.y / 2), radius, theme.ink(tint), 16)
    x += theme.em(0.9)
    text = fitted(text, max(right - x - pad, theme.em(4)))
    draw.add_text((x, line), theme.ink(theme.DIM), text)
    x += imgui.calc_text_size(text).x + gap
    if notice is not None:
        _notice(context, notice, (x, line), max(right - x - gap, theme.em(LEAST_NOTICE_EM)))


def _recording(view: RecordingView, corner: tuple[float, float], height: float) -> float:
    """A red field with a dot and the time, which can be read from across a room; returns its
    width."""
    draw, gap = imgui.get_window_draw_list(), theme.em(0.6)
    with scopes.font(None, theme.PROMPT_PX):
        words, line = clock_text(view.since_s), imgui.get_text_line_height()
        radius = line * 0.3
        width = 2 * radius + 3 * gap + imgui.calc_text_size(words).x
        left, top = corner
        draw.add_rect_filled((left, top), (left + width, top + height), theme.ink(theme.RECORDING))
        white = theme.ink(theme.ON_RECORDING)
        draw.add_circle_filled((left + gap + radius, top + height / 2), radius, white, 24)
        draw.add_text((left + 2 * gap + 2 * radius, top + (height - line) / 2), white, words)
    return width


def _notice(context: Context, notice: Notice, at: tuple[float, float], room: float) -> None:
    """The last word to the user; of a long one the mouse shows all, and a click all messages."""
    shown = fitted(notice.text, room)
    imgui.get_window_draw_list().add_text(at, theme.ink(TONES[notice.tone]), shown)
    imgui.set_cursor_screen_pos(at)
    with scopes.flag(imgui.ItemFlags_.no_nav, True):
        if imgui.invisible_button("notice", imgui.calc_text_size(shown)):
            context.ask(ShowDialog("messages"))
    tip("Click to see all messages." if shown == notice.text else notice.text)


def _state(context: Context) -> tuple[str, str]:
    if context.error is not None and not context.status.busy:
        return theme.DANGER, "The last request failed"
    if context.status.activity in ("starting", "loading"):
        return theme.WARNING, context.status.text
    if context.status.activity == "rendering":
        share = context.status.share
        return theme.ACCENT, "Rendering" if share is None else f"Rendering, {share:.0%}"
    return theme.ACCENT, "Ready"


def _figures(context: Context, room: float) -> str:
    """Model, device and speed; figures have fixed places, so that they do not dance.  Where
    there is little room, the last ones alone, or none."""
    parts = []
    if context.model is not None:
        name = fitted(context.model.name, theme.em(NAME_EM))
        picture = context.picture
        side = f"{context.model.resolution} px"
        if picture is not None and picture.width != picture.height:
            side = f"{picture.width} × {picture.height} px"
        parts.append(f"{name}, {side}")
    if context.stats.device:
        parts.append(context.stats.device)
    if context.frame is not None:
        parts.append(took(context.frame.total_ms))
    parts.append(flow(context.stats.frames_per_s))
    parts = [part for part in parts if part]
    if context.see(RendererPlace).kind == "host" and context.stats.device in parts:
        parts.remove(context.stats.device)
        parts.append(context.stats.device)  # where pictures come from is the last thing to go
    while parts and imgui.calc_text_size(APART.join(parts)).x > room:
        parts.pop(0)
    return APART.join(parts)


def took(total_ms: float) -> str:
    """Return how long a picture took, in words."""
    return f"{total_ms:.0f} ms" if total_ms >= LEAST_MS else "kept"


def flow(frames_per_s: float) -> str:
    """Return how fast pictures follow one another; empty where they are single ones."""
    return f"{frames_per_s:.0f} FPS" if frames_per_s >= FLOW_PER_S else ""
