"""The Gallery tab: what was captured, newest first; a click brings it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.picture_files import Facts, PictureFile
from renderer.recipe import Recipe
from widgets import theme
from widgets.actions import (
    BrowseCaptureFolder,
    CopyCommand,
    CopyText,
    OpenFolder,
    RestoreFile,
)
from widgets.buttons import fitted, icon_button
from widgets.context import Context
from widgets.keys import MAIN
from widgets.live_text import FLAGS, live_text
from widgets.thumb import Look, picture_button

THUMB_PX = 192
"""Size in which pictures are decoded."""
SIDE_EM = 7.2
GAP_EM = 0.4
FILTER_EM = 18.0
EMPTY_EM = 34.0


def nobody(files: tuple[PictureFile, ...]) -> None:
    """Where there is no gallery, nobody wants to know what is on the screen."""


@dataclass(frozen=True)
class GalleryView:
    """The capture folder as far as it is known.

    `files` are those that the search for `words` has found, newest first, of `total`; `facts` what
    was read of them.  `listed` is whether the folder was read, `searching` whether recipes are
    still being read.  The tab says with `looked`, in every frame, which files it shows.
    """

    folder: str = ""
    files: tuple[PictureFile, ...] = ()
    total: int = 0
    facts: Mapping[PictureFile, Facts] = field(default_factory=dict)
    words: str = ""
    searching: bool = False
    problem: str = ""
    listed: bool = False
    looked: Callable[[tuple[PictureFile, ...]], None] = nobody


@dataclass(frozen=True)
class FilterGallery:
    """Show only files with these words in their prompts or names; all when empty."""

    words: str


def draw(context: Context) -> Recipe:
    """Draw the tab; it asks for what it wants and returns the recipe as it is."""
    view = context.see(GalleryView)
    _line(context, view)
    imgui.begin_child("pictures", (0, 0))
    if view.files:
        _pictures(context, view)
    else:
        view.looked(())
        _empty(view)
    imgui.end_child()
    return context.recipe


def _line(context: Context, view: GalleryView) -> None:
    """The search, how many there are, and the folder."""
    imgui.dummy((0, theme.em(0.1)))

    def box(words: str) -> tuple[bool, str]:
        imgui.set_next_item_width(theme.em(FILTER_EM))
        return imgui.input_text_with_hint("##text", "Search prompts and names", words, FLAGS)

    imgui.push_id("search")
    words = live_text(context, view.words, box)
    imgui.pop_id()
    if words != view.words:
        context.ask(FilterGallery(words))
    imgui.same_line()
    imgui.align_text_to_frame_padding()
    imgui.text_disabled(_count(view))
    side = 2 * imgui.get_frame_height()
    imgui.same_line()
    room = imgui.get_content_region_avail().x - side - theme.em(0.6)
    shown = fitted(view.folder[::-1], max(room, 1.0))[::-1]
    left = imgui.get_cursor_pos_x() + room - imgui.calc_text_size(shown).x
    imgui.set_cursor_pos_x(max(left, imgui.get_cursor_pos_x()))
    imgui.text_disabled(shown)
    imgui.same_line(0, theme.em(0.4))
    if icon_button(icons.ICON_FA_FOLDER_OPEN, "choose", "Choose another folder…", quiet=True):
        context.ask(BrowseCaptureFolder())
    imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_ARROW_UP_RIGHT_FROM_SQUARE, "show", "Show the folder", quiet=True):
        context.ask(OpenFolder(view.folder))


def _count(view: GalleryView) -> str:
    if not view.listed:
        return "Reading the folder…"
    total = "1 picture" if view.total == 1 else f"{view.total:,} pictures"
    if not view.words:
        return total
    return f"{len(view.files):,} of {total}" + (", reading…" if view.searching else "")


def _empty(view: GalleryView) -> None:
    """Why there is nothing to see, and what to do."""
    if not view.listed:
        return
    imgui.dummy((0, theme.em(0.6)))
    imgui.push_text_wrap_pos(theme.em(EMPTY_EM))
    if view.problem:
        imgui.push_style_color(imgui.Col_.text, theme.colour(theme.WARNING))
        imgui.text_unformatted(view.problem)
        imgui.pop_style_color()
    elif view.total:
        imgui.text_disabled("No picture has these words in its prompt or its name.")
    else:
        imgui.text_unformatted("Nothing was captured yet.")
        imgui.text_disabled(
            f"{MAIN}+S saves the picture that you see. Whatever lies in the capture folder shows "
            "up here, and a click on it brings its prompt, its seed and everything else back."
        )
    imgui.pop_text_wrap_pos()


# -- pictures ------------------------------------------------------------------------------------


def _pictures(context: Context, view: GalleryView) -> None:
    """All pictures; only the rows that can be seen are drawn, decoded and read."""
    gap, side = theme.em(GAP_EM), theme.em(SIDE_EM)
    step = (side + gap, side + imgui.get_text_line_height() + 1.5 * gap)
    room, scroll = imgui.get_window_size(), imgui.get_scroll_y()
    if view.problem:
        imgui.text_disabled(view.problem)
    corner = imgui.get_cursor_screen_pos()
    columns = max(1, int((imgui.get_content_region_avail().x + gap) // step[0]))
    rows = (len(view.files) + columns - 1) // columns
    first = max(0, int(scroll // step[1]))
    last = min(rows, int((scroll + room.y) // step[1]) + 1)
    seen = view.files[first * columns : last * columns]
    for index, file in enumerate(seen, first * columns):
        row, column = divmod(index, columns)
        imgui.set_cursor_screen_pos((corner.x + column * step[0], corner.y + row * step[1]))
        _picture(context, view.facts.get(file), file, side)
    view.looked(seen)
    imgui.set_cursor_screen_pos(corner)
    imgui.dummy((columns * step[0] - gap, rows * step[1]))


def _picture(context: Context, known: Facts | None, file: PictureFile, side: float) -> None:
    """One picture, with its words below."""
    imgui.push_id(file.name)
    corner = imgui.get_cursor_screen_pos()
    words = known.words if known else ""
    broken = known.broken if known else ""
    text = "\n".join(line for line in (words, file.name, broken or "Click to restore it.") if line)
    preview = context.previews.known(file)
    if picture_button("picture", preview, side, Look(text=text)):
        context.ask(RestoreFile(file.path))
    if broken and preview is None:
        _sign(corner.x + side / 2, corner.y + side / 2)
    _menu(context, file, broken)
    imgui.push_font(None, theme.SMALL_PX)
    caption = fitted(words or Path(file.name).stem, side)
    ink = theme.ink(theme.WARNING if broken else theme.DIM)
    imgui.get_window_draw_list().add_text((corner.x, corner.y + side + 1), ink, caption)
    imgui.pop_font()
    imgui.pop_id()


def _sign(x: float, y: float) -> None:
    """In the place of a picture that cannot be shown."""
    size = imgui.calc_text_size(icons.ICON_FA_TRIANGLE_EXCLAMATION)
    draw = imgui.get_window_draw_list()
    at = (x - size.x / 2, y - size.y / 2)
    draw.add_text(at, theme.ink(theme.WARNING), icons.ICON_FA_TRIANGLE_EXCLAMATION)


def _menu(context: Context, file: PictureFile, broken: str) -> None:
    """What a right-click offers."""
    if not imgui.begin_popup_context_item("menu"):
        return
    sound = not broken
    if imgui.menu_item("Restore", "", False, sound)[0]:
        context.ask(RestoreFile(file.path))
    if imgui.menu_item("Copy command", "", False, sound)[0]:
        context.ask(CopyCommand(file.path))
    if imgui.menu_item_simple("Copy path"):
        context.ask(CopyText(file.path, "The path"))
    if imgui.menu_item_simple("Show in the file manager"):
        context.ask(OpenFolder(str(Path(file.path).parent)))
    imgui.end_popup()
