"""The two buttons that undo and redo."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import theme
from widgets.actions import Redo, Undo
from widgets.context import Context
from widgets.controls.buttons import icon_button
from widgets.controls.key_names import MAIN


def draw(context: Context) -> None:
    """Draw them side by side; greyed out where there is nothing to undo or to redo."""
    undo = "" if context.can_undo else "There is nothing to undo."
    if icon_button(icons.ICON_FA_ARROW_ROTATE_LEFT, "undo", f"Undo ({MAIN}+Z)", reason=undo):
        context.ask(Undo())
    imgui.same_line(0, theme.em(0.2))
    redo = "" if context.can_redo else "There is nothing to redo."
    if icon_button(icons.ICON_FA_ARROW_ROTATE_RIGHT, "redo", f"Redo ({MAIN}+Shift+Z)", reason=redo):
        context.ask(Redo())
