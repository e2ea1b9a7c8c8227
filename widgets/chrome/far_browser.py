"""A dialog that chooses a model on the computer where the renderer is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.figures import in_bytes
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.modal import modal

TITLE = "Far files"
WIDTH_EM = 38.0
HEIGHT_EM = 20.0
SIZE_EM = 7.0


@dataclass(frozen=True)
class FarEntry:
    """A folder or a model file: its name and path there; `size_bytes` 0 for a folder."""

    name: str
    path: str
    inside: bool
    size_bytes: int = 0


@dataclass(frozen=True)
class FarFolder:
    """The contents of a folder there; `above` is its parent folder, empty where that may not be
    read.  With a `problem` it could not be listed."""

    path: str = ""
    above: str = ""
    entries: tuple[FarEntry, ...] = ()
    problem: str = ""


@dataclass
class FarBrowser:
    """Lets the user walk the folders of another computer and choose one file.

    `list` asks for a folder by its path, empty for the first; what comes of it is put into `folder`
    later, and `waits` is true until then.  `open` tells whether the dialog is still there.
    """

    heading: str
    list: Callable[[str], None]
    folder: FarFolder = field(default_factory=FarFolder)
    waits: bool = True
    open: bool = True
    typed: str = ""
    find: str = ""

    def show(self, folder: FarFolder) -> None:
        """Take what was listed."""
        if folder.problem:
            folder = FarFolder(self.folder.path, self.folder.above, (), folder.problem)
        self.folder, self.waits, self.find = folder, False, ""
        self.typed = folder.path

    def draw(self, context: Context) -> str | None:
        """Draw the dialog; returns the chosen path once, in the frame of the choice."""
        if not imgui.is_popup_open(TITLE):
            imgui.open_popup(TITLE)
        with modal(TITLE) as opened:
            if not opened:
                return None
            with scopes.font(context.fonts.bold, theme.PROMPT_PX):
                imgui.text_unformatted(self.heading)
            self._address()
            chosen = self._entries()
            if self.folder.problem:
                with theme.text_colour(theme.WARNING):
                    imgui.text_unformatted(fitted(self.folder.problem, theme.em(WIDTH_EM)))
            self.open = not (button("Cancel") or imgui.is_key_pressed(imgui.Key.escape) or chosen)
            if not self.open:
                imgui.close_current_popup()
        return chosen

    def _go(self, path: str) -> None:
        self.waits = True
        self.list(path)

    def _address(self) -> None:
        """The line with the path: it can be typed, too."""
        reason = "" if self.folder.above else "The renderer may not read the folder above."
        if icon_button(icons.ICON_FA_ARROW_UP, "up", "Parent folder", reason=reason):
            self._go(self.folder.above)
        imgui.same_line()
        if icon_button(icons.ICON_FA_HOUSE, "home", "Back to the first folder"):
            self._go("")
        imgui.same_line()
        left = imgui.get_cursor_start_pos().x
        imgui.set_next_item_width(theme.em(WIDTH_EM) - imgui.get_cursor_pos_x() + left)
        flags = imgui.InputTextFlags_.enter_returns_true
        entered, self.typed = imgui.input_text("##path", self.typed, flags)
        focus.border()
        if entered:
            self._go(self.typed)

    def _entries(self) -> str | None:
        imgui.set_next_item_width(theme.em(WIDTH_EM))
        hint = "Type to find a name in this folder"
        self.find = imgui.input_text_with_hint("##find", hint, self.find)[1]
        focus.border()
        words, chosen = self.find.lower().split(), None
        size = (theme.em(WIDTH_EM), theme.em(HEIGHT_EM))
        with scopes.table("entries", 2, imgui.TableFlags_.scroll_y, size) as opened:
            if not opened:
                return None
            fixed = imgui.TableColumnFlags_.width_fixed
            imgui.table_setup_column("Name", fixed, theme.em(WIDTH_EM - SIZE_EM - 2))
            imgui.table_setup_column("Size", fixed, theme.em(SIZE_EM))
            shown = [
                entry
                for entry in self.folder.entries
                if all(word in entry.name.lower() for word in words)
            ]
            if self.waits or not shown:
                imgui.table_next_row()
                imgui.table_next_column()
                theme.dim("Listing…" if self.waits else "No models here.")
            for entry in () if self.waits else shown:
                if self._row(entry):
                    if entry.inside:
                        self._go(entry.path)
                    else:
                        chosen = entry.path
        return chosen

    def _row(self, entry: FarEntry) -> bool:
        imgui.table_next_row()
        imgui.table_next_column()
        icon = icons.ICON_FA_FOLDER if entry.inside else icons.ICON_FA_CUBE
        name = fitted(entry.name, theme.em(WIDTH_EM - SIZE_EM - 5))
        pressed = imgui.selectable(
            f"{icon}  {name}##{entry.path}", False, imgui.SelectableFlags_.span_all_columns
        )[0]
        imgui.table_next_column()
        if not entry.inside:
            theme.dim(in_bytes(entry.size_bytes))
        return pressed
