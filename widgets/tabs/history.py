"""The History tab: a strip of the pictures that the user rested at, oldest at the left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.differences import changes, title
from renderer.recipe.history import Entry
from renderer.recipe.names import display_name
from renderer.recipe.recipe import Recipe, to_json
from widgets import scopes, theme
from widgets.actions import Action, CopyText
from widgets.context import Context, Preview
from widgets.controls import undo_buttons
from widgets.controls.buttons import beside, button, button_width, choice, icon_button
from widgets.controls.key_names import MAIN
from widgets.controls.thumbnail import Look, paint, picture_button, preview
from widgets.controls.tooltips import WIDTH_EM
from widgets.picture.compare import Compare, ComparisonView, SetA, SetB, StopComparing, picture_key

GAP_EM = 0.35
SHOWN_CHOICE_EM = 13.0
LEAST_EM = 5.0
"""The strip is never lower: where the tab is, that scrolls."""
SHOWN_EM = 15.0
"""Width of the larger picture that comes when the mouse rests on one."""
WHEEL_STEPS = 1.5
"""Number of pictures scrolled by one notch of the wheel."""
EMPTY = (
    "Every picture that you pause at is listed here with all its settings. Click one to go back."
)
NO_HISTORY = "There is no history yet."
NO_STARS = "No picture is starred yet: point at one and click its star."


@dataclass(frozen=True)
class Star(Action):
    """Give the entry `number` a star, or take it away; 0 is the current picture."""

    number: int = 0
    starred: bool = True


@dataclass(frozen=True)
class Forget(Action):
    """Take the entry `number` out of the history."""

    number: int


@dataclass(frozen=True)
class ForgetUnstarred(Action):
    """Take every entry without a star out of the history."""


@dataclass(frozen=True)
class BringBack(Action):
    """Undo the last removal from the history."""


@dataclass(frozen=True)
class ShowStarred(Action):
    """Show only entries with a star, or all."""

    only: bool


@dataclass(frozen=True)
class HistoryView:
    """The view of the strip: `shown` of all `count` entries, `stars` of which have a star.

    `current` is the entry that the user is at; `reveal` the one that must come into sight in this
    frame, 0 for none; `removed` how many can be brought back.
    """

    shown: tuple[Entry, ...] = ()
    count: int = 0
    stars: int = 0
    current: int = 0
    reveal: int = 0
    starred_only: bool = False
    removed: int = 0
    by_number: Mapping[int, Entry] = field(default_factory=dict)

    @property
    def here(self) -> Entry | None:
        """The entry that the user is at."""
        return self.by_number.get(self.current)

    def before(self, index: int) -> Entry | None:
        """Return what the entry shown at `index` was made from: its parent, or its neighbour."""
        parent = self.by_number.get(self.shown[index].parent)
        return parent or (self.shown[index - 1] if index else None)


def draw(context: Context) -> Recipe:
    """Draw into the drawer; returns the recipe of the picture that was pressed."""
    view = context.see(HistoryView)
    newest = _bar(context, view)
    room = imgui.get_content_region_avail()
    flags = imgui.WindowFlags_.horizontal_scrollbar | imgui.WindowFlags_.no_background
    flags |= imgui.WindowFlags_.no_scroll_with_mouse
    with scopes.child("strip", (0, max(room.y, theme.em(LEAST_EM))), 0, flags):
        return _strip(context, view, newest)


# -- the line above the strip --------------------------------------------------------------------


def _bar(context: Context, view: HistoryView) -> bool:
    """Draw the buttons; returns whether the newest picture is to come into sight."""
    undo_buttons.draw(context)
    imgui.same_line(0, theme.em(0.8))
    _star_here(context, view)
    imgui.same_line(0, theme.em(0.2))
    _compare(context, view)
    beside(theme.em(SHOWN_CHOICE_EM), theme.em(0.8))
    options = (
        (False, f"All {view.count:,}", "Every picture that you paused at"),
        (True, f"Starred {view.stars:,}", "Only starred pictures"),
    )
    only = choice("shown", options, view.starred_only, theme.em(SHOWN_CHOICE_EM))
    if only != view.starred_only:
        context.ask(ShowStarred(only))
    return _right_end(context, view)


def _star_here(context: Context, view: HistoryView) -> None:
    here = view.here
    starred = here is not None and here.starred
    text = "Remove the star" if starred else "Star this picture"
    none = "" if context.frame is not None else "There is no picture yet."
    lit = (imgui.Col_.button, theme.colour(theme.ACCENT_SOFT))
    with scopes.colours(lit) if starred else scopes.plain():
        if icon_button(icons.ICON_FA_STAR, "star", f"{text} ({MAIN}+D)", reason=none):
            context.ask(Star(0, not starred))


def _compare(context: Context, view: HistoryView) -> None:
    """A wipe between the current picture and the one before it, or the end of a comparison."""
    if context.see(ComparisonView).on:
        with scopes.colour(imgui.Col_.button, theme.colour(theme.ACCENT_SOFT)):
            pressed = icon_button(icons.ICON_FA_TABLE_COLUMNS, "compare", "Stop comparing (Escape)")
        if pressed:
            context.ask(StopComparing())
        return
    before = context.see(ComparisonView).before
    none = "" if before is not None else "There is no previous picture."
    text = "Compare with the previous picture: drag a line between the two (hold B to peek)"
    pressed = icon_button(icons.ICON_FA_TABLE_COLUMNS, "compare", text, reason=none)
    if pressed and before is not None:
        context.ask(Compare(before))


def _right_end(context: Context, view: HistoryView) -> bool:
    """Tidying, and the way to the newest; returns whether that was pressed."""
    words = f"Restore {view.removed}" if view.removed else "Delete unstarred"
    gap = theme.em(0.4)
    width = button_width(words) + gap + button_width("Newest")
    beside(width, theme.em(0.8))
    left = imgui.get_cursor_pos_x()
    imgui.set_cursor_pos_x(max(left, left + imgui.get_content_region_avail().x - width))
    if view.removed:
        if button(f"{words}###tidy", "Undo the last removal"):
            context.ask(BringBack())
    else:
        none = "" if view.count > view.stars else "Every picture is starred."
        text = "Remove every unstarred picture from the history; this can be undone"
        if button(f"{words}###tidy", text, reason=none if view.count else NO_HISTORY):
            context.ask(ForgetUnstarred())
    imgui.same_line(0, gap)
    none = "" if view.shown else NO_HISTORY
    return button("Newest", "Go to the newest picture", reason=none)


# -- the strip -----------------------------------------------------------------------------------


def _strip(context: Context, view: HistoryView, newest: bool) -> Recipe:
    """Draw the pictures that are in sight, and no others."""
    if not view.shown:
        imgui.text_disabled(NO_STARS if view.starred_only and view.count else EMPTY)
        return context.recipe
    side = max(imgui.get_window_height() - imgui.get_style().scrollbar_size - 1, theme.em(2))
    pitch = side + theme.em(GAP_EM)
    _scroll(view, newest, side, pitch)
    left, width = imgui.get_scroll_x(), imgui.get_window_width()
    first = max(0, int(left / pitch))
    last = min(len(view.shown), int((left + width) / pitch) + 1)
    recipe = context.recipe
    for index in range(first, last):
        imgui.set_cursor_pos((index * pitch, 0))
        recipe = _picture(context, view, index, side) or recipe
    imgui.set_cursor_pos((len(view.shown) * pitch - theme.em(GAP_EM), 0))
    imgui.dummy((0, side))  # the strip is as long as all of them, seen or not
    return recipe


def _scroll(view: HistoryView, newest: bool, side: float, pitch: float) -> None:
    """Follow the wheel, and bring into sight what must be."""
    io, width = imgui.get_io(), imgui.get_window_width()
    if imgui.is_window_hovered() and io.mouse_wheel and not io.key_shift:
        imgui.set_scroll_x(imgui.get_scroll_x() - io.mouse_wheel * WHEEL_STEPS * pitch)
    index = len(view.shown) - 1 if newest else None
    wanted = view.reveal or (view.current if imgui.is_window_appearing() else 0)
    if wanted:
        places = (i for i in range(len(view.shown) - 1, -1, -1) if view.shown[i].number == wanted)
        index = next(places, len(view.shown) - 1 if imgui.is_window_appearing() else None)
    if index is None:
        return
    at, left = index * pitch, imgui.get_scroll_x()
    if not left <= at <= left + width - side:
        # To the right end: what is newer than the picture in sight is rarely wanted.
        imgui.set_scroll_x(max(0.0, at + side - width + (0 if newest else pitch)))


def _picture(context: Context, view: HistoryView, index: int, side: float) -> Recipe | None:
    """One picture with its star and its marks; returns its recipe when it was pressed."""
    entry = view.shown[index]
    with scopes.name(str(entry.number)):
        corner = imgui.get_cursor_screen_pos()
        imgui.set_next_item_allow_overlap()  # the star is on it
        other = entry.recipe.model.path != context.recipe.model.path
        caption = display_name(entry.recipe.model.path) if other else ""
        look = Look(chosen=entry.number == view.current, caption=caption)
        pressed = picture_button("go", _shown(context, entry.recipe, side), side, look)
        hovered = imgui.is_item_hovered()
        _menu(context, entry)
        _details(context, view, index)
        box = (corner.x, corner.y, corner.x + side, corner.y + side)
        hovered = hovered or imgui.is_mouse_hovering_rect(box[:2], box[2:])
        _marks(context, view, index, box)
        if (entry.starred or hovered) and _star(context, entry, box):
            pressed = False
    return entry.recipe if pressed else None


def _shown(context: Context, recipe: Recipe, side: float) -> Preview | None:
    """A small picture of an entry; until that is made, the one that was on the screen."""
    return preview(context, recipe, side) or context.previews.known(picture_key(recipe))


def _star(context: Context, entry: Entry, box: tuple[float, float, float, float]) -> bool:
    """The star in the upper right corner; returns whether it was pressed."""
    size = theme.em(1.5)
    imgui.set_cursor_screen_pos((box[2] - size, box[1]))
    pressed = imgui.invisible_button("star", (size, size))
    lit = imgui.is_item_hovered()
    draw = imgui.get_window_draw_list()
    middle = (box[2] - size / 2, box[1] + size / 2)
    draw.add_circle_filled(middle, size * 0.42, theme.ink(theme.CANVAS, 0.8 if lit else 0.6))
    tint = theme.WARNING if entry.starred else theme.TEXT
    words, small = icons.ICON_FA_STAR, theme.em(0.75)
    with scopes.font(None, theme.FONT_PX * 0.75):
        extent = imgui.calc_text_size(words)
    draw.add_text(
        imgui.get_font(),
        small,
        (middle[0] - extent.x / 2, middle[1] - extent.y / 2),
        theme.ink(tint, 1.0 if entry.starred or lit else 0.75),
        words,
    )
    if pressed:
        context.ask(Star(entry.number, not entry.starred))
    return pressed


def _marks(
    context: Context, view: HistoryView, index: int, box: tuple[float, float, float, float]
) -> None:
    """Draw which side of a comparison it is, and that it was made from another than its
    neighbour."""
    entry, sides = view.shown[index], context.see(ComparisonView)
    words = [
        name
        for name, recipe in (("A", sides.a), ("B", sides.b))
        if sides.on and recipe is not None and recipe == entry.recipe
    ]
    neighbour = view.shown[index - 1].number if index else 0
    if not view.starred_only and entry.parent and entry.parent != neighbour:
        words.append(icons.ICON_FA_CODE_BRANCH)
    if not words:
        return
    text, pad = " ".join(words), theme.em(0.2)
    draw, size = imgui.get_window_draw_list(), imgui.calc_text_size(text)
    low = (box[0] + pad, box[1] + pad)
    high = (low[0] + size.x + 2 * pad, low[1] + size.y + pad)
    draw.add_rect_filled(low, high, theme.ink(theme.CANVAS, 0.75), theme.em(0.2))
    draw.add_text((low[0] + pad, low[1] + pad / 2), theme.ink(theme.TEXT), text)


def _menu(context: Context, entry: Entry) -> None:
    """Draw what a right-click offers."""
    with scopes.item_menu("menu") as opened:
        if not opened:
            return
        if imgui.menu_item_simple("Remove the star" if entry.starred else "Star it"):
            context.ask(Star(entry.number, not entry.starred))
        imgui.separator()
        if imgui.menu_item_simple("Compare with current"):
            context.ask(Compare(entry.recipe))
        if imgui.menu_item_simple("Keep as A (left)"):
            context.ask(SetA(entry.recipe))
        if imgui.menu_item_simple("Keep as B (right)"):
            context.ask(SetB(entry.recipe))
        imgui.separator()
        if imgui.menu_item_simple("Copy recipe"):
            context.ask(CopyText(to_json(entry.recipe), "the recipe"))
        if imgui.menu_item_simple("Delete"):
            context.ask(Forget(entry.number))


def _details(context: Context, view: HistoryView, index: int) -> None:
    """Draw what the mouse shows when it rests: the picture larger, and what changed, in words."""
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    if imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
        # Above the strip: its neighbours and its star stay in sight.
        above = ((low.x + high.x) / 2, imgui.get_window_pos().y - theme.em(0.3))
        imgui.set_next_window_pos(above, imgui.Cond_.always, (0.5, 1.0))
    with scopes.item_tooltip() as shown:
        if not shown:
            return
        entry = view.shown[index]
        side = theme.em(SHOWN_EM)
        picture, corner = _shown(context, entry.recipe, side), imgui.get_cursor_screen_pos()
        imgui.dummy((side, side))  # its place is there before it is
        paint(picture, (corner.x, corner.y, corner.x + side, corner.y + side), Look())
        with scopes.wrap(theme.em(max(WIDTH_EM, SHOWN_EM))):
            imgui.text_unformatted(title(entry.recipe))
            before = view.before(index)
            for line in changes(before.recipe, entry.recipe) if before is not None else ():
                imgui.text_disabled(line)
