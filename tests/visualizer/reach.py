"""Looks whether every control of a window can be reached: seen, or scrolled to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from imgui_bundle import imgui

Rect = tuple[float, float, float, float]
SLACK_PX = 2.5
LOOKS = 4
ROOTS = ("Panels", "Drawer", "Picture")


def controls(c: Any, root: str) -> list[Any]:
    """The controls that are drawn in the window `root` and its children.

    Args:
        c: the context of a test of the Test Engine, which has drawn what is to be looked at.
        root: the name of a window.
    """
    if imgui.internal.find_window_by_name(root) is None:
        return []
    items = imgui.test_engine.TestItemList()
    c.gather_items(items, f"//{root}", 99)
    return [items.get_by_index(index) for index in range(items.get_size())]


def out_of_reach(c: Any, roots: Sequence[str] = ROOTS) -> list[str]:
    """One line for each control that lies outside what its window shows and can scroll to."""
    found: list[str] = []
    for root in roots:
        for item in controls(c, root):
            rect = item.rect_full
            problem = _problem((rect.min.x, rect.min.y, rect.max.x, rect.max.y), item.window)
            if problem:
                found.append(f"{root}: item {item.id_:#x} {problem}")
    return found


def overlapping(c: Any, root: str) -> list[str]:
    """One line for each two controls of one window that lie over each other, unless one says that
    others may."""
    found: list[str] = []
    may = imgui.internal.ItemFlagsPrivate_.allow_overlap
    items = [(item, item.rect_full) for item in controls(c, root) if not item.item_flags & may]
    for place, (one, first) in enumerate(items):
        for other, second in items[place + 1 :]:
            across = min(first.max.x, second.max.x) - max(first.min.x, second.min.x)
            down = min(first.max.y, second.max.y) - max(first.min.y, second.min.y)
            if min(across, down) > SLACK_PX and one.window is other.window:
                at = f"{max(first.min.x, second.min.x):.0f}, {max(first.min.y, second.min.y):.0f}"
                found.append(f"{root}: two items share {across:.0f} x {down:.0f} px at {at}")
    return found


def restless(c: Any) -> list[str]:
    """The windows whose scrollbars come and go while nothing happens."""
    seen: dict[str, set[tuple[bool, bool]]] = {}
    for _ in range(LOOKS):
        c.yield_(1)
        for window in imgui.get_current_context().windows:
            if window.active:
                bars = (window.scrollbar_x, window.scrollbar_y)
                seen.setdefault(window.name, set()).add(bars)
    return [f"{name}: its scrollbars come and go" for name, bars in seen.items() if len(bars) > 1]


def _problem(rect: Rect, window: Any) -> str:
    """Why a rectangle in a window cannot be brought into sight; empty when it can."""
    for part in _windows(window):
        inner, scroll, most = part.inner_rect, part.scroll, _scrolls(part)
        ends = (
            (rect[0] - inner.min.x, -scroll.x, "left"),
            (rect[1] - inner.min.y, -scroll.y, "above"),
            (inner.max.x - rect[2], scroll.x - most[0], "right"),
            (inner.max.y - rect[3], scroll.y - most[1], "below"),
        )
        for room, reach, side in ends:
            if room < reach - SLACK_PX:
                return f"is {reach - room:.0f} px beyond the {side} edge of {part.name}"
        rect = (part.rect().min.x, part.rect().min.y, part.rect().max.x, part.rect().max.y)
    wide, high = imgui.get_main_viewport().size
    if min(*rect[:2], wide - rect[2], high - rect[3]) < -SLACK_PX:
        return f"is in a window that the screen cuts: {rect}"
    return ""


def _scrolls(window: Any) -> tuple[float, float]:
    """How far a window can be scrolled by hand, across and down."""
    flags, most = imgui.WindowFlags_, window.scroll_max
    across = window.flags & flags.horizontal_scrollbar
    down = not window.flags & flags.no_scrollbar
    return (most.x if across else 0.0), (most.y if down else 0.0)


def _windows(window: Any) -> Iterator[Any]:
    """A window and those that it lies in; a popup lies in none."""
    while window is not None:
        yield window
        above = window.flags & (imgui.WindowFlags_.popup | imgui.WindowFlags_.modal)
        window = None if above else window.parent_window
