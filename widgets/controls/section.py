"""A section of the sidebar: a card with a header that opens and closes it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.context import Context, Fill
from widgets.controls.buttons import fitted
from widgets.controls.timeline_view import TimelineView
from widgets.controls.tooltips import tip

HEADER_EM = 2.4
PAD_EM = 0.8
REVEAL_FRAMES = 8
"""Number of redraws after which an opened section and the sidebar have their heights."""


@contextmanager
def section(
    context: Context, title: str, icon: str, text: str, summary: str = "", changed: bool = False
) -> Iterator[bool]:
    """Draw a card around the body; yields True when it is open and the body is to be drawn.

    Args:
        context: this UI frame; which sections are open is kept in its options.
        title: shown in the header, and the section's name.
        icon: a glyph of the icon font.
        text: tooltip of the header, while it is closed.
        summary: shown at the header's right end while the section is closed.
        changed: something inside differs from its default: a dot in the header says so.
    """
    opened = title in context.options.open_sections
    steady = Steady(context, title)
    if steady.height:
        flags, scrolls = imgui.ChildFlags_.none, imgui.WindowFlags_.no_scrollbar
    else:
        flags, scrolls = imgui.ChildFlags_.auto_resize_y, imgui.WindowFlags_.no_scroll_with_mouse
    flags |= imgui.ChildFlags_.always_use_window_padding
    padding = (theme.em(PAD_EM), 0.0)
    try:
        with scopes.child(title, (0, steady.height), flags, scrolls, padding):
            if _header(context, title, icon, text, "" if opened else summary, opened, changed):
                toggle(context, title)
            yield opened
            if opened:
                imgui.dummy((0, theme.em(PAD_EM) - imgui.get_style().item_spacing.y))
    finally:
        steady.note()
        _card(context, title)
        if context.entry.reveals == title:
            _scroll_here(context)


class Steady:
    """Keeps a section's height while the timeline plays: what it holds comes and goes with the key
    frames, and everything below would jump.  What is higher meanwhile can be scrolled.

    `height` is 0 where the section is as high as what it holds: while nothing plays, and after the
    user has opened or closed one, until that has come to rest.  A mouse button that stops what
    plays keeps the height while it is down: the control that it is on stays where it is.
    """

    def __init__(self, context: Context, title: str) -> None:
        self._store = imgui.get_state_storage()
        shape = (title, context.options.open_sections, round(imgui.get_content_region_avail().x))
        self._known, self._settled = imgui.get_id(f"height {shape}"), imgui.get_id(f"rest {shape}")
        held = imgui.get_id(f"held {title}")
        keeps = context.see(TimelineView).playing or (
            self._store.get_bool(held) and imgui.is_mouse_down(imgui.MouseButton_.left)
        )
        self._store.set_bool(held, keeps)
        is_known = keeps and self._store.get_bool(self._settled)
        self.height = self._store.get_float(self._known) if is_known else 0.0

    def note(self) -> None:
        """The section was drawn as high as what it holds; after two such redraws it is at rest."""
        if not self.height:
            height = imgui.get_item_rect_size().y
            self._store.set_bool(self._settled, height == self._store.get_float(self._known))
            self._store.set_float(self._known, height)


def _card(context: Context, title: str) -> None:
    """The surface of the section that was drawn last.

    The program fills the rectangle (without a graphics card that is many times faster than drawing
    it); here its corners are rounded off, by what is around it.
    """
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    draw = imgui.get_window_draw_list()
    upper, lower = draw.get_clip_rect_min(), draw.get_clip_rect_max()
    top, bottom = max(low.y, upper.y), min(high.y, lower.y)
    if bottom <= top:
        return
    context.out.fills.append(Fill((low.x, top, high.x, bottom), theme.CARD))
    context.out.areas[title] = (low.x, top, high.x, bottom)
    radius, surface = imgui.get_style().child_rounding, theme.ink(theme.PANEL)
    corners = ((low.x, low.y), (high.x, low.y), (high.x, high.y), (low.x, high.y))
    for index, (x, y) in enumerate(corners):
        centre = (
            x + radius * (1 if x == low.x else -1),
            y + radius * (1 if y == low.y else -1),
        )
        start = (2 + index) * math.pi / 2
        draw.path_line_to((x, y))
        draw.path_arc_to(centre, radius, start + math.pi / 2, start, 8)
        draw.path_fill_concave(surface)


def disclosure(context: Context, title: str, *, changed: bool = False) -> bool:
    """A line inside a section that opens and closes what follows; returns whether it is open.

    Args:
        context: as in `section`.
        title: what it says, and its name.
        changed: something behind it differs from its default: a dot says so.
    """
    opened = title in context.options.open_sections
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_text_line_height() + theme.em(0.2)
    chevron = icons.ICON_FA_CHEVRON_DOWN if opened else icons.ICON_FA_CHEVRON_RIGHT
    width = theme.em(1.2) + imgui.calc_text_size(title).x
    if imgui.invisible_button(title, (width, height), imgui.ButtonFlags_.enable_nav):
        toggle(context, title)
    ink = theme.ink(theme.TEXT if imgui.is_item_hovered() else theme.DIM)
    draw = imgui.get_window_draw_list()
    with scopes.font(None, theme.SMALL_PX):
        draw.add_text((corner.x, corner.y + theme.em(0.12)), ink, chevron)
    draw.add_text((corner.x + theme.em(1.2), corner.y), ink, title)
    if changed:
        _dot(corner.x + width + theme.em(0.6), corner.y + height / 2)
    return opened


def _dot(x: float, y: float) -> None:
    """Draw the sign that something is not as it was at first."""
    draw, radius = imgui.get_window_draw_list(), theme.em(0.17)
    draw.add_circle_filled((x, y), radius, theme.ink(theme.ACCENT), 12)


def toggle(context: Context, title: str) -> None:
    """Open what is closed, close what is open."""
    sections = context.options.open_sections
    if title in sections:
        sections = tuple(name for name in sections if name != title)
    else:
        sections = (*sections, title)
    context.out.options = msgspec.structs.replace(context.options, open_sections=sections)


def reveal(context: Context, title: str) -> None:
    """Open a section, wherever in the sidebar it is, and bring it into sight."""
    options = context.options
    opened = dict.fromkeys((*options.open_sections, title))
    context.out.options = msgspec.structs.replace(
        options, open_sections=tuple(opened), show_sidebar=True
    )
    context.entry.reveals, context.entry.reveal_frames = title, REVEAL_FRAMES


def _scroll_here(context: Context) -> None:
    """Have the section that was drawn last at the top of the sidebar."""
    imgui.set_scroll_here_y(0.0)
    context.entry.reveal_frames -= 1
    if context.entry.reveal_frames <= 0:
        context.entry.reveals = ""


def _header(
    context: Context, title: str, icon: str, text: str, summary: str, opened: bool, changed: bool
) -> bool:
    """The clickable head of a card; True when it is pressed."""
    corner, width = imgui.get_cursor_screen_pos(), imgui.get_content_region_avail().x
    height, draw = theme.em(HEADER_EM), imgui.get_window_draw_list()
    pressed = imgui.invisible_button(
        f"{title}##header", (width, height), imgui.ButtonFlags_.enable_nav
    )
    hovered = imgui.is_item_hovered()
    if not opened:  # what it is for is there to be seen, and a tooltip would lie on it
        tip(text)
    if opened:  # the body starts nearer to its header
        imgui.set_cursor_pos_y(imgui.get_cursor_pos_y() - theme.em(0.35))
    else:  # no gap below a header alone
        imgui.set_cursor_pos_y(imgui.get_cursor_pos_y() - imgui.get_style().item_spacing.y)
    line = corner.y + (height - imgui.get_font_size()) / 2
    draw.add_text(
        (corner.x, line), theme.ink(theme.ACCENT if opened or hovered else theme.DIM), icon
    )
    x = corner.x + theme.em(1.7)
    draw.add_text(
        context.fonts.bold, imgui.get_font_size(), (x, line), theme.ink(theme.TEXT), title
    )
    with scopes.font(context.fonts.bold, 0):
        x += imgui.calc_text_size(title).x + theme.em(0.6)
    if changed:
        _dot(x, corner.y + height / 2)
        x += theme.em(0.6)
    _right_end(corner.x + width, line, x, summary, opened, hovered)
    return pressed


def _right_end(
    right: float, line: float, left: float, summary: str, opened: bool, hovered: bool
) -> None:
    """The summary and the chevron of a header, against the edge at `right`."""
    draw = imgui.get_window_draw_list()
    chevron = icons.ICON_FA_CHEVRON_DOWN if opened else icons.ICON_FA_CHEVRON_RIGHT
    at = right - imgui.calc_text_size(chevron).x
    draw.add_text((at, line), theme.ink(theme.TEXT if hovered else theme.DIM), chevron)
    at -= theme.em(0.7)
    shown = fitted(summary, at - left) if summary else ""
    at -= imgui.calc_text_size(shown).x
    draw.add_text((at, line), theme.ink(theme.DIM), shown)
