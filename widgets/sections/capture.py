"""Capture: save the picture, the window or a sheet; every file carries the recipe."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe import contact_sheet
from renderer.recipe.recipe import Recipe
from widgets import theme
from widgets.actions import (
    BrowseCaptureFolder,
    CaptureImage,
    CaptureWindow,
    CopyCommand,
    CopyText,
    OpenFolder,
)
from widgets.context import Context, Options
from widgets.controls import labelled_row, source_sign
from widgets.controls.buttons import button, choice, fitted, flow, icon_button
from widgets.controls.grid_view import SaveSheet, SheetView
from widgets.controls.key_names import MAIN
from widgets.controls.recording_view import Record, RecordingView, clock_text
from widgets.controls.section import section
from widgets.controls.tooltips import tip

FORMATS = (
    ("png", "PNG", "Lossless; the recipe is inside as plain text."),
    (
        "jpg",
        "JPEG",
        "Small files, slightly lossy; for recipes of up to about 30,000 characters.",
    ),
    ("webp", "WebP", "Lossless, in a smaller file than PNG."),
)

RECORD = (
    f"Record what is played ({MAIN}+R). The take keeps every setting with its time: drop it on the "
    "window to play it again, or render it at any size and rate."
)
VIDEO = "The files that recording makes; both have the same name."
RECORDED = (
    (True, "Take and video", "The take, and a video of the pictures as they are seen."),
    (False, "Take", "The take alone, from which a video can be rendered at any time."),
)


def draw(context: Context) -> Recipe:
    """Draw the section; it asks for captures and returns the recipe as it is."""
    with section(
        context,
        "Capture",
        icons.ICON_FA_CAMERA,
        "Save what you see. Drop the file on the window to restore it.",
        summary=Path(context.last_capture).name if context.last_capture else "",
    ) as opened:
        if opened:
            _buttons(context)
            _recording(context)
            _format(context)
            _folder(context)
            _last(context)
    return context.recipe


def _buttons(context: Context) -> None:
    none = "" if context.frame else "There is no picture yet."

    def picture(label: str) -> bool:
        text = (
            f"Save the picture at the model's resolution ({MAIN}+S). The file contains the recipe."
        )
        pressed = button(label, text, primary=True, reason=none)
        if pressed:
            context.ask(CaptureImage())
        source_sign.offered(context, "/capture")
        return pressed

    def window(label: str) -> bool:
        pressed = button(
            label, f"Save the whole window ({MAIN}+Shift+S). The file contains the recipe, too."
        )
        if pressed:
            context.ask(CaptureWindow())
        return pressed

    def sheet(label: str) -> bool:
        view = context.see(SheetView)
        rows, columns = contact_sheet.table_size(view.sheet, context.recipe)
        text = (
            f"Render the {rows} x {columns} pictures of the Grid tab at the model's resolution "
            "and save them as one contact sheet."
        )
        reason = "A grid is being saved; the Grid tab shows the progress." if view.saving else none
        pressed = button(label, text, reason=reason)
        if pressed:
            context.ask(SaveSheet())
        return pressed

    def record(label: str) -> bool:
        on = context.see(RecordingView).on
        pressed = button(label, RECORD, reason="" if on else none)
        if pressed:
            context.ask(Record(not on))
        source_sign.offered(context, "/record")
        return pressed

    def command(label: str) -> bool:
        text = (
            "Copy the terminal command that renders exactly this picture. If its options cannot "
            "express the recipe, it is saved beside the settings and named in the command."
        )
        pressed = button(label, text, reason=none)
        if pressed:
            context.ask(CopyCommand())
        return pressed

    flow(
        (
            (f"{icons.ICON_FA_IMAGE}  Save picture###save picture", picture),
            (f"{icons.ICON_FA_DISPLAY}  Window###save window", window),
            (f"{icons.ICON_FA_TABLE_CELLS}  Grid###save sheet", sheet),
            (_record_label(context.see(RecordingView)), record),
            (f"{icons.ICON_FA_TERMINAL}  Copy command###copy command", command),
        ),
        imgui.get_content_region_avail().x,
    )


def _record_label(view: RecordingView) -> str:
    if view.on:
        return f"{icons.ICON_FA_STOP}  Stop {clock_text(view.since_s)}###record"
    return f"{icons.ICON_FA_CIRCLE}  Record###record"


def _recording(context: Context) -> None:
    """The choice whether recording makes a video beside the take."""
    reason = "End the recording first." if context.see(RecordingView).on else ""
    with labelled_row.row("Record", VIDEO, reason or None) as row:
        video = choice("recorded", RECORDED, context.options.record_video, row.width, reason)
        if row.reset(video != Options().record_video):
            video = Options().record_video
    context.out.options = replace(context.options, record_video=video)


def _format(context: Context) -> None:
    with labelled_row.row("Format", "The file format of captures.") as row:
        chosen = choice("format", FORMATS, context.options.capture_format, row.width)
        usual = Options().capture_format
        if row.reset(chosen != usual):
            chosen = usual
    context.out.options = replace(context.options, capture_format=chosen)


def _folder(context: Context) -> None:
    _path_line("Folder", context.capture_folder, "Where captures are saved.")
    imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_FOLDER_OPEN, "choose", "Choose another folder…", quiet=True):
        context.ask(BrowseCaptureFolder())
    imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_ARROW_UP_RIGHT_FROM_SQUARE, "show", "Show the folder", quiet=True):
        context.ask(OpenFolder(context.capture_folder))


def _last(context: Context) -> None:
    saved = context.last_capture
    _path_line("Last", saved or "nothing saved yet", "The last file that was saved.")
    imgui.same_line(0, imgui.get_frame_height())  # below the second button of the line above
    reason = "" if saved else "Nothing was saved yet."
    if icon_button(icons.ICON_FA_COPY, "copy", "Copy its path", quiet=True, reason=reason):
        context.ask(CopyText(saved, "the path"))


def _path_line(name: str, path: str, text: str) -> None:
    """A label and a path that is shortened at its front, where it matters least."""
    imgui.align_text_to_frame_padding()
    theme.dim(name)
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    room = imgui.get_content_region_avail().x - 2 * imgui.get_frame_height() - theme.em(0.4)
    left = imgui.get_cursor_pos_x()
    imgui.text_unformatted(fitted(path[::-1], room)[::-1])
    tip(f"{text}\n{path}" if path else text)
    imgui.same_line(left + room + theme.em(0.4))
    imgui.dummy((0, 0))
