"""Tooltips: what a control does, or why it does not apply, and the bubble for a refused value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imgui_bundle import imgui

from stylegan_t.terminal.visible import visible
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.numbers import RefusedError

WIDTH_EM = 24.0
REFUSAL_S = 5.0
T = TypeVar("T")


def tip(text: str, reason: str | None = None) -> None:
    """Explain the last item when the mouse rests on it; `reason` says why it is greyed out."""
    if not (text or reason):
        return
    with scopes.item_tooltip() as shown:
        if not shown:
            return
        with scopes.wrap(theme.em(WIDTH_EM)):
            if text:
                imgui.text_unformatted(visible(text, "\n"))
            if reason:
                with theme.text_colour(theme.WARNING):
                    imgui.text_unformatted(visible(reason, "\n"))


def refuse(context: Context, item: int, sentence: str) -> None:
    """Remember that what was typed into `item` is not taken; the bubble says so for a while."""
    context.entry.refused_item = item
    context.entry.refusal = sentence
    context.entry.refused_until_s = context.now_s + REFUSAL_S


def taken(context: Context, item: int, parse: Callable[[], T], before: T) -> T:
    """Return what was typed into `item`, or the value of `before` with a bubble that says why not;
    a good value takes the bubble away."""
    try:
        value = parse()
    except RefusedError as error:
        refuse(context, item, str(error))
        return before
    if context.entry.refused_item == item:
        context.entry.refused_until_s = 0.0
    return value


def bubble(context: Context, item: int) -> None:
    """Under the last item, show why its typed value was refused, as long as that is news."""
    entry = context.entry
    if entry.refused_item != item or context.now_s > entry.refused_until_s:
        return
    low = imgui.get_item_rect_min()
    imgui.set_next_window_pos((low.x, imgui.get_item_rect_max().y + theme.em(0.25)))
    with (
        theme.text_colour(theme.WARNING),
        scopes.colour(imgui.Col_.border, theme.colour(theme.WARNING, 0.6)),
        scopes.tooltip() as shown,
    ):
        if shown:
            with scopes.wrap(theme.em(WIDTH_EM)):
                imgui.text_unformatted(visible(entry.refusal))
