"""Sessions in the File menu: begin, open, save; and those that were open before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imgui_bundle import imgui

from widgets.actions import Action
from widgets.context import Context
from widgets.controls.tooltips import tip


@dataclass(frozen=True)
class NewSession(Action):
    """Start afresh with the same model; the current session is set aside."""


@dataclass(frozen=True)
class OpenSession(Action):
    """Open the session in the file at `path`; the current session is set aside."""

    path: str


@dataclass(frozen=True)
class BrowseSession(Action):
    """Let the user choose a session to open."""


@dataclass(frozen=True)
class SaveSession(Action):
    """Save the session where it was saved before, or ask where."""


@dataclass(frozen=True)
class SaveSessionAs(Action):
    """Let the user choose where the session is saved."""


@dataclass(frozen=True)
class SessionsView:
    """The menu's view of sessions: the file of the current session (empty for none), the files that
    were open before, and (file, when) of sessions that were set aside, newest first."""

    path: str = ""
    recent: tuple[str, ...] = ()
    aside: tuple[tuple[str, str], ...] = ()


def recent_menu(context: Context) -> None:
    """The entries of a menu of sessions."""
    view = context.see(SessionsView)
    for index, path in enumerate(view.recent):
        if imgui.menu_item(f"{Path(path).name}###recent{index}", "", path == view.path)[0]:
            context.ask(OpenSession(path))
        tip(path)
    if view.recent and view.aside:
        imgui.separator()
    for index, (path, when) in enumerate(view.aside):
        if imgui.menu_item_simple(f"Set aside {when}###aside{index}"):
            context.ask(OpenSession(path))
        tip("Your work before another session was opened.")
    if not (view.recent or view.aside):
        imgui.menu_item("None yet", "", False, False)
