"""The menus: File, Edit, View, Help."""

from __future__ import annotations

import msgspec
from imgui_bundle import imgui

from widgets import actions, scopes, theme
from widgets.actions import Action
from widgets.chrome import preset_menu, renderer_dialog, session_menu, shortcuts
from widgets.chrome.shortcuts import Command
from widgets.chrome.tour import StartTour
from widgets.chrome.upload_dialog import BrowseUpload
from widgets.context import ZOOM_RANGE, Context, Options
from widgets.controls.recording_view import Record, RecordingView
from widgets.controls.run_view import BrowseRun, RunView
from widgets.controls.tooltips import tip
from widgets.controls.upload_view import UploadView
from widgets.model.recent import recent_menu
from widgets.picture import toolbar
from widgets.picture.compare import ComparisonView, StopComparing

ZOOM_STEP = 1.1
CHORDS_EM = 24.0


def draw(context: Context, scale: float) -> float:
    """Draw the bar along the window's top edge; returns its height in pixels.

    Args:
        context: this UI frame.
        scale: at which the picture is shown, for the tools at the bar's right end.
    """
    with scopes.menu_bar() as opened:
        if not opened:
            return 0.0
        height = imgui.get_window_size().y
        for title, body in (("File", _file), ("Edit", _edit), ("View", _view), ("Help", _help)):
            with scopes.menu(title) as opened:
                if opened:
                    body(context)
        toolbar.draw(context, scale)
    return height


def _entry(context: Context, command: Command, enabled: bool = True) -> None:
    if imgui.menu_item(command.title, _chord(command), False, enabled)[0]:
        context.ask(command.action)


def _chord(command: Command) -> str:
    """The keys of a command; nothing where a menu with keys would be wider than the window."""
    return command.chord if imgui.get_main_viewport().size.x > theme.em(CHORDS_EM) else ""


def _plain(context: Context, title: str, action: Action, enabled: bool = True) -> None:
    if imgui.menu_item(title, "", False, enabled)[0]:
        context.ask(action)


def _file(context: Context) -> None:
    _entry(context, shortcuts.OPEN_MODEL)
    with scopes.menu("Recent models") as opened:
        if opened:
            recent_menu(context)
    elsewhere = bool(context.see(UploadView).place)
    if elsewhere:
        _plain(context, "Upload a model from this computer…", BrowseUpload())
    reason = context.see(RunView).out_of_reach
    _plain(context, "Open a training run…", BrowseRun(), not reason)
    tip("", reason or None)
    _plain(context, "Restore from a picture…", actions.BrowseRecipe())
    imgui.separator()
    _plain(context, "New session", session_menu.NewSession())
    _entry(context, shortcuts.OPEN_SESSION)
    with scopes.menu("Recent sessions") as opened:
        if opened:
            session_menu.recent_menu(context)
    _entry(context, shortcuts.SAVE_SESSION)
    _plain(context, "Save session as…", session_menu.SaveSessionAs())
    with scopes.menu("Presets") as opened:
        if opened:
            preset_menu.menu(context)
    imgui.separator()
    _entry(context, shortcuts.SAVE_PICTURE, context.frame is not None)
    _entry(context, shortcuts.SAVE_WINDOW)
    recording = context.see(RecordingView).on
    if imgui.menu_item("Record", _chord(shortcuts.RECORD), recording)[0]:
        context.ask(Record(not recording))
    _plain(context, "Choose capture folder…", actions.BrowseCaptureFolder())
    _plain(context, "Show capture folder", actions.OpenFolder(context.capture_folder))
    imgui.separator()
    with scopes.menu("Renderer") as opened:
        if opened:
            renderer_dialog.menu(context)
    _entry(context, shortcuts.QUIT)


def _edit(context: Context) -> None:
    _entry(context, shortcuts.UNDO, context.can_undo)
    _entry(context, shortcuts.REDO, context.can_redo)
    imgui.separator()
    _entry(context, shortcuts.STAR, context.frame is not None)
    _entry(context, shortcuts.KEEP_A, context.frame is not None)
    _entry(context, shortcuts.KEEP_B, context.frame is not None)
    _plain(context, "Stop comparing", StopComparing(), context.see(ComparisonView).on)
    imgui.separator()
    _entry(context, shortcuts.PREVIOUS)
    _entry(context, shortcuts.NEXT)
    _entry(context, shortcuts.RANDOM)
    _entry(context, shortcuts.SURPRISE, context.model is not None and context.model.c_dim > 0)
    imgui.separator()
    _plain(context, "Copy command", actions.CopyCommand(), context.frame is not None)
    _plain(context, "Copy recipe", actions.CopyRecipe())
    _plain(context, "Paste recipe", actions.PasteRecipe())
    _plain(context, "Reset everything", actions.ResetRecipe())


def _view(context: Context) -> None:
    options = context.options
    for command in (shortcuts.FIT, shortcuts.ACTUAL, shortcuts.ZOOM_IN, shortcuts.ZOOM_OUT):
        _entry(context, command, context.picture is not None)
    smooth = imgui.menu_item("Smooth pixels", "", options.smooth)[1]
    imgui.separator()
    for command in (shortcuts.TRAVEL, shortcuts.HAND, shortcuts.PLACE):
        _entry(context, command)
    imgui.separator()
    sidebar = imgui.menu_item("Panels", _chord(shortcuts.PANELS), options.show_sidebar)[1]
    zoom = options.zoom
    if imgui.menu_item_simple("Larger text"):
        zoom = min(zoom * ZOOM_STEP, ZOOM_RANGE[1])
    if imgui.menu_item_simple("Smaller text"):
        zoom = max(zoom / ZOOM_STEP, ZOOM_RANGE[0])
    if imgui.menu_item_simple("Default text size"):
        zoom = 1.0
    context.out.options = msgspec.structs.replace(
        options, smooth=smooth, show_sidebar=sidebar, zoom=zoom
    )
    if imgui.menu_item_simple("Reset panels"):
        first = Options()
        context.out.options = msgspec.structs.replace(
            context.options, open_sections=first.open_sections, sidebar_em=first.sidebar_em
        )
    imgui.separator()
    output = shortcuts.OUTPUT
    if imgui.menu_item(output.title, _chord(output), context.options.output.on)[0]:
        context.ask(output.action)
    _entry(context, shortcuts.FULLSCREEN)
    bare = imgui.menu_item("Full screen hides panels", "", context.options.bare_fullscreen)[1]
    context.out.options = msgspec.structs.replace(context.options, bare_fullscreen=bare)


def _help(context: Context) -> None:
    _entry(context, shortcuts.OVERVIEW)
    _plain(context, "Tour", StartTour())
    _plain(context, "Messages", actions.ShowDialog("messages"))
    imgui.separator()
    _plain(context, "About", actions.ShowDialog("about"))
