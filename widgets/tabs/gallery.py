"""The Gallery tab: captured pictures and videos, newest first; a click brings one back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.files.image_folder import Facts, ImageFile
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.actions import (
    Action,
    BrowseCaptureFolder,
    CopyCommand,
    CopyText,
    OpenFolder,
    RestoreFile,
)
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import beside, button, button_width, fitted, icon_button
from widgets.controls.key_names import MAIN
from widgets.controls.live_text_box import FLAGS, live_text
from widgets.controls.thumbnail import Look, picture_button
from widgets.controls.timeline_view import OpenTimeline
from widgets.controls.tooltips import tip
from widgets.tabs import gallery_trash
from widgets.tabs.gallery_trash import NO_TRASH, Trash

THUMB_PX = 192
"""Size in which pictures are decoded."""
SIDE_EM = 7.2
GAP_EM = 0.4
FILTER_EM = 18.0
FOLDER_EM = 4.0
"""At least this much of the folder's name stands beside what else is in the line."""
EMPTY_EM = 34.0


def ignore(files: tuple[ImageFile, ...]) -> None:
    """Ignore what is on the screen: there is no gallery."""


@dataclass(frozen=True)
class GalleryView:
    """The capture folder as far as it is known.

    `files` are those that the search for `words` has found, newest first, of `total`; `facts` what
    was read of them.  `listed` is whether the folder was read, `searching` whether recipes are
    still being read.  `starred` are names with a star, `stars_only` is whether only those are
    shown, `deleted` names what was deleted last, and `trash` is what was deleted so far.  The tab
    says with `looked`, in every frame, which files it shows.
    """

    folder: str = ""
    files: tuple[ImageFile, ...] = ()
    total: int = 0
    facts: Mapping[ImageFile, Facts] = field(default_factory=dict)
    words: str = ""
    searching: bool = False
    problem: str = ""
    listed: bool = False
    starred: frozenset[str] = frozenset()
    stars_only: bool = False
    deleted: str = ""
    trash: Trash = NO_TRASH
    looked: Callable[[tuple[ImageFile, ...]], None] = ignore


@dataclass(frozen=True)
class FilterGallery(Action):
    """Show only files with these words in their prompts or names, or only those with a star."""

    words: str
    stars_only: bool = False


@dataclass(frozen=True)
class DeleteCapture(Action):
    """Put a capture into the trash beside the captures."""

    path: str


@dataclass(frozen=True)
class UndeleteCapture(Action):
    """Bring the capture back that was deleted last."""


@dataclass(frozen=True)
class RenameCapture(Action):
    """Give a capture another name; its ending stays."""

    path: str
    name: str


@dataclass(frozen=True)
class StarCapture(Action):
    """Give a capture a star, or take it."""

    path: str
    on: bool


def draw(context: Context) -> Recipe:
    """Draw the tab; it asks for what it wants and returns the recipe as it is."""
    view = context.see(GalleryView)
    _line(context, view)
    with scopes.child("pictures", (0, 0)):
        if view.files:
            _pictures(context, view)
        else:
            view.looked(())
            _empty(view)
    return context.recipe


def _line(context: Context, view: GalleryView) -> None:
    """The search, how many there are, and the folder."""
    imgui.dummy((0, theme.em(0.1)))

    def box(words: str) -> tuple[bool, str]:
        imgui.set_next_item_width(min(theme.em(FILTER_EM), imgui.get_content_region_avail().x))
        return imgui.input_text_with_hint("##text", "Search prompts and names", words, FLAGS)

    with scopes.name("search"):
        words = live_text(context, view.words, box)
    if words != view.words:
        context.ask(FilterGallery(words, view.stars_only))
    gap, side = imgui.get_style().item_spacing.x, imgui.get_frame_height()
    beside(side, gap)
    text = "Show all" if view.stars_only else "Show only starred captures"
    ink = theme.ACCENT if view.stars_only else ""
    if icon_button(icons.ICON_FA_STAR, "stars", text, quiet=True, ink=ink):
        context.ask(FilterGallery(words, not view.stars_only))
    beside(imgui.calc_text_size(_count(view)).x, gap)
    imgui.align_text_to_frame_padding()
    imgui.text_disabled(_count(view))
    if view.deleted:
        label = f"{icons.ICON_FA_ARROW_ROTATE_LEFT}  Undo delete###undelete"
        beside(button_width(label), gap)
        if button(label, f"Restore {view.deleted}."):
            context.ask(UndeleteCapture())
    gallery_trash.draw(context, view.trash, gap)
    side *= 2
    beside(side + theme.em(FOLDER_EM), gap)
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
    total = "1 capture" if view.total == 1 else f"{view.total:,} captures"
    if not view.words and not view.stars_only:
        return total
    return f"{len(view.files):,} of {total}" + (", reading…" if view.searching else "")


