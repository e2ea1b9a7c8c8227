"""The drawer below the picture: a line of tabs, and the body of the one that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import DRAWER_RANGE_EM, Context, Fill
from widgets.controls.tooltips import tip

TABS_EM = 2.1
EDGE_EM = 0.35
"""Height of the upper edge, where an open drawer is taken to make it larger."""
MIN_ABOVE_EM = 10.0
"""The picture keeps at least this much, where that is not more than `MOST_SHARE` leaves."""
MOST_SHARE = 0.65


@dataclass(frozen=True)
class Tab:
    """One tab: its title, its icon, what it is for, what draws its body, and the key that opens and
    closes it, as it is written in a menu."""

    title: str
    icon: str
    text: str
    draw: Callable[[Context], Recipe]
    key: str = "no key"


def height(context: Context, tabs: Sequence[Tab], room: float) -> float:
    """Return how high the drawer is in this frame, in pixels, of the `room` that there is."""
    if not tabs:
        return 0.0
    if opened(context, tabs) is None:
        return theme.em(TABS_EM)
    most = max(room - theme.em(MIN_ABOVE_EM), MOST_SHARE * room)
    return min(theme.em(context.options.drawer_em + TABS_EM), most)


def opened(context: Context, tabs: Sequence[Tab]) -> Tab | None:
    """The tab that is open, or None."""
    return next((tab for tab in tabs if tab.title == context.options.drawer), None)


def draw(context: Context, tabs: Sequence[Tab], area: tuple[float, float, float, float]) -> Recipe:
    """Draw into the current Dear ImGui window.

    Args:
        context: this UI frame; which tab is open, and how high, is kept in its options.
        tabs: all there are.
        area: the whole drawer: left, top, right, bottom in pixels.

    Returns:
        The recipe that the user wants.
    """
    left, top, right, bottom = area
    context.out.fills.append(Fill((left, top, right, bottom), theme.PANEL))
    line = imgui.get_window_draw_list()
    line.add_line_h(left, right, top, theme.ink(theme.LINE))
    tab = opened(context, tabs)
    if tab is not None:
        _edge(context, left, top, right)
    _line(context, tabs, (left, top))
    if tab is None:
        return context.recipe
    size = (right - left - theme.em(1.2), bottom - top - theme.em(TABS_EM + 0.4))
    if size[1] <= 0:
        return context.recipe
    imgui.set_cursor_screen_pos((left + theme.em(0.6), top + theme.em(TABS_EM)))
    with scopes.child(tab.title, size, 0, imgui.WindowFlags_.no_background):
        return tab.draw(context)


def _line(context: Context, tabs: Sequence[Tab], corner: tuple[float, float]) -> None:
    """The tabs themselves; pressing the open one closes the drawer."""
    x, tall = corner[0] + theme.em(0.6), theme.em(TABS_EM)
    draw = imgui.get_window_draw_list()
    room = imgui.get_window_width() - theme.em(1.2)
    for tab, words in zip(tabs, _labels(context, tabs, room), strict=True):
        chosen = tab.title == context.options.drawer
        width = imgui.calc_text_size(words).x + theme.em(1.2)
        imgui.set_cursor_screen_pos((x, corner[1]))
        if imgui.invisible_button(f"{tab.title}##tab", (width, tall)):
            context.out.options = replace(context.options, drawer="" if chosen else tab.title)
        lit = imgui.is_item_hovered() or chosen
        tip(f"{tab.title} ({tab.key})\n{tab.text}")
        at = (x + theme.em(0.6), corner[1] + (tall - imgui.get_font_size()) / 2)
        draw.add_text(at, theme.ink(theme.TEXT if lit else theme.DIM), words)
        if chosen:
            draw.add_rect_filled(
                (x + theme.em(0.4), corner[1] + tall - theme.em(0.15)),
                (x + width - theme.em(0.4), corner[1] + tall),
                theme.ink(theme.ACCENT),
            )
        x += width


def _labels(context: Context, tabs: Sequence[Tab], room: float) -> list[str]:
    """The words on the tabs: icons with titles; where that is too wide only the open tab has its
    title, and where that still is, none has."""
    icons, whole = ([tab.icon for tab in tabs], [f"{tab.icon}  {tab.title}" for tab in tabs])
    opened = [
        long if tab.title == context.options.drawer else tab.icon
        for tab, long in zip(tabs, whole, strict=True)
    ]
    for labels in (whole, opened):
        if sum(imgui.calc_text_size(words).x + theme.em(1.2) for words in labels) <= room:
            return labels
    return icons


def _edge(context: Context, left: float, top: float, right: float) -> None:
    """The upper edge, which is dragged to make the drawer higher or lower."""
    imgui.set_cursor_screen_pos((left, top))
    imgui.invisible_button("drawer edge", (right - left, theme.em(EDGE_EM)))
    if imgui.is_item_hovered() or imgui.is_item_active():
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ns)
        thick = theme.em(0.12)
        imgui.get_window_draw_list().add_rect_filled(
            (left, top - thick / 2), (right, top + thick / 2), theme.ink(theme.ACCENT)
        )
    if imgui.is_item_active() and (moved := imgui.get_io().mouse_delta.y):
        wanted = context.options.drawer_em - moved / theme.em(1)
        low, high = DRAWER_RANGE_EM
        context.out.options = replace(context.options, drawer_em=min(max(wanted, low), high))
