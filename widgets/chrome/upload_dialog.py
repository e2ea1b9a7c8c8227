"""The question whether a model of this computer is to be uploaded, and how far an upload is."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import button
from widgets.controls.modal import modal
from widgets.controls.upload_view import UploadView

TITLE = "Upload"
WIDTH_EM = 32.0


@dataclass(frozen=True)
class BrowseUpload(Action):
    """Let the user choose a model of this computer to upload."""


@dataclass(frozen=True)
class StartUpload(Action):
    """Upload the model that was asked about."""


@dataclass(frozen=True)
class LeaveUpload(Action):
    """Let the question go; nothing is uploaded."""


def draw(context: Context) -> None:
    """Draw the question, while there is one."""
    view = context.see(UploadView)
    if view.question and not imgui.is_popup_open(TITLE):
        imgui.open_popup(TITLE)
    with modal(TITLE) as opened:
        if not opened:
            return
        width = theme.em(WIDTH_EM)
        with scopes.font(context.fonts.bold, theme.PROMPT_PX):
            theme.wrapped(view.question, width=width)
        theme.wrapped(view.explained, width=width)
        imgui.dummy((0, theme.em(0.2)))
        answer: Action | None = None
        icon = icons.ICON_FA_ARROW_UP_FROM_BRACKET
        if view.possible and button(f"{icon}  Upload###upload", primary=True):
            answer = StartUpload()
        if view.possible:
            imgui.same_line()
        if button("Cancel" if view.possible else "Close") or imgui.is_key_pressed(imgui.Key.escape):
            answer = LeaveUpload()
        if answer is not None or not view.question:
            imgui.close_current_popup()
        if answer is not None:
            context.ask(answer)
