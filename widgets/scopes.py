"""Scopes of Dear ImGui as context managers: what a `with` opens is closed, whatever happens in it.

    with scopes.child("list", size), scopes.style(imgui.StyleVar_.item_spacing, (0, 0)):
        ...
    with scopes.popup("menu") as opened:
        if opened:
            ...

Each call opens its scope at once and returns one of a few shared objects that close it, so a scope
costs a redraw next to nothing.  Call them in a `with` only; a test keeps that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any

from imgui_bundle import ImVec2, ImVec4, imgui

Point = tuple[float, float] | ImVec2


class Scope:
    """An open scope: entering tells whether its content is to be drawn, leaving closes it."""

    __slots__ = ("_leave", "_opened")

    def __init__(self, leave: Callable[[], object], *, opened: bool = True) -> None:
        self._leave, self._opened = leave, opened

    def __enter__(self) -> bool:
        return self._opened

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()


def _nothing() -> None:
    """Close nothing: what did not open must not be ended."""


_CLOSED = Scope(_nothing, opened=False)
_PLAIN = Scope(_nothing)
_COLOUR = Scope(imgui.pop_style_color)
_COLOURS = tuple(Scope(partial(imgui.pop_style_color, count)) for count in range(8))
_FONT = Scope(imgui.pop_font)
_STYLE = Scope(imgui.pop_style_var)
_ID = Scope(imgui.pop_id)
_WRAP = Scope(imgui.pop_text_wrap_pos)
_FLAG = Scope(imgui.pop_item_flag)
_CLIP = Scope(imgui.pop_clip_rect)
_ENABLED = Scope(imgui.end_disabled)
_GROUP = Scope(imgui.end_group)
_CHILD = Scope(imgui.end_child), Scope(imgui.end_child, opened=False)
_WINDOW = Scope(imgui.end), Scope(imgui.end, opened=False)
_POPUP = Scope(imgui.end_popup)
_MENU = Scope(imgui.end_menu)
_MENU_BAR = Scope(imgui.end_main_menu_bar)
_COMBO = Scope(imgui.end_combo)
_TABLE = Scope(imgui.end_table)
_TOOLTIP = Scope(imgui.end_tooltip)


# -- what is pushed ------------------------------------------------------------------------------


def colour(of: int, value: ImVec4) -> Scope:
    """Draw `of`, one of `imgui.Col_`, in another colour."""
    imgui.push_style_color(of, value)
    return _COLOUR


def colours(*pairs: tuple[int, ImVec4]) -> Scope:
    """Draw several of `imgui.Col_` in other colours, at most seven."""
    for of, value in pairs:
        imgui.push_style_color(of, value)
    return _COLOURS[len(pairs)]


def plain() -> Scope:
    """Change nothing: for a scope that is wanted at times only."""
    return _PLAIN


def font(face: imgui.ImFont | None, size_px: float) -> Scope:
    """Write in another font, None for the current one, of `size_px` at scale 1."""
    imgui.push_font(face, size_px)
    return _FONT


def style(of: int, value: float | Point) -> Scope:
    """Give `of`, one of `imgui.StyleVar_`, another value."""
    imgui.push_style_var(of, value)
    return _STYLE


def name(of: str | int) -> Scope:
    """Put `of` before the names of the items, so that equal names differ."""
    imgui.push_id(of)
    return _ID


def wrap(at: float = 0.0) -> Scope:
    """Break lines of text at the x `at` within the window; 0 is its right edge."""
    imgui.push_text_wrap_pos(at)
    return _WRAP


def flag(of: int, on: bool) -> Scope:
    """Switch `of`, one of `imgui.ItemFlags_`, for the items."""
    imgui.push_item_flag(of, on)
    return _FLAG


def clip(low: Point, high: Point, within: bool) -> Scope:
    """Draw only inside a rectangle; `within` intersects it with the one before."""
    imgui.push_clip_rect(low, high, within)
    return _CLIP


def clipped(draw: imgui.ImDrawList, low: Point, high: Point) -> Scope:
    """Let a draw list paint only inside a rectangle."""
    draw.push_clip_rect(low, high, True)
    return Scope(draw.pop_clip_rect)


# -- what is begun -------------------------------------------------------------------------------


def disabled(on: bool = True) -> Scope:
    """Grey out the items and take no input for them, if `on`."""
    imgui.begin_disabled(on)
    return _ENABLED


def group() -> Scope:
    """Treat the items as one."""
    imgui.begin_group()
    return _GROUP


def _padding(of: Point | None) -> Scope:
    """Give what is begun inside another padding; what is drawn into it keeps its own."""
    return _PLAIN if of is None else style(imgui.StyleVar_.window_padding, of)


def child(
    label: str,
    size: Point = (0.0, 0.0),
    flags: int = 0,
    window_flags: int = 0,
    padding: Point | None = None,
) -> Scope:
    """Draw into a region of its own; true if any of it can be seen."""
    with _padding(padding):
        return _CHILD[not imgui.begin_child(label, size, flags, window_flags)]


def window(
    label: str, flags: int = 0, padding: Point | None = None, grab: ImVec4 | None = None
) -> Scope:
    """Draw into a window, whose scrollbar may have a `grab` of its own colour; true if any of it
    can be seen."""
    with (
        _padding(padding),
        _PLAIN if grab is None else colour(imgui.Col_.scrollbar_grab, grab),
    ):
        return _WINDOW[not imgui.begin(label, None, flags)[0]]


def popup(label: str, flags: int = 0, padding: Point | None = None) -> Scope:
    """Draw into a popup; true if it is open."""
    with _padding(padding):
        return _POPUP if imgui.begin_popup(label, flags) else _CLOSED


def modal(label: str, flags: int = 0, padding: Point | None = None) -> Scope:
    """Draw into a popup that takes all input; true if it is open."""
    with _padding(padding):
        return _POPUP if imgui.begin_popup_modal(label, None, flags)[0] else _CLOSED


def item_menu(label: str | None = None) -> Scope:
    """Draw into the popup of a right-click on the last item; true if it is open."""
    return _POPUP if imgui.begin_popup_context_item(label) else _CLOSED


def menu_bar() -> Scope:
    """Draw into the menu bar of the screen; true if it can be seen."""
    return _MENU_BAR if imgui.begin_main_menu_bar() else _CLOSED


def menu(label: str, enabled: bool = True) -> Scope:
    """Draw into a menu; true if it is open."""
    return _MENU if imgui.begin_menu(label, enabled) else _CLOSED


def combo(label: str, shown: str, flags: int = 0) -> Scope:
    """Draw into the list of a combo box that shows `shown`; true if it is open."""
    return _COMBO if imgui.begin_combo(label, shown, flags) else _CLOSED


def table(label: str, columns: int, *rest: Any) -> Scope:
    """Draw into a table, with the flags and sizes of `imgui.begin_table`; true if it is seen."""
    return _TABLE if imgui.begin_table(label, columns, *rest) else _CLOSED


def _rounding() -> Scope:
    """Round a tooltip's corners like those of popups."""
    return style(imgui.StyleVar_.window_rounding, imgui.get_style().popup_rounding)


def tooltip() -> Scope:
    """Draw into a tooltip; true if it is open."""
    with _rounding():
        return _TOOLTIP if imgui.begin_tooltip() else _CLOSED


def item_tooltip() -> Scope:
    """Draw into the tooltip of the last item while the mouse rests on it; true if it does."""
    with _rounding():
        return _TOOLTIP if imgui.begin_item_tooltip() else _CLOSED


@contextmanager
def drag_source() -> Iterator[bool]:
    """Let what is drawn last be dragged; yields whether it is."""
    opened = imgui.begin_drag_drop_source()
    try:
        yield opened
    finally:
        if opened:
            imgui.end_drag_drop_source()


@contextmanager
def drag_target() -> Iterator[bool]:
    """Let what is drawn last take what is dropped; yields whether something is dragged over it."""
    opened = imgui.begin_drag_drop_target()
    try:
        yield opened
    finally:
        if opened:
            imgui.end_drag_drop_target()
