"""Buttons in the shapes that the panels need: icons, chips that wrap, and segmented choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from imgui_bundle import imgui

from stylegan_t.terminal.visible import visible
from widgets import scopes, theme
from widgets.controls.tooltips import tip

T = TypeVar("T")


def icon_button(
    icon: str, name: str, text: str, *, quiet: bool = False, reason: str = "", ink: str = ""
) -> bool:
    """A square button that shows `icon`.

    Args:
        icon: a glyph of the icon font.
        name: identifies the button among its siblings.
        text: tooltip.
        quiet: without a surface until the mouse is over it.
        reason: when not empty the button is greyed out and the tooltip gives this reason.
        ink: "#rrggbb" of the icon, where it is not the usual one.
    """
    side = imgui.get_frame_height()
    clear = (imgui.Col_.button, theme.colour(theme.CONTROL, 0.0))
    with (
        scopes.disabled(bool(reason)),
        scopes.colours(clear) if quiet else scopes.plain(),
        theme.text_colour(ink or (theme.DIM if quiet else theme.TEXT)),
        scopes.style(imgui.StyleVar_.frame_padding, (0.0, imgui.get_style().frame_padding.y)),
    ):
        pressed = imgui.button(f"{icon}###{name}", (side, side))
    tip(text, reason or None)
    return pressed and not reason


def button(label: str, text: str = "", *, primary: bool = False, reason: str = "") -> bool:
    """A button with words.  `primary` fills it with the accent; `reason` greys it out."""
    with scopes.disabled(bool(reason)), _filled() if primary else scopes.plain():
        pressed = imgui.button(label)
    tip(text, reason or None)
    return pressed and not reason


def button_width(label: str) -> float:
    """Return how wide a button is, in pixels; `###` and a name may follow its words."""
    return imgui.calc_text_size(label, True).x + 2 * imgui.get_style().frame_padding.x


def _filled() -> scopes.Scope:
    return scopes.colours(
        (imgui.Col_.button, theme.colour(theme.ACCENT)),
        (imgui.Col_.button_hovered, theme.colour(theme.ACCENT_HOVER)),
        (imgui.Col_.button_active, theme.colour(theme.ACCENT_ACTIVE)),
        (imgui.Col_.text, theme.colour(theme.ON_ACCENT)),
    )


def choice(
    name: str, options: Sequence[tuple[T, str, str]], value: T, width: float, reason: str = ""
) -> T:
    """One of a few options, side by side in one frame; on several lines where that is too narrow.

    Args:
        name: identifies the control.
        options: (value, label, tooltip) of each.
        value: the chosen one.
        width: of the whole control in pixels.
        reason: when not empty, why nothing can be chosen now.
    """
    with scopes.name(name), scopes.disabled(bool(reason)):
        spacing = imgui.get_style().item_spacing
        corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
        rounding = imgui.get_style().frame_rounding
        draw = imgui.get_window_draw_list()
        each = _in_a_line([label for _, label, _ in options], width)
        lines = -(-len(options) // each)
        low = (corner.x + width, corner.y + lines * height)
        draw.add_rect_filled(corner, low, theme.ink(theme.CONTROL), rounding)
        with scopes.group(), scopes.style(imgui.StyleVar_.item_spacing, (0.0, 0.0)):
            for index, (option, label, text) in enumerate(options):
                if index % each:
                    imgui.same_line(0, 0)
                if _segment(label, option == value, width / each, height) and not reason:
                    value = option
                with scopes.style(imgui.StyleVar_.item_spacing, spacing):
                    tip(text, reason or None)
    return value


def _in_a_line(labels: Sequence[str], width: float) -> int:
    """Return how many labels, at least one, stand side by side within `width`: all lines alike."""
    widest = max(imgui.calc_text_size(label, True).x for label in labels)
    count = len(labels)
    lines = next(n for n in range(1, count + 1) if n == count or width / -(-count // n) >= widest)
    return -(-count // lines)


def _segment(label: str, chosen: bool, width: float, height: float) -> bool:
    clear = theme.colour(theme.CONTROL, 0.0)
    with (
        scopes.colour(imgui.Col_.button, theme.colour(theme.ACCENT_SOFT) if chosen else clear),
        scopes.colour(
            imgui.Col_.button_hovered,
            theme.colour(theme.ACCENT_SOFT_HOVER if chosen else theme.CONTROL_HOVER),
        ),
        theme.text_colour(theme.ACCENT if chosen else theme.DIM),
        scopes.style(imgui.StyleVar_.frame_padding, (0.0, imgui.get_style().frame_padding.y)),
    ):
        pressed = imgui.button(label, (width, height))
    return pressed


def flow(items: Sequence[tuple[str, Callable[[str], bool]]], width: float) -> None:
    """Buttons side by side that wrap like words within `width` pixels.

    Args:
        items: the label of each (`###` and a name may follow the words), and what draws it.
        width: of the lines.
    """
    left, used = imgui.get_cursor_pos_x(), 0.0
    gap = imgui.get_style().item_spacing.x
    for label, draw in items:
        own = button_width(label)
        if used and used + gap + own <= width:
            imgui.same_line(0, gap)
            used += gap + own
        else:
            imgui.set_cursor_pos_x(left)
            used = own
        draw(label)


def beside(width: float, gap: float, left: float | None = None) -> None:
    """Go on at the end of the line, behind a gap, where `width` pixels more fit; else on a new one,
    which begins at `left`, an x within the window."""
    imgui.same_line(0, gap)
    if imgui.get_content_region_avail().x < width:
        imgui.new_line()
        if left is not None:
            imgui.set_cursor_pos_x(left)


MAX_CHIPS = 120
"""Maximum number of chips: each is drawn in every redraw."""
NARROWEST_EM = 0.15
"""No letter is narrower: what cannot fit is not even measured."""


def chips(name: str, labels: Sequence[str], text: str, reason: str = "") -> str | None:
    """Small buttons that wrap like words, `MAX_CHIPS` at most and then how many more there are.
    Returns the label of the pressed one."""
    with (
        scopes.name(name),
        scopes.disabled(bool(reason)),
        scopes.font(None, theme.CHIP_PX),
        scopes.style(imgui.StyleVar_.frame_rounding, theme.em(0.9)),
        scopes.style(imgui.StyleVar_.frame_padding, (theme.em(0.6), theme.em(0.2))),
        scopes.style(imgui.StyleVar_.item_spacing, (theme.em(0.35), theme.em(0.35))),
        scopes.colour(imgui.Col_.button, theme.colour(theme.CHIP)),
    ):
        room = imgui.get_content_region_avail().x
        gap, used, pressed = theme.em(0.35), 0.0, None
        for index, label in enumerate(labels[:MAX_CHIPS]):
            shown = fitted(label, room - theme.em(1.2))
            width = imgui.calc_text_size(shown).x + theme.em(1.2)
            if index and used + gap + width <= room:
                imgui.same_line(0, gap)
                used += gap + width
            else:
                used = width
            if imgui.button(f"{shown}###{index}") and not reason:
                pressed = label
            tip(text if shown == label else f"{label}\n{text}", reason or None)
    if len(labels) > MAX_CHIPS:
        imgui.text_disabled(f"and {len(labels) - MAX_CHIPS:,} more")
    return pressed


def fitted(text: str, width: float) -> str:
    """`text`, cut with an ellipsis where it is wider than `width` pixels; made visible."""
    most = int(max(width, 0.0) / theme.em(NARROWEST_EM)) + 1
    whole, text = len(text) <= most, visible(text[:most])
    if whole and imgui.calc_text_size(text).x <= width:
        return text
    keep = len(text)
    while keep > 1 and imgui.calc_text_size(text[:keep] + "…").x > width:
        keep -= max(1, keep // 16)
    return text[:keep].rstrip() + "…"
