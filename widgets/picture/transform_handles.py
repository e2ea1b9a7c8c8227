"""The tool that places the content: handles on the picture that turn, move and enlarge it."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import FIXED
from renderer.recipe.figures import minus
from renderer.recipe.recipe import Canvas, Recipe, TransformPart
from widgets import scopes, theme
from widgets.context import Context
from widgets.picture import handle_geometry
from widgets.picture.handle_geometry import Box, Drag, Handle, Handles, Point
from widgets.picture.tools import Hand

REACH_EM = 0.9
"""So near to a handle a press takes it."""
CURSORS: dict[Handle, imgui.MouseCursor_] = {
    "move": imgui.MouseCursor_.resize_all,
    "turn": imgui.MouseCursor_.hand,
    "zoom": imgui.MouseCursor_.resize_nwse,
}
HINT = "Drag to move, drag a corner to zoom or the round handle to rotate. Double-click to reset."


@dataclass
class PlaceTool:
    """Edits `Recipe.transform`; a `widgets.picture.tools.PictureTool`."""

    drag: Drag | None = None

    def use(self, context: Context, hand: Hand) -> Recipe:
        """Follow the mouse and draw the handles; returns the recipe that the user wants."""
        part = context.recipe.transform
        if why := FIXED.reason(context.recipe, context.model):
            self.drag = None
            if hand.hovered:
                _label(_foot(hand), why)
            return context.recipe
        box = square(hand.box, context.recipe.canvas)
        shown = handle_geometry.handles(part, box, hand.clip, theme.em(1))
        over = shown.under(hand.mouse, theme.em(REACH_EM))
        if not hand.held:
            self.drag = None
        elif hand.pressed and not hand.twice:
            self.drag = Drag(over, part, shown, hand.mouse)
        if hand.twice:
            self.drag, part = None, TransformPart()
        elif self.drag is not None and hand.mouse != self.drag.start:
            part = self.drag.to(hand.mouse, box, snap=hand.shift)
        held = self.drag.handle if self.drag is not None else None
        if held is not None or hand.hovered:
            imgui.set_mouse_cursor(CURSORS[held or over])
        shown = handle_geometry.handles(part, box, hand.clip, theme.em(1))
        self._draw(part, hand, shown, held, over if hand.hovered else None)
        return replace(context.recipe, transform=part)

    def _draw(
        self,
        part: TransformPart,
        hand: Hand,
        shown: Handles,
        held: Handle | None,
        over: Handle | None,
    ) -> None:
        _frame(shown, held or over)
        if held is not None:
            _label(shown.centre, said(part, held))
        elif over is not None and part == TransformPart():  # it is in the way later
            _label(_foot(hand), HINT)


def square(box: Box, canvas: Canvas) -> Box:
    """The place of the trained square within a picture: distances are measured in its sides."""
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    half = ((box[2] - box[0]) / canvas.width / 2, (box[3] - box[1]) / canvas.height / 2)
    return (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])


def _foot(hand: Hand) -> Point:
    """The middle of the lower edge of what is seen of the picture."""
    left, _, right, bottom = hand.clip
    return (left + right) / 2, min(bottom, hand.box[3]) - theme.em(1.2)


def said(part: TransformPart, handle: Handle) -> str:
    """The numbers that a drag of `handle` changes."""
    if handle == "turn":
        return minus(f"{part.rotate_deg:.1f}°")
    if handle == "zoom":
        return f"{part.zoom:.2f}×"
    return minus(f"right {part.x:.2f}   up {part.y:.2f}")


def _frame(shown: Handles, bright: Handle | None) -> None:
    """The frame, its corners, and the stem with the round handle; light on dark, seen on both."""
    draw, dark, light = imgui.get_window_draw_list(), theme.ink("#000000", 0.55), theme.TEXT
    lines = [*zip(shown.corners, (*shown.corners[1:], shown.corners[0]), strict=True)]
    lines.append((shown.at(0, 1), shown.knob))
    for ink, thick in ((dark, 0.24), (theme.ink(light, 0.9), 0.1)):
        for start, end in lines:
            draw.add_line(start, end, ink, theme.em(thick))
    for corner in shown.corners:
        _dot(corner, 0.36, bright == "zoom")
    _dot(shown.centre, 0.26, bright == "move")
    _dot(shown.knob, 0.62, bright == "turn")
    icon = icons.ICON_FA_ARROW_ROTATE_LEFT
    with scopes.font(None, theme.SMALL_PX * 0.85):
        wide = imgui.calc_text_size(icon)
        at = (shown.knob[0] - wide.x / 2, shown.knob[1] - wide.y / 2)
        draw.add_text(at, theme.ink(theme.ON_ACCENT), icon)


def _dot(at: Point, radius_em: float, bright: bool) -> None:
    draw, radius = imgui.get_window_draw_list(), theme.em(radius_em)
    draw.add_circle_filled(at, radius + theme.em(0.09), theme.ink("#000000", 0.55), 24)
    draw.add_circle_filled(at, radius, theme.ink(theme.ACCENT if bright else theme.TEXT), 24)


def _label(middle: Point, words: str) -> None:
    """A line of words on a dark ground, centred above `middle`."""
    draw, size, pad = imgui.get_window_draw_list(), imgui.calc_text_size(words), theme.em(0.4)
    left, top = middle[0] - size.x / 2, middle[1] - size.y - theme.em(0.9)
    low, high = (left - pad, top - pad / 2), (left + size.x + pad, top + size.y + pad / 2)
    draw.add_rect_filled(low, high, theme.ink(theme.CANVAS, 0.85), theme.em(0.3))
    draw.add_text((left, top), theme.ink(theme.TEXT), words)
