"""Capture: save the picture or the window; both files carry the recipe."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe import Recipe
from widgets import theme
from widgets.actions import BrowseCaptureFolder, CaptureImage, CaptureWindow, CopyText, OpenFolder
from widgets.buttons import button, fitted, icon_button
from widgets.context import Context
from widgets.section import section
from widgets.tips import tip


def draw(context: Context) -> Recipe:
    """Draw the section; it asks for captures and returns the recipe as it is."""
    with section(
        context,
        "Capture",
        icons.ICON_FA_CAMERA,
        "Save what you see. Drop the file on the window to be back here.",
        summary=Path(context.last_capture).name if context.last_capture else "",
    ) as opened:
        if opened:
            _buttons(context)
            _folder(context)
            _last(context)
    return context.recipe


def _buttons(context: Context) -> None:
    none = "" if context.frame else "There is no picture yet."
    if button(
        f"{icons.ICON_FA_IMAGE}  Save picture",
        "Save the picture at the model's resolution (Ctrl-S). The PNG carries the recipe.",
        primary=True,
        reason=none,
    ):
        context.ask(CaptureImage())
    imgui.same_line()
    if button(
        f"{icons.ICON_FA_DISPLAY}  Save window",
        "Save the whole window (Ctrl-Shift-S). The PNG carries the recipe too.",
    ):
        context.ask(CaptureWindow())


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
    _path_line("Last", saved or "nothing saved yet", "The last saved file.")
    imgui.same_line(0, imgui.get_frame_height())  # below the second button of the line above
    reason = "" if saved else "Nothing was saved yet."
    if icon_button(icons.ICON_FA_COPY, "copy", "Copy its path", quiet=True, reason=reason):
        context.ask(CopyText(saved, "The path"))


def _path_line(name: str, path: str, text: str) -> None:
    """A label and a path that is shortened at its front, where it matters least."""
    imgui.align_text_to_frame_padding()
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
    imgui.text_unformatted(name)
    imgui.pop_style_color()
    imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
    room = imgui.get_content_region_avail().x - 2 * imgui.get_frame_height() - theme.em(0.4)
    left = imgui.get_cursor_pos_x()
    imgui.text_unformatted(fitted(path[::-1], room)[::-1])
    tip(f"{text}\n{path}" if path else text)
    imgui.same_line(left + room + theme.em(0.4))
    imgui.dummy((0, 0))
