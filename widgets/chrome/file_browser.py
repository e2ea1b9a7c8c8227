"""A small file dialog of our own: for systems where no native one can be opened, and for the files
of another computer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.chrome.file_list import FileList, found
from widgets.chrome.file_source import FileSource, FoundFolder, LocalFiles
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

    It begins at `start`, a path that `source` knows, empty for its first.  `suffixes` are the
    endings that are listed; empty: a folder is wanted.  With a `name` the file is to be saved, and
    is called that unless another name is typed.  What is typed to find a file narrows the list to
    names with these words.  After `draw` returned a path, or None while undecided, `open` tells
    whether the dialog is still there.
    """

    heading: str
    start: str
    suffixes: tuple[str, ...] = ()
    name: str = ""
    source: FileSource = field(default_factory=LocalFiles)
    open: bool = True
    typed: str = ""
    problem: str = ""
    waits: bool = False
    saves: bool = field(init=False, default=False)
    folder: PurePath | None = field(init=False, default=None)
    find: str = ""
    files: FileList = field(default_factory=FileList)
    _above: PurePath | None = None
    _chosen: PurePath | None = None
    _asked: int = 0

    def __post_init__(self) -> None:
        self.saves = bool(self.name)
        self.go(self.start)

    def draw(self, context: Context) -> PurePath | None:
        """Draw the dialog; returns the chosen path once, in the frame of the choice."""
        if not imgui.is_popup_open(TITLE):
            imgui.open_popup(TITLE)
        with modal(TITLE) as opened:
            if not opened:
                return None
            with scopes.font(context.fonts.bold, theme.PROMPT_PX):
                place = f" on {self.source.place}" if self.source.place else ""
                imgui.text_unformatted(fitted(self.heading + place, theme.em(WIDTH_EM)))
            self._address()
            self._entries(context)
            chosen = self._buttons() or self._chosen
            if chosen is not None or imgui.is_key_pressed(imgui.Key.escape):
                self.open = False
            if not self.open:
                imgui.close_current_popup()
        return chosen

    def go(self, path: str) -> None:
        """Show the folder at a path; that of a file chooses the file, or its name to save as."""
        self._asked += 1
        self.waits, mine = True, self._asked

        def answer(found: FoundFolder) -> None:
            if mine == self._asked:  # another folder may have been asked for since
                self._take(found)

        self.source.ask(path, self.suffixes, answer)

    def _take(self, found: FoundFolder) -> None:
        self.waits, self.problem = False, found.problem
        if found.file is not None and self.saves:
            self.name, self.problem = found.file.name, ""
        elif found.file is not None:
            if self.suffixes and not found.problem:
                self._chosen = found.file
            else:
                self.problem = found.problem or f"There is no folder {found.file}."
            return
        if found.folder is None:
            return
        self.folder, self._above = found.folder, found.above
        self.typed, self.find = str(found.folder), ""
        self.files.list(found.entries)

    def _address(self) -> None:
        """The line with the path: it can be typed, too."""
        reason = "" if self._above is not None else "The renderer may not read the folder above."
        if icon_button(icons.ICON_FA_ARROW_UP, "up", "Parent folder", reason=reason):
            self.go(str(self._above))
        imgui.same_line()
        if icon_button(icons.ICON_FA_HOUSE, "home", self.source.home):
            self.go("")
        imgui.same_line()
        imgui.set_next_item_width(theme.em(WIDTH_EM) - imgui.get_cursor_pos_x() + _left())
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self.typed = imgui.input_text("##path", self.typed, flags)
        focus.border()
        if entered:
            self.go(self.typed)

    def _entries(self, context: Context) -> None:
        """The box that finds, and the list; Enter takes the first that is found."""
        if imgui.is_window_appearing() and not self.saves:
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(theme.em(WIDTH_EM))
        flags = imgui.InputTextFlags_.enter_returns_true
        hint = "Type to find a name in this folder"
        entered, self.find = imgui.input_text_with_hint("##find", hint, self.find, flags)
        focus.border()
        size = (theme.em(WIDTH_EM), theme.em(HEIGHT_EM))
        chosen = self.files.draw(context, self.find, size, "Listing…" if self.waits else "")
        first = next(iter(found(self.files.entries, self.find)), None)
        chosen = chosen or (first if entered and self.find and not self.waits else None)
        if chosen is None:
            return
        if chosen.inside or self.saves:
            self.go(str(chosen.path))
        else:
            self._chosen = chosen.path

    def _buttons(self) -> PurePath | None:
        if self.problem:
            with theme.text_colour(theme.WARNING):
                imgui.text_unformatted(fitted(self.problem, theme.em(WIDTH_EM)))
        chosen = None
        if self.saves and self.folder is not None:
            chosen = self._save()
            imgui.same_line()
        elif not self.suffixes:
            if button("Choose this folder", primary=True):
                chosen = self.folder
            imgui.same_line()
        if button("Cancel"):
            self.open = False
        return chosen

    def _save(self) -> PurePath | None:
        """The name, and the button; what stands there already is replaced only by that name."""
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        imgui.set_next_item_width(theme.em(WIDTH_EM))
        flags = imgui.InputTextFlags_.auto_select_all
        self.name = imgui.input_text_with_hint("##name", "File name", self.name, flags)[1]
        focus.border()
        entered = imgui.is_item_deactivated() and imgui.is_key_pressed(imgui.Key.enter)
        assert isinstance(self.folder, Path), "files are saved on this computer"
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
