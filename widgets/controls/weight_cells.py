"""A grid of small weights: each cell is filled as high as its weight, and dragged like a slider.

There may be hundreds of cells, so a cell is one invisible button and two or three rectangles; only
while a number is typed into it is it a real slider.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imgui_bundle import ImVec2, imgui

from renderer.parameters.settings import MIXING_WEIGHT
from renderer.recipe.figures import minus
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import source_sign, sources
from widgets.controls.control_view import ControlView
from widgets.controls.key_names import MAIN
from widgets.controls.slider import Slider
from widgets.controls.tooltips import bubble, tip

DRAG_EM = 5.0
"""A drag this long goes from nothing to all, whatever the cell's own height."""
DEAD_EM = 0.2
"""Shorter than this it is a click."""
NUMBER_EM = 1.7
"""Cells this wide show their weight."""
STEP, FINE = 0.05, 0.01
"""The step of an arrow key for the weight of the cell in use; `FINE` with Shift."""
KEYS = ((imgui.Key.up_arrow, 1.0), (imgui.Key.down_arrow, -1.0))
HOW = (
    "Drag up or down; click for all or nothing. Up and Down nudge the active cell, finely with "
    f"Shift. {MAIN}+click to type a value, right-click to reset it or choose what plays it."
)
WEIGHT = Slider.of(MIXING_WEIGHT)


@dataclass(frozen=True)
class Ink:
    """The colours of a track: of the fill, and of its upper edge and number."""

    fill: str
    edge: str


LATENT = Ink(theme.ACCENT_DEEP, theme.ACCENT)
WORDS = Ink(theme.WORDS_DEEP, theme.WORDS)


@dataclass(frozen=True)
class Cell:
    """One cell: its weight, its colours, and what differs about it.

    `faint` is a weight that follows another one; `dotted` stands for several that differ; `reason`
    says why it cannot be changed, `address` is that of the weight.  `text` gives its tooltip, asked
    for only while that is shown.
    """

    weight: float
    ink: Ink
    text: Callable[[], str]
    faint: bool = False
    dotted: bool = False
    reason: str = ""
    address: str = ""


@dataclass
class Cells:
    """Draws cells; remembers the one in the hand and the weight that its drag has reached."""

    reached: float = 0.0
    dragged: bool = False
    _typing_click: bool = field(default=False, repr=False)
    _frame: int = -1

    def draw(
        self, context: Context, name: str, cell: Cell, size: tuple[float, float]
    ) -> float | None:
        """Draw one cell at the cursor.

        Args:
            context: this UI frame.
            name: identifies it among its siblings.
            cell: what it shows.
            size: width and height in pixels.

        Returns:
            The weight that the user wants; None when it is to be reset.
        """
        with scopes.name(name):
            item, corner = imgui.get_id("##track"), imgui.get_cursor_screen_pos()
            if not cell.reason and self._types(context, item, corner, size):
                return WEIGHT.control(context, cell.weight, size, vertical=True)
            imgui.invisible_button("##track", size, imgui.ButtonFlags_.enable_nav)
            active, hovered = imgui.is_item_active(), imgui.is_item_hovered()
            new: float | None = cell.weight
            if not cell.reason:
                if active or imgui.is_item_deactivated():
                    new = self._hold(cell.weight, active)
                elif imgui.is_item_focused():
                    new = _nudged(cell.weight)
                if sources.offer(context, cell.address, resets=True):
                    new = None
                if context.entry.refused_item == item:
                    bubble(context, item)
            if hovered and not active:
                tip(f"{cell.text()}\n{HOW}", cell.reason)
            lit = active or hovered or (imgui.is_item_focused() and imgui.get_io().nav_visible)
            paint(corner, size, cell, lit=lit)
            if context.see(ControlView).mapped:
                end = (corner.x + size[0], corner.y + size[1])
                source_sign.on_cell(context, cell.address, corner, end, WEIGHT.fraction)
            return new

    def _types(
        self, context: Context, item: int, corner: ImVec2, size: tuple[float, float]
    ) -> bool:
        """Return whether a number is typed into the item, or is about to be."""
        if context.entry.item == item:
            return True
        if (frame := imgui.get_frame_count()) != self._frame:
            self._frame = frame
            self._typing_click = imgui.get_io().key_ctrl and imgui.is_mouse_clicked(0)
        return self._typing_click and imgui.is_mouse_hovering_rect(
            corner, (corner.x + size[0], corner.y + size[1])
        )

    def _hold(self, weight: float, active: bool) -> float:
        """The weight while the cell is in the hand, and when it is let go."""
        if imgui.is_item_activated():
            self.reached, self.dragged = min(max(weight, 0.0), 1.0), False
        if not active:
            return weight if self.dragged else float(weight < 1.0)
        if not self.dragged and not imgui.is_mouse_dragging(0, theme.em(DEAD_EM)):
            return weight
        moved = imgui.get_io().mouse_delta.y
        if not self.dragged:
            self.dragged, moved = True, imgui.get_mouse_drag_delta(0, 0.0).y
        self.reached = min(max(self.reached - moved / theme.em(DRAG_EM), 0.0), 1.0)
        return round(self.reached, WEIGHT.decimals) if moved else weight


