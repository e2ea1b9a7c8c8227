"""A small file dialog of our own, for systems where no native one can be opened."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.chrome.file_list import FileList, found, listing
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.modal import modal

TITLE = "File browser"
WIDTH_EM = 38.0
HEIGHT_EM = 20.0


@dataclass
class FileBrowser:
    """Lets the user walk folders and choose one file, or one folder.

    `suffixes` are the endings that are listed; empty: a folder is wanted.  With a `name` the file
    is to be saved, and is called that unless another name is typed.  What is typed to find a file
    narrows the list to names with these words.  After `draw` returned a path,
    or None while undecided, `open` tells whether the dialog is still there.
    """

    heading: str
    folder: Path
    suffixes: tuple[str, ...] = ()
    name: str = ""
    open: bool = True
    typed: str = ""
    problem: str = ""
    saves: bool = field(init=False, default=False)
    _listed: Path | None = None
    find: str = ""
    files: FileList = field(default_factory=FileList)

    def __post_init__(self) -> None:
        self.saves = bool(self.name)

    def draw(self, context: Context) -> Path | None:
        """Draw the dialog; returns the chosen path once, in the frame of the choice."""
        if not imgui.is_popup_open(TITLE):
            imgui.open_popup(TITLE)
        with modal(TITLE) as opened:
            if not opened:
                return None
            if self._listed != self.folder:
                self._list()
            with scopes.font(context.fonts.bold, theme.PROMPT_PX):
                imgui.text_unformatted(self.heading)
            chosen = self._address() or self._entries(context) or self._buttons()
            if chosen is not None or imgui.is_key_pressed(imgui.Key.escape):
                self.open = False
            if not self.open:
                imgui.close_current_popup()
        return chosen

    def go(self, folder: Path) -> None:
        """Show another folder."""
        self.folder, self.typed, self.find = folder, "", ""

    def _list(self) -> None:
        self._listed, self.problem = self.folder, ""
        self.typed = self.typed or str(self.folder)
        try:
            self.files.list(listing(self.folder, self.suffixes))
        except OSError as error:
            self.files.list([])
            self.problem = f"{self.folder} cannot be listed: {error.strerror or error}."

    def _address(self) -> Path | None:
        """The line with the path: it can be typed, too."""
        if icon_button(icons.ICON_FA_ARROW_UP, "up", "Parent folder"):
            self.go(self.folder.parent)
        imgui.same_line()
        if icon_button(icons.ICON_FA_HOUSE, "home", "Your home folder"):
            self.go(Path.home())
        imgui.same_line()
        imgui.set_next_item_width(theme.em(WIDTH_EM) - imgui.get_cursor_pos_x() + _left())
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self.typed = imgui.input_text("##path", self.typed, flags)
        focus.border()
        return self._enter(Path(os.path.expanduser(self.typed))) if entered else None

    def _enter(self, path: Path) -> Path | None:
        # Not pathlib's: what is typed may be no possible name, and those raise then.
        if os.path.isdir(path):
            self.go(path)
        elif self.saves and (os.path.isfile(path) or os.path.isdir(path.parent)):
            self.go(path.parent)
            self.name = path.name
        elif self.suffixes and os.path.isfile(path):
            return path
        else:
            self.problem = f"There is no {'file' if self.suffixes else 'folder'} {path}."
        return None

    def _entries(self, context: Context) -> Path | None:
        """The box that finds, and the list; Enter takes the first that is found."""
        if imgui.is_window_appearing() and not self.saves:
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(theme.em(WIDTH_EM))
        flags = imgui.InputTextFlags_.enter_returns_true
        hint = "Type to find a name in this folder"
        entered, self.find = imgui.input_text_with_hint("##find", hint, self.find, flags)
        focus.border()
        size = (theme.em(WIDTH_EM), theme.em(HEIGHT_EM))
        chosen = self.files.draw(context, self.find, size)
        first = next(iter(found(self.files.entries, self.find)), None)
        chosen = chosen or (first if entered and self.find else None)
        return self._enter(chosen.path) if chosen is not None else None

    def _buttons(self) -> Path | None:
        if self.problem:
            with theme.text_colour(theme.WARNING):
                imgui.text_unformatted(fitted(self.problem, theme.em(WIDTH_EM)))
        chosen = None
        if self.saves:
            chosen = self._save()
            imgui.same_line()
        elif not self.suffixes:
            if button("Choose this folder", primary=True):
                chosen = self.folder
            imgui.same_line()
        if button("Cancel"):
            self.open = False
        return chosen

    def _save(self) -> Path | None:
        """The name, and the button; what stands there already is replaced only by that name."""
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(theme.em(WIDTH_EM))
        flags = imgui.InputTextFlags_.auto_select_all
        self.name = imgui.input_text_with_hint("##name", "File name", self.name, flags)[1]
        focus.border()
        entered = imgui.is_item_deactivated() and imgui.is_key_pressed(imgui.Key.enter)
        path = self.folder / with_suffix(self.name.strip(), self.suffixes)
        bad = not self.name.strip() or path.parent != self.folder
        exists = not bad and os.path.exists(path)
        reason = "Type a name without folders." if bad else ""
        if exists and os.path.isdir(path):
            reason = "There is a folder of this name."
        text = f"{path.name} exists already and will be replaced." if exists else ""
        label = "Replace###save" if exists else "Save###save"
        pressed = button(label, text, primary=True, reason=reason)
        # Enter saves, but replaces nothing: for that the button says what it does.
        return path if pressed or (entered and not reason and not exists) else None


def with_suffix(name: str, suffixes: Sequence[str]) -> str:
    """`name` with the first of `suffixes` where it ends in none of them."""
    if not suffixes or name.lower().endswith(tuple(suffixes)):
        return name
    return name + suffixes[0]


def _left() -> float:
    return imgui.get_cursor_start_pos().x
