"""A mark on the picture that stands at the same place of every channel in the Layers tab."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from renderer.recipe.recipe import Recipe
from widgets import theme
from widgets.context import Context
from widgets.picture.tools import Box, Hand
from widgets.tabs.layer_view import TITLE, LayersView, MarkPlace

RADIUS_EM = 0.45
STILL_EM = 0.3
"""A press that moves less than this is a click."""


@dataclass
class LayerMark:
    """Draws the mark over the picture while the Layers tab is open; a click there sets it."""

    _pressed_at: tuple[float, float] | None = None

    def use(self, context: Context, hand: Hand) -> Recipe:
        """Draw over the picture and follow the mouse; returns the recipe as it is."""
        if context.options.drawer != TITLE:
            self._pressed_at = None
            return context.recipe
        if hand.pressed:
            self._pressed_at = hand.mouse
        elif hand.released and self._pressed_at is not None:
            (x, y), (start_x, start_y) = hand.mouse, self._pressed_at
            self._pressed_at = None
            inside = all(0 <= part < 1 for part in hand.at)
            if inside and abs(x - start_x) + abs(y - start_y) < theme.em(STILL_EM):
                context.ask(MarkPlace(hand.at))
        place = context.see(LayersView).mark
        if place is not None:
            paint(place, hand.box)
        return context.recipe


def paint(place: tuple[float, float], box: Box) -> None:
    """Paint the mark at a place (0 to 1) of `box`, into the current window."""
    x = box[0] + place[0] * (box[2] - box[0])
    y = box[1] + place[1] * (box[3] - box[1])
    draw, radius = imgui.get_window_draw_list(), theme.em(RADIUS_EM)
    for ink, thick in ((theme.ink("#000000", 0.7), 0.2), (theme.ink(theme.TEXT), 0.08)):
        draw.add_circle((x, y), radius, ink, 24, theme.em(thick))
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            start = (x + dx * radius, y + dy * radius)
            end = (x + dx * 1.8 * radius, y + dy * 1.8 * radius)
            draw.add_line(start, end, ink, theme.em(thick))