def _nudged(weight: float) -> float:
    """The weight after the arrow keys of this frame, which would move the focus otherwise: Up and
    Down change it as a drag does; Left and Right, and Tab, still go to another cell."""
    item, step = imgui.get_item_id(), FINE if imgui.get_io().key_shift else STEP
    for key, way in KEYS:
        imgui.internal.set_key_owner(key, item)
        if imgui.is_key_pressed(key):
            imgui.set_nav_cursor_visible(True)
            # A weight beyond the ends, which only typing reaches, goes on from where it is.
            low, high = min(weight, 0.0), max(weight, 1.0)
            weight = round(min(max(weight + way * step, low), high), WEIGHT.decimals)
    return weight


def paint(
    corner: ImVec2, size: tuple[float, float], cell: Cell, *, lit: bool = False, still: bool = False
) -> None:
    """Paint one cell; a `still` one only shows, it is no control."""
    draw, rounding = imgui.get_window_draw_list(), theme.em(0.2)
    right, bottom = corner.x + size[0], corner.y + size[1]
    if not still:
        ground = theme.CONTROL_HOVER if lit else theme.CONTROL
        solid = 0.4 if cell.reason else 1.0
        draw.add_rect_filled(corner, (right, bottom), theme.ink(ground, solid), rounding)
    alpha = 0.35 if cell.reason or cell.faint else 1.0
    if cell.weight > 0.0:
        top = bottom - size[1] * min(cell.weight, 1.0)
        edge = min(top + theme.em(0.14), bottom)
        fill = theme.ink(cell.ink.fill, 0.8 * alpha)
        draw.add_rect_filled((corner.x, top), (right, bottom), fill, rounding)
        draw.add_rect_filled((corner.x, top), (right, edge), theme.ink(cell.ink.edge, alpha))
    elif cell.weight < 0.0:
        edge = theme.ink(theme.WARNING, alpha)
        draw.add_rect_filled((corner.x, bottom - theme.em(0.14)), (right, bottom), edge)
    if cell.dotted:
        at = (right - theme.em(0.3), corner.y + theme.em(0.3))
        draw.add_circle_filled(at, theme.em(0.13), theme.ink(cell.ink.edge), 8)
    if cell.weight and (lit or size[0] >= theme.em(NUMBER_EM)) and not still:
        _number(corner, size, cell.weight)


def _short(weight: float) -> str:
    """A weight in the room of three characters, where there are that few: ".45", "1.2"."""
    text = WEIGHT.shown(weight)
    return text.replace("0.", ".", 1) if abs(weight) < 1 else minus(f"{weight:.1f}")


def _number(corner: ImVec2, size: tuple[float, float], weight: float) -> None:
    text = WEIGHT.shown(weight) if size[0] >= theme.em(2.0) else _short(weight)
    font, share = imgui.get_font(), theme.SMALL_PX / theme.FONT_PX
    height, wide = share * imgui.get_font_size(), share * imgui.calc_text_size(text).x
    at = (corner.x + (size[0] - wide) / 2, corner.y + (size[1] - height) / 2)
    imgui.get_window_draw_list().add_text(font, height, at, theme.ink(theme.TEXT), text)
