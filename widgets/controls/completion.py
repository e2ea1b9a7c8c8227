"""Completion of names in a text box: a short list under it while one types.

Arrow keys move along it, Tab, Enter and the mouse take a name.  It is there for models that were
trained with classes, whose prompts are the names of those.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.context import Context, Entry
from widgets.controls import focus

SHOWN = 6
"""Maximum number of names in the list."""
READ = 200
"""Characters before the cursor that are looked at."""
HOW = "Arrow keys move, Tab or Enter takes one."
_BREAK = re.compile(r"[,;]|\b(?:and|or|with)\b", re.IGNORECASE)
_WORD_START = re.compile(r"(?<!\w)\w")
_KEYS = (imgui.Key.up_arrow, imgui.Key.down_arrow, imgui.Key.tab)


@dataclass(frozen=True)
class Offer:
    """Names that may stand in place of what was typed from `start` up to the cursor, each with its
    number; `whole` is whether that is one of the names already."""

    start: int = 0
    found: tuple[tuple[int, str], ...] = ()
    whole: bool = False


def class_names(context: Context) -> tuple[str, ...]:
    """The names of the model's classes; none where it has no classes."""
    model = context.model
    if model is None or not model.has_classes:
        return ()
    return next((words for _, words in model.vocabulary), ())


@functools.lru_cache(maxsize=64)
def offer(words: str, names: tuple[str, ...]) -> Offer:
    """Find the names that `words`, up to the cursor, may be the beginning of.

    As much of the end of `words` is taken as begins a name, or a word within one: "a golden r"
    offers "golden retriever".  Digits offer the names of the classes with such a number.
    """
    tail = words[-READ:]
    breaks = [spot.end() for spot in _BREAK.finditer(tail)]
    first = breaks[-1] if breaks else 0
    for spot in _WORD_START.finditer(tail, first):
        typed = tail[spot.start() :].lower()
        found = _beginning(typed, names)
        if found:
            whole = any(typed.rstrip() == name.lower() for _, name in found)
            return Offer(len(words) - len(tail) + spot.start(), tuple(found[:SHOWN]), whole)
    return Offer()


def _beginning(typed: str, names: Sequence[str]) -> list[tuple[int, str]]:
    """The names that begin with `typed`, then those with a word that does."""
    bare = typed.strip()
    if bare.isdecimal():
        return [(i, name) for i, name in enumerate(names) if str(i).startswith(bare)]
    whole, inside = [], []
    for index, name in enumerate(names):
        key = name.lower()
        if key.startswith(typed):
            whole.append((index, name))
        elif f" {typed}" in key or f"-{typed}" in key:
            inside.append((index, name))
    return sorted(whole, key=lambda one: len(one[1]) > len(bare)) + inside


def taken_by_key(entry: Entry, item: int) -> str | None:
    """Before the box `item` is drawn: let the list have its keys, if it is shown under that box.

    Returns:
        The text of the box with a name in it, if one was taken now.
    """
    shown = entry.completion
    if shown.item != item:
        return None
    owner, lock = imgui.get_id("##completion"), imgui.internal.InputFlagsPrivate_.lock_this_frame
    up, down, tab = map(imgui.is_key_pressed, _KEYS)
    for key in _KEYS:  # the box would move its cursor, and Tab would leave it
        imgui.internal.set_key_owner(key, owner, lock)
    count = len(shown.names)
    if up or down:
        step = 1 if down else -1
        shown.marked = (max(shown.marked, 0 if up else -1) + step) % count
    enter = imgui.is_key_pressed(imgui.Key.enter) or imgui.is_key_pressed(imgui.Key.keypad_enter)
    if shown.marked < 0 or not (tab or enter):
        return None
    return _taken(entry, shown.names[shown.marked])


def _taken(entry: Entry, name: str) -> str:
    """The text with `name` in place of what was typed; its box gets the keyboard again."""
    shown = entry.completion
    text = shown.text[: shown.start] + name + shown.text[shown.end :]
    entry.near = shown.item
    shown.item, shown.done = 0, text
    return text


def draw(context: Context, item: int, words: str, names: tuple[str, ...]) -> str:
    """After the box `item` was drawn: show the list under it, while one types in it.

    Args:
        context: this UI frame.
        item: of the box.
        words: its text.
        names: all that may be written.

    Returns:
        The text, with a name in it if the mouse took one.
    """
    shown = context.entry.completion
    place = focus.cursor(item, words)
    if place is None:
        shown.seen = 0 if shown.seen == item else shown.seen
        if shown.item != item:
            return words
        words = _listed(context, words)  # a click on the list has taken the keyboard from the box
        shown.item = 0
        return words
    if shown.seen != item:
        shown.seen, shown.done = item, words  # nothing was typed in it yet
    found = offer(words[:place], names)
    if words == shown.done or not found.found or _only(found):
        shown.item = 0 if shown.item == item else shown.item
        return words
    if (shown.item, shown.text) != (item, words):
        shown.marked = -1 if found.whole else 0
    shown.item, shown.text = item, words
    shown.start, shown.end = found.start, place
    shown.names = tuple(name for _, name in found.found)
    shown.numbers = tuple(number for number, _ in found.found)
    return _listed(context, words)


def _only(found: Offer) -> bool:
    """Return whether there is nothing but what was typed."""
    return found.whole and len(found.found) == 1


def _listed(context: Context, words: str) -> str:
    """Draw the list below the last item, over whatever lies there."""
    shown = context.entry.completion
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    imgui.set_next_window_pos((low.x, high.y + theme.em(0.3)))
    imgui.set_next_window_size((high.x - low.x, 0.0))
    flags = imgui.WindowFlags_
    plain = flags.no_decoration | flags.no_move | flags.no_saved_settings | flags.no_nav
    plain |= flags.no_focus_on_appearing | flags.always_auto_resize
    with (
        scopes.colour(imgui.Col_.window_bg, theme.colour(theme.POPUP)),
        scopes.colour(imgui.Col_.border, theme.colour(theme.ACCENT, 0.5)),
        scopes.colour(imgui.Col_.header, theme.colour(theme.ACCENT_SOFT)),
        scopes.style(imgui.StyleVar_.window_border_size, 1.0),
        scopes.style(imgui.StyleVar_.window_rounding, imgui.get_style().frame_rounding),
        scopes.window("##completion", plain, padding=(theme.em(0.4), theme.em(0.35))) as opened,
    ):
        if not opened:
            return words
        imgui.internal.bring_window_to_display_front(imgui.internal.get_current_window())
        chosen = _rows(shown.names, shown.numbers, shown.marked)
        with scopes.font(None, theme.SMALL_PX):
            theme.dim(HOW)
    return words if chosen is None else _taken(context.entry, chosen)


def _rows(names: Sequence[str], numbers: Sequence[int], marked: int) -> str | None:
    """One line for each name, its number at the right; the one that the mouse takes now."""
    chosen = None
    right = imgui.get_cursor_pos_x() + imgui.get_content_region_avail().x
    for place, (name, number) in enumerate(zip(names, numbers, strict=True)):
        imgui.selectable(f"##{place}", place == marked)
        if imgui.is_item_hovered() and imgui.is_mouse_clicked(0):
            chosen = name
        figure = str(number)
        imgui.same_line(theme.em(0.6))
        imgui.text_unformatted(name)
        imgui.same_line(right - imgui.calc_text_size(figure).x)
        theme.dim(figure)
    return chosen
