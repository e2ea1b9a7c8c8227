"""Exporting a video: what kind of file, how large, and how far the one in work is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace as with_fields

from renderer.files.video_settings import MAX_GIF_FPS, SCALES, SUFFIXES, VideoKind, VideoSettings
from renderer.parameters import settings
from renderer.parameters.registry import NO_MODEL
from renderer.timeline.timeline import frame_count
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import export_progress, labelled_row
from widgets.controls.buttons import button, button_width, choice, fitted
from widgets.controls.slider import Slider
from widgets.controls.timeline_view import (
    CancelVideo,
    ExportVideo,
    PauseVideo,
    SetTimeline,
    SetVideoSettings,
    TimelineView,
)
from widgets.controls.tooltips import tip

T = TypeVar("T")
POPUP = "export video"
POPUP_EM = 27.0
EXPORT = f"{icons.ICON_FA_FILM}  Export…###export"
KINDS: tuple[tuple[VideoKind, str, str], ...] = (
    ("mp4", "MP4", "H.264: plays everywhere"),
    ("webm", "WebM", "VP9: for web pages"),
    ("gif", "GIF", "256 colours a frame, no player needed"),
    ("png", "PNG", "A folder of lossless pictures, each with its own recipe"),
)
FPS = Slider.of(settings.FPS)


def width(context: Context, view: TimelineView) -> float:
    """Return how much room it takes in the line of controls, in pixels."""
    if view.video is not None:
        return export_progress.width()
    return button_width(EXPORT)


def draw(context: Context, view: TimelineView) -> None:
    """The button with its popup, or the progress of the video that is being written."""
    if view.video is not None:
        pause = PauseVideo(not view.video.paused)
        export_progress.draw(context, view.video, "video", pause, CancelVideo())
        return
    text = "Export the timeline as a video, a GIF or a folder of pictures"
    if button(EXPORT, text, primary=True):
        imgui.open_popup(POPUP)
    high = imgui.get_item_rect_max()
    top = imgui.get_item_rect_min().y - theme.em(0.3)
    imgui.set_next_window_pos((high.x, top), imgui.Cond_.appearing, (1.0, 1.0))
    imgui.set_next_window_size((theme.em(POPUP_EM), 0))
    with scopes.popup(POPUP, padding=(theme.em(0.9), theme.em(0.8))) as opened:
        if opened:
            _form(context, view)


def _form(context: Context, view: TimelineView) -> None:
    form = view.form
    form = replace(form, kind=_choice("Format", "The file format.", KINDS, form.kind, "mp4"))
    _fps(context, view)
    model = context.model
    size = context.recipe.canvas.size_px(model.grid, model.resolution) if model else (0, 0)
    sizes = [
        (
            scale,
            f"{max(size) * scale} px" if model else f"{scale}×",
            f"{scale} times as large as the model",
        )
        for scale in SCALES
    ]
    form = replace(form, scale=_choice("Size", "Width and height in pixels.", sizes, form.scale, 1))
    reason = "" if form.scale > 1 else "The frames are not enlarged."
    ways = (
        (False, "Sharp pixels", "Each pixel becomes a square"),
        (True, "Smooth", "Lanczos filter"),
    )
    text = "How frames are enlarged."
    form = replace(form, smooth=_choice("Enlarge", text, ways, form.smooth, False, reason))
    if form != view.form:
        context.ask(SetVideoSettings(form))
    _what_comes(context, view, form, size)
    reason = _refusal(context, view, form)
    if button(
        f"{icons.ICON_FA_FILM}  Export",
        "Start the export; the window stays usable",
        primary=True,
        reason=reason,
    ):
        context.ask(ExportVideo())
        imgui.close_current_popup()


def _choice(
    name: str,
    text: str,
    options: Sequence[tuple[T, str, str]],
    value: T,
    default: T,
    reason: str = "",
) -> T:
    """A row with a few options side by side."""
    with labelled_row.row(name, text, reason or None) as row:
        value = choice(name, options, value, row.width, reason)
        if row.reset(value != default):
            value = default
    return value


def _fps(context: Context, view: TimelineView) -> None:
    timeline = view.timeline
    fps = round(FPS.draw(context, timeline.fps))
    if fps != timeline.fps:
        pressed = imgui.get_io().mouse_clicked_time[0]
        context.ask(SetTimeline(with_fields(timeline, fps=fps), ("fps", pressed)))


def _what_comes(
    context: Context, view: TimelineView, form: VideoSettings, size: tuple[int, int]
) -> None:
    """Draw what will be written, and where."""
    count = frame_count(view.timeline)
    words = f"{count} frames, {count / view.timeline.fps:.1f} s"
    if size[0]:
        words += f", {size[0] * form.scale} × {size[1] * form.scale} pixels"
    imgui.dummy((0, theme.em(0.1)))
    imgui.text_unformatted(words)
    folder = Path(context.capture_folder)
    shown = f"{folder / 'clip-####'}{SUFFIXES[form.kind] or '/'}"
    room = imgui.get_content_region_avail().x
    imgui.text_disabled(fitted(shown[::-1], room)[::-1])
    tip(f"Saved with the other captures, under a new name.\n{folder}")


def _refusal(context: Context, view: TimelineView, form: VideoSettings) -> str:
    if form.kind == "gif" and view.timeline.fps > MAX_GIF_FPS:
        return f"A GIF shows at most {MAX_GIF_FPS} frames per second: choose fewer."
    return NO_MODEL.reason(context.recipe, context.model)
