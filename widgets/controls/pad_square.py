"""A square with a puck, whose place says how much each of four corners counts."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from renderer.recipe.recipe import Pad
from widgets import theme
from widgets.context import Context
from widgets.controls import source_sign, sources

SIDE_EM = 15.0
STEP = 0.02
"""The step of an arrow key for the puck; with Shift, a tenth of the square."""
DECIMALS = 3
KEYS = (
    (imgui.Key.left_arrow, (-1.0, 0.0)),
    (imgui.Key.right_arrow, (1.0, 0.0)),
    (imgui.Key.up_arrow, (0.0, -1.0)),
    (imgui.Key.down_arrow, (0.0, 1.0)),
)
HOW = "Drag, or use the arrow keys. Double-click for the middle, right-click for what plays it."


@dataclass(frozen=True)
class Square:
    """The pad on the screen: its upper left corner and its side, in pixels."""

    left: float
    top: float
    side: float

    def place(self, x: float, y: float) -> Pad:
        """The place at a point of the screen, at most at the edge."""
        return at((x - self.left) / self.side, (y - self.top) / self.side)

    def point(self, pad: Pad) -> tuple[float, float]:
        """Return where a place lies on the screen."""
        return self.left + pad.x * self.side, self.top + pad.y * self.side


def at(x: float, y: float) -> Pad:
    """The place (x, y), brought within the square."""
    return Pad(round(min(max(x, 0.0), 1.0), DECIMALS), round(min(max(y, 0.0), 1.0), DECIMALS))


def surface(context: Context, pad: Pad, square: Square, axes: tuple[str, str]) -> Pad:
    """The square as a control: the mouse takes the puck anywhere, the arrows walk; `axes` are the
    addresses of x and y."""
    imgui.invisible_button("surface", (square.side, square.side), imgui.ButtonFlags_.enable_nav)
    if imgui.is_item_active() and imgui.is_mouse_down(0):
        return _held(square)
    if sources.offer(context, *axes, resets=True):
        return Pad()
    if not imgui.is_item_focused():
        return pad
    # With its frame around the pad, the arrows are the pad's: elsewhere they step the seed.
    imgui.set_nav_cursor_visible(True)
    return _walked(pad)


def _held(square: Square) -> Pad:
    """Return where the mouse has the puck: under it, or in the middle after a double-click."""
    if imgui.get_io().mouse_clicked_last_count[0] == 2 and not imgui.is_mouse_dragging(0):
        return Pad()
    mouse = imgui.get_mouse_pos()
    return square.place(mouse.x, mouse.y)


def _walked(pad: Pad) -> Pad:
    """Walk with the arrows, which would move the keyboard's focus otherwise."""
    step, item = 0.1 if imgui.get_io().key_shift else STEP, imgui.get_item_id()
    for key, (x, y) in KEYS:
        imgui.internal.set_key_owner(key, item)
        if imgui.is_key_pressed(key):
            pad = at(pad.x + x * step, pad.y + y * step)
    return pad


def paint(context: Context, pad: Pad, square: Square, axes: tuple[str, str]) -> None:
    """The square with its middle lines, and the puck with a cross-hair; another puck where sources
    play it."""
    draw, rounding = imgui.get_window_draw_list(), imgui.get_style().frame_rounding
    lit = imgui.is_item_hovered() or imgui.is_item_active()
    low, high = (square.left, square.top), (square.left + square.side, square.top + square.side)
    draw.add_rect_filled(low, high, theme.ink(theme.CONTROL), rounding)
    middle = square.point(Pad())
    for alpha, (x, y) in ((0.5, middle), (0.9 if lit else 0.6, square.point(pad))):
        code = theme.CONTROL_ACTIVE if (x, y) == middle else theme.ACCENT_DEEP
        draw.add_line_h(low[0], high[0], y, theme.ink(code, alpha))
        draw.add_line_v(x, low[1], high[1], theme.ink(code, alpha))
    for x, y in (low, (high[0], low[1]), (low[0], high[1]), high):
        inset = theme.em(0.35)
        centre = (x + inset if x == low[0] else x - inset, y + inset if y == low[1] else y - inset)
        draw.add_circle_filled(centre, theme.em(0.12), theme.ink(theme.DIM), 12)
    radius = theme.em(0.5 if lit else 0.42)
    draw.add_circle_filled(square.point(pad), radius, theme.ink(theme.ACCENT), 24)
    draw.add_circle(square.point(pad), radius, theme.ink(theme.CANVAS), 24, theme.em(0.1))
    x, y = (sources.sign(context, address) for address in axes)
    both = (x, pad.x), (y, pad.y)
    source_sign.frame(draw, x if x is not sources.NOTHING else y, low, high, vertical=True)
    if x.number is not None or y.number is not None:
        played = at(*(set_to if one.number is None else one.number for one, set_to in both))
        draw.add_circle_filled(square.point(played), radius, theme.ink(theme.PLAYED), 24)
