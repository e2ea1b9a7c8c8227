"""Exporting a video: what kind of file, how large, and how far the one in work is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace as with_fields

from renderer.files.video_settings import (
    FITS,
    SCALES,
    SIZES,
    SUFFIXES,
    Fit,
    Size,
    VideoKind,
    VideoSettings,
)
from renderer.parameters import settings
from renderer.parameters.registry import NO_MODEL
from renderer.timeline.frame_rate import frame_rate
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
POPUP_EM = 30.0
EXPORT = f"{icons.ICON_FA_FILM}  Export…###export"
KINDS: tuple[tuple[VideoKind, str, str], ...] = (
    ("mp4", "MP4", "H.264: plays everywhere"),
    ("webm", "WebM", "VP9: for web pages"),
    ("gif", "GIF", "256 colours a frame, no player needed"),
    ("png", "PNG", "A folder of lossless pictures, each with its own recipe"),
)
FORMS: tuple[tuple[Fit, str, str], ...] = (
    ("wide", "Wide", "The model draws more around the square that it was trained on"),
    ("fit", "Fit", "Show the whole picture, with black bars beside it"),
    ("fill", "Fill", "Fill the whole video; the edges of the picture are cut off"),
)
FPS = Slider.of(settings.FPS)
SIDES = (Slider.of(settings.VIDEO_WIDTH), Slider.of(settings.VIDEO_HEIGHT))


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
    imgui.set_next_window_pos((high.x, top), imgui.Cond_.always, (1.0, 1.0))
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
    form = _exact(context, _size(form, size))
    reason = "" if form.scale > 1 or form.size else "The frames are not enlarged."
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


def _size(form: VideoSettings, own: Size) -> VideoSettings:
    """Multiples of the picture's `own` size, and usual ones, which can be changed further."""
    sizes: list[tuple[int | str, str, str]] = [
        (
            scale,
            f"{max(own) * scale} px" if own[0] else f"{scale}×",
            f"{scale} times as large as the model",
        )
        for scale in SCALES
    ]
    usual = dict(SIZES)
    sizes += [
        (name, name, f"{size[0]} × {size[1]} pixels, or any other width and height")
        for name, size in SIZES
    ]
    named = next((name for name, size in SIZES if size == form.size), "")
    chosen = named if form.size is not None else form.scale
    wanted = _choice("Size", "Width and height in pixels.", sizes, chosen, SCALES[0])
    if wanted == chosen:
        return form
    if isinstance(wanted, int):
        return replace(form, scale=wanted, size=None)
    smooth = form.smooth or form.size is None
    return replace(form, scale=SCALES[0], size=usual[wanted], smooth=smooth)


def _exact(context: Context, form: VideoSettings) -> VideoSettings:
    """The rows of a size that does not follow from the model's."""
    if form.size is None:
        return form
    width, height = (
        round(slider.draw(context, side)) for slider, side in zip(SIDES, form.size, strict=True)
    )
    even = 1 if form.kind in ("gif", "png") else 2
    form = replace(form, size=(width - width % even, height - height % even))
    text = "How a picture of another shape fills the video."
    return replace(form, fit=_choice("Framing", text, FORMS, form.fit, FITS[0]))


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
    fps = frame_rate(FPS.draw(context, timeline.fps))
    if fps != timeline.fps:
        pressed = imgui.get_io().mouse_clicked_time[0]
        context.ask(SetTimeline(with_fields(timeline, fps=fps), ("fps", pressed)))


def _what_comes(
    context: Context, view: TimelineView, form: VideoSettings, size: tuple[int, int]
) -> None:
    """Draw what will be written, and where."""
    count = frame_count(view.timeline)
    words = f"{count} frames, {count / view.timeline.fps:.1f} s"
    if form.size is not None or size[0]:
        width, height = form.size or (size[0] * form.scale, size[1] * form.scale)
        words += f", {width} × {height} pixels"
    imgui.dummy((0, theme.em(0.1)))
    imgui.text_unformatted(words)
    folder = Path(context.capture_folder)
    shown = f"{folder / 'clip-####'}{SUFFIXES[form.kind] or '/'}"
    room = imgui.get_content_region_avail().x
    imgui.text_disabled(fitted(shown[::-1], room)[::-1])
    tip(f"Saved with the other captures, under a new name.\n{folder}")


def _refusal(context: Context, view: TimelineView, form: VideoSettings) -> str:
    refusal = replace(form, fps=view.timeline.fps).refusal
    return refusal or NO_MODEL.reason(context.recipe, context.model)
