"""The list of the program's own file dialog: folders and files with dates, sizes and pictures."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.files.kinds import IMAGE_SUFFIXES
from renderer.recipe.figures import in_bytes
from renderer.recipe.names import is_text
from widgets import scopes, theme
from widgets.context import Context, Preview
from widgets.controls.buttons import fitted
from widgets.controls.thumbnail import Look, paint

if TYPE_CHECKING:
    import numpy as np

MAX_ENTRIES = 2000
COLUMNS_EM = (22.0, 8.0, 6.0)
"""Widths of name, date and size."""
LARGE_EM = 12.0
NAME, CHANGED, SIZE = range(3)


@dataclass(frozen=True)
class Entry:
    """A folder or a file, of this computer or another; `changed_s` in seconds since 1970,
    `size_bytes` 0 for a folder."""

    path: PurePath
    inside: bool
    changed_s: float = 0.0
    size_bytes: int = 0


def no_picture(path: Path) -> np.ndarray | None:
    """Without a decoder, no picture of a file ever comes."""


def listing(folder: Path, suffixes: Sequence[str]) -> list[Entry]:
    """Folders, and files of the wanted kinds, in `folder`; folders first, then by name.

    Hidden ones are left out, and those whose names are no text.

    Raises:
        OSError: the folder cannot be read.
    """
    entries: list[Entry] = []
    with os.scandir(folder) as found:
        for one in found:
            if one.name.startswith(".") or not is_text(one.name):
                continue
            try:
                inside = one.is_dir()
                if not inside and not one.name.lower().endswith(tuple(suffixes) or "\0"):
                    continue
                status = one.stat()
            except OSError:  # it went meanwhile, or is a link to nowhere or to itself
                continue
            size = 0 if inside else status.st_size
            entries.append(Entry(folder / one.name, inside, status.st_mtime, size))
    return arranged(entries)


def arranged(entries: Sequence[Entry], column: int = NAME, *, falling: bool = False) -> list[Entry]:
    """Entries by a column, folders always first; equal ones by name."""

    def key(entry: Entry) -> float:
        return (0.0, entry.changed_s, float(entry.size_bytes))[column]

    by_name = sorted(entries, key=lambda entry: entry.path.name.lower(), reverse=falling)
    if column != NAME:
        by_name.sort(key=lambda entry: entry.path.name.lower())
        by_name.sort(key=key, reverse=falling)
    return sorted(by_name, key=lambda entry: not entry.inside)


def found(entries: Sequence[Entry], words: str) -> list[Entry]:
    """Those with all the words in their names."""
    wanted = words.lower().split()
    return [entry for entry in entries if all(word in entry.path.name.lower() for word in wanted)]


@dataclass
class FileList:
    """The table.  `look` gives the pixels of a file once they are decoded, uint8 [h, w, 3]."""

    look: Callable[[Path], np.ndarray | None] = no_picture
    entries: Sequence[Entry] = ()
    column: int = NAME
    falling: bool = False

    def list(self, entries: Sequence[Entry]) -> None:
        """Show these, in the order that was chosen last."""
        self.entries = arranged(entries, self.column, falling=self.falling)

    def draw(
        self, context: Context, words: str, size: tuple[float, float], instead: str = ""
    ) -> Entry | None:
        """Draw what has the words, or the words `instead`; returns the pressed entry."""
        flags = imgui.TableFlags_.sortable | imgui.TableFlags_.scroll_y
        with scopes.table("entries", 3, flags, size) as opened:
            if not opened:
                return None
            imgui.table_setup_scroll_freeze(0, 1)
            fixed = imgui.TableColumnFlags_.width_fixed
            for name, width in zip(("Name", "Modified", "Size"), COLUMNS_EM, strict=True):
                imgui.table_setup_column(name, fixed, theme.em(width))
            imgui.table_headers_row()
            self._sort()
            shown, chosen = found(self.entries, words)[:MAX_ENTRIES], None
            if instead:
                shown = []
            clipper = imgui.ListClipper()
            clipper.begin(len(shown))
            while clipper.step():
                for entry in shown[clipper.display_start : clipper.display_end]:
                    if self._row(context, entry):
                        chosen = entry
            if not shown:
                imgui.table_next_row()
                imgui.table_next_column()
                imgui.text_disabled(instead or "No matching files here.")
        return chosen

    def _sort(self) -> None:
        """In the order that the heads ask for."""
        specs = imgui.table_get_sort_specs()
        if specs is None or not specs.specs_dirty or specs.specs_count < 1:
            return
        spec = specs.get_specs(0)
        self.column = spec.column_index
        self.falling = spec.get_sort_direction() == imgui.SortDirection.descending
        self.list(self.entries)
        specs.specs_dirty = False

    def _row(self, context: Context, entry: Entry) -> bool:
        imgui.table_next_row()
        imgui.table_next_column()
        name, corner = entry.path.name, imgui.get_cursor_screen_pos()
        indent = theme.em(1.8)
        label = fitted(name, theme.em(COLUMNS_EM[NAME]) - indent)
        spans = imgui.SelectableFlags_.span_all_columns
        imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + indent)
        pressed = imgui.selectable(f"{label}###{name}", False, spans)[0]
        self._sign(context, entry, (corner.x, corner.y))
        imgui.table_next_column()
        imgui.text_disabled(time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.changed_s)))
        imgui.table_next_column()
        imgui.text_disabled("" if entry.inside else in_bytes(entry.size_bytes))
        return pressed

    def _sign(self, context: Context, entry: Entry, at: tuple[float, float]) -> None:
        """A small picture of a picture, larger in the tooltip; an icon for everything else."""
        shown = None if entry.inside else self._picture(context, entry)
        side = imgui.get_text_line_height()
        if shown is None:
            icon = icons.ICON_FA_FOLDER if entry.inside else icons.ICON_FA_FILE
            imgui.get_window_draw_list().add_text(at, theme.ink(theme.DIM), icon)
            return
        hovered = imgui.is_item_hovered()
        paint(shown, (*at, at[0] + side, at[1] + side), Look())
        if not hovered:
            return
        with scopes.tooltip() as opened:
            if opened:
                corner, large = imgui.get_cursor_screen_pos(), theme.em(LARGE_EM)
                imgui.dummy((large, large))
                paint(shown, (corner.x, corner.y, corner.x + large, corner.y + large), Look())

    def _picture(self, context: Context, entry: Entry) -> Preview | None:
        if entry.path.suffix.lower() not in IMAGE_SUFFIXES or not isinstance(entry.path, Path):
            return None
        key = ("file", entry)
        known = context.previews.known(key)
        pixels = self.look(entry.path) if known is None else None
        return context.previews.put(key, pixels) if pixels is not None else known
