"""The travel tool: a drag on the picture is a journey over the plane of seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.recipe import LatentPart, Recipe
from widgets import theme
from widgets.actions import FitPicture
from widgets.context import Context
from widgets.latent.seed_map import FINE, moved
from widgets.picture.tools import Hand

SEEDS_A_PICTURE = 2.0
"""Number of seeds between the left and the right edge of the picture."""
OFF_PLANE = "This latent has no seed. Choose one to travel from."


@dataclass
class TravelTool:
    """Follows the mouse; it remembers where the drag began, for the arrow."""

    _from: tuple[float, float] | None = None

    def use(self, context: Context, hand: Hand) -> Recipe:
        """See `widgets.picture.tools.PictureTool.use`."""
        recipe = context.recipe
        if hand.twice:
            context.ask(FitPicture())
        if hand.pressed:
            self._from = hand.mouse
        if not hand.held or self._from is None:
            self._from = None
            return recipe
        way = math.dist(self._from, hand.mouse)
        if way < theme.em(0.2) and not any(hand.delta):
            return recipe
        imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
        part = recipe.latent
        if part.on_plane:
            part = travelled_by_hand(part, hand)
            _arrow(self._from, hand.mouse)
        _words(hand, place(part) if part.on_plane else OFF_PLANE)
        return replace(recipe, latent=part)


def travelled_by_hand(part: LatentPart, hand: Hand) -> LatentPart:
    """Return where the mouse has brought the latent in this frame.  Shift goes a tenth of the
    way."""
    width = max(hand.box[2] - hand.box[0], 1.0)
    scale = SEEDS_A_PICTURE / width * (FINE if hand.shift else 1.0)
    return moved(part, hand.delta[0] * scale, hand.delta[1] * scale)


def place(part: LatentPart) -> str:
    """Return where a latent lies on the plane, in words."""
    ways = ((part.x, "right", "left"), (part.y, "down", "up"))
    parts = [f"{abs(v):.2f} {plus if v > 0 else minus}" for v, plus, minus in ways if abs(v) > 5e-3]
    return ", ".join([f"seed {part.seed}", *parts])


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> None:
    """A thin arrow from where the drag began to the mouse."""
    length = math.dist(start, end)
    if length < theme.em(0.8):
        return
    draw, thick, head = imgui.get_window_draw_list(), theme.em(0.1), theme.em(0.55)
    x, y = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    wings = [
        (end[0] - head * (x + s * 0.55 * y), end[1] - head * (y - s * 0.55 * x)) for s in (-1, 1)
    ]
    for ink, more in ((theme.ink(theme.CANVAS, 0.55), theme.em(0.12)), (theme.ink(theme.TEXT), 0)):
        draw.add_circle_filled(start, theme.em(0.18) + more / 2, ink, 12)
        draw.add_line(start, end, ink, thick + more)
        for wing in wings:
            draw.add_line(wing, end, ink, thick + more)


def _words(hand: Hand, text: str) -> None:
    """A line on a dark ground, at the lower edge of what shows of the picture."""
    draw, size, pad = imgui.get_window_draw_list(), imgui.calc_text_size(text), theme.em(0.4)
    left, right = max(hand.box[0], hand.clip[0]), min(hand.box[2], hand.clip[2])
    bottom = min(hand.box[3], hand.clip[3]) - theme.em(0.8)
    x = (left + right - size.x) / 2
    low, high = (x - pad, bottom - size.y - pad), (x + size.x + pad, bottom)
    draw.add_rect_filled(low, high, theme.ink(theme.CANVAS, 0.8), theme.em(0.4))
    draw.add_text((x, bottom - size.y - pad / 2), theme.ink(theme.TEXT), text)