def _empty(view: GalleryView) -> None:
    """Draw why there is nothing to see, and what to do."""
    if not view.listed:
        return
    imgui.dummy((0, theme.em(0.6)))
    with scopes.wrap(theme.em(EMPTY_EM)):
        if view.problem:
            with theme.text_colour(theme.WARNING):
                imgui.text_unformatted(view.problem)
        elif view.total:
            what = "a star" if view.stars_only else "these words in its prompt or its name"
            imgui.text_disabled(f"No capture has {what}.")
        else:
            imgui.text_unformatted("There are no captures yet.")
            imgui.text_disabled(
                f"{MAIN}+S saves the current picture. Everything in the capture folder appears "
                "here; click a capture to restore its prompt, its seed and everything else."
            )


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
        _picture(context, view, file, side)
    view.looked(seen)
    imgui.set_cursor_screen_pos(corner)
    imgui.dummy((columns * step[0] - gap, rows * step[1]))


def _picture(context: Context, view: GalleryView, file: ImageFile, side: float) -> None:
    """One picture, or a video's film, with its words below."""
    with scopes.name(file.name):
        corner, known = imgui.get_cursor_screen_pos(), view.facts.get(file)
        words = known.words if known else ""
        broken = known.broken if known else ""
        text = "\n".join(
            line for line in (words, file.name, broken or "Click to restore it.") if line
        )
        preview = context.previews.known(file)
        length = f"{known.length_s:.1f} s" if known and known.length_s else ""
        if picture_button("picture", preview, side, Look(text=text, caption=length)):
            context.ask(_restore(file))
        _menu(context, file, broken, starred=file.name in view.starred)
        middle = (corner.x + side / 2, corner.y + side / 2)
        if broken and preview is None:
            _sign(icons.ICON_FA_TRIANGLE_EXCLAMATION, theme.WARNING, *middle)
        elif file.is_video:
            _sign(icons.ICON_FA_FILM, theme.DIM, *middle)
        if file.name in view.starred:
            inset = theme.em(0.8)
            _sign(icons.ICON_FA_STAR, theme.ACCENT, corner.x + side - inset, corner.y + inset)
        with scopes.font(None, theme.SMALL_PX):
            caption = fitted(words or Path(file.name).stem, side)
            ink = theme.ink(theme.WARNING if broken else theme.DIM)
            imgui.get_window_draw_list().add_text((corner.x, corner.y + side + 1), ink, caption)


def _restore(file: ImageFile) -> RestoreFile | OpenTimeline:
    return OpenTimeline(file.path) if file.is_video else RestoreFile(file.path)


def _sign(icon: str, code: str, x: float, y: float) -> None:
    """An icon around a point: what the picture is, or that it cannot be shown."""
    size = imgui.calc_text_size(icon)
    at = (x - size.x / 2, y - size.y / 2)
    imgui.get_window_draw_list().add_text(at, theme.ink(code), icon)


def _menu(context: Context, file: ImageFile, broken: str, *, starred: bool) -> None:
    """Draw what a right-click offers."""
    with scopes.item_menu("menu") as opened:
        if not opened:
            return
        sound = not broken
        if imgui.menu_item("Restore", "", False, sound)[0]:
            context.ask(_restore(file))
        if imgui.menu_item_simple("Remove the star" if starred else "Star"):
            context.ask(StarCapture(file.path, not starred))
        with scopes.menu("Rename") as opened:
            if opened:
                _rename(context, file)
        imgui.separator()
        if imgui.menu_item("Copy command", "", False, sound and not file.is_video)[0]:
            context.ask(CopyCommand(file.path))
        if imgui.menu_item_simple("Copy path"):
            context.ask(CopyText(file.path, "the path"))
        if imgui.menu_item_simple("Show in the file manager"):
            context.ask(OpenFolder(str(Path(file.path).parent)))
        imgui.separator()
        if imgui.menu_item_simple("Delete"):
            context.ask(DeleteCapture(file.path))
        tip("Moves it to the trash, which can be emptied above the pictures.")


def _rename(context: Context, file: ImageFile) -> None:
    """The box for another name; Enter gives it."""
    entry = context.entry
    if entry.file != file.path:
        entry.file, entry.file_name = file.path, Path(file.name).stem
    if imgui.is_window_appearing():
        imgui.set_keyboard_focus_here()
    imgui.set_next_item_width(theme.em(FILTER_EM))
    flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
    entered, entry.file_name = imgui.input_text("##name", entry.file_name, flags)
    focus.border()
    if entered:
        context.ask(RenameCapture(file.path, entry.file_name))
        entry.file = ""
        imgui.close_current_popup()
