"""A range of layers, chosen by pressing a cell and dragging over others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from renderer.frame.frame import ModelInfo
from widgets import scopes, theme
from widgets.controls.tooltips import tip

Span = tuple[int, int]
"""A half-open range of rows of w."""


@dataclass(frozen=True)
class Cell:
    """One cell of the line: its words, its tooltip, the rows of w that it stands for."""

    label: str
    text: str
    rows: Span


def block_cells(model: ModelInfo) -> list[Cell]:
    """A cell for each resolution block, coarsest first."""
    return [
        Cell(str(size), f"The {size} px block, rows {low} to {high - 1} of w.", (low, high))
        for size, (low, high) in zip(model.blocks, model.rows_of_block, strict=True)
    ]


def row_cells(model: ModelInfo) -> list[Cell]:
    """A cell for each row of w, the coarsest first."""
    cells = []
    for size, (low, high) in zip(model.blocks, model.rows_of_block, strict=True):
        for row in range(low, high):
            words = f"Row {row} of w, in the {size} px block."
            cells.append(Cell("", words, (row, row + 1)))
    return cells


def joined(first: Span, second: Span) -> Span:
    """The range from the one to the other, both within it."""
    return min(first[0], second[0]), max(first[1], second[1])


def covered(rows: Span, span: Span) -> bool:
    """Return whether any of the rows lie in `span`."""
    return rows[0] < span[1] and span[0] < rows[1]


def draw(name: str, cells: Sequence[Cell], span: Span, width: float, reason: str | None) -> Span:
    """Draw a line of cells; returns the range that the user wants.

    A press takes one cell, dragging on or a press with Shift takes all up to another.

    Args:
        name: identifies the line.
        cells: from the coarsest to the finest.
        span: the range now.
        width: of the line in pixels.
        reason: why it does not apply now, or None.
    """
    with scopes.name(name):
        corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
        gap = theme.em(0.12)
        each = (width - gap * (len(cells) - 1)) / len(cells)
        wanted = span
        held: Span | None = None
        with scopes.group():
            for index, cell in enumerate(cells):
                imgui.set_cursor_screen_pos((corner.x + index * (each + gap), corner.y))
                size = (max(each, 1.0), height)
                pressed = imgui.invisible_button(
                    f"cell{index}", size, imgui.ButtonFlags_.enable_nav
                )
                if imgui.is_item_activated() or pressed:
                    shift = imgui.get_io().key_shift
                    wanted = joined(span, cell.rows) if shift else cell.rows
                if imgui.is_item_active():
                    held = cell.rows
                tip(
                    f"{cell.text}\nDrag across several; Shift+click selects all up to here.", reason
                )
                _paint(cell, covered(cell.rows, span))
        if held is not None and imgui.is_mouse_dragging(0, theme.em(0.2)):
            place = (imgui.get_mouse_pos().x - corner.x) / (each + gap)
            over = cells[min(max(int(place), 0), len(cells) - 1)].rows
            wanted = joined(held, over)
    return span if reason else wanted


def _paint(cell: Cell, chosen: bool) -> None:
    low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
    lit = imgui.is_item_hovered()
    if chosen:
        code = theme.ACCENT_SOFT_HOVER if lit else theme.ACCENT_SOFT
    else:
        code = theme.CONTROL_HOVER if lit else theme.CONTROL
    draw = imgui.get_window_draw_list()
    draw.add_rect_filled(low, high, theme.ink(code), theme.em(0.2))
    if cell.label:
        size = imgui.calc_text_size(cell.label)
        at = ((low.x + high.x - size.x) / 2, (low.y + high.y - size.y) / 2)
        draw.add_text(at, theme.ink(theme.ACCENT if chosen else theme.DIM), cell.label)
