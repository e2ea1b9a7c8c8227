"""The Grid tab: a live contact sheet, each cell a picture that one click takes."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import Recipe
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import export_progress
from widgets.controls.buttons import button, fitted
from widgets.controls.grid_view import CancelSheet, PauseSheet, SaveSheet, SetSheet, SheetView
from widgets.controls.thumbnail import Look, thumb
from widgets.controls.tooltips import tip
from widgets.tabs.grid_axis import draw_axis

CONTROLS_EM = 25.0
BESIDE_EM = 36.0
"""In a narrower tab the cells stand below the controls, and all of it scrolls."""
CELLS_EM = 12.0
"""The least height of cells below the controls."""
CELL_EM = (3.2, 16.0)
"""Smallest and largest side of a cell; where more cells are asked for than fit, they scroll."""
GAP_EM = 0.25
LABELS_EM = 6.0
"""Widest labels of rows."""
HEAD_EM = 1.3
APART_EM = 0.5
"""Between the sources of mixing and what is mixed of them."""


def draw(context: Context) -> Recipe:
    """Draw the tab; returns the recipe of the cell that was clicked, or the recipe as it is."""
    view, recipe = context.see(SheetView), context.recipe
    room = imgui.get_content_region_avail()
    beside = room.x >= theme.em(BESIDE_EM)
    flags = 0 if beside else imgui.ChildFlags_.auto_resize_y
    with scopes.child("setup", (theme.em(CONTROLS_EM) if beside else 0.0, 0), flags):
        sheet = _setup(context, view, beside)
    if beside:
        imgui.same_line(0, theme.em(0.8))
    height = 0.0 if beside else max(theme.em(CELLS_EM), imgui.get_content_region_avail().y)
    with scopes.child("cells", (0, height), 0, imgui.WindowFlags_.horizontal_scrollbar):
        taken = _cells(context, sheet, recipe)
    if taken is not None:
        # Its prompts stay when the recipe's own are replaced.
        sheet = contact_sheet.pinned(sheet, recipe)
    if sheet != view.sheet:
        context.ask(SetSheet(sheet))
    return recipe if taken is None else taken


# -- what it shows -------------------------------------------------------------------------------


def _setup(context: Context, view: SheetView, beside: bool) -> Sheet:
    """The controls at the left; returns the sheet that the user wants.

    Beside the cells the axes scroll where they are too high, and saving stays in sight.
    """
    sheet, recipe = view.sheet, context.recipe
    foot = imgui.get_frame_height_with_spacing() if beside else 0.0
    flags = 0 if beside else imgui.ChildFlags_.auto_resize_y
    with scopes.child("axes", (0, -foot), flags):
        imgui.dummy((0, theme.em(0.05)))
        rows = draw_axis(context, "Rows", sheet.rows, recipe)
        columns = draw_axis(context, "Columns", sheet.columns, recipe)
    if contact_sheet.clash(replace(sheet, rows=rows, columns=columns)):
        # The two change places: what one lets go, the other takes.
        if rows != sheet.rows:
            columns = replace(columns, kind=sheet.rows.kind)
        else:
            rows = replace(rows, kind=sheet.columns.kind)
    sheet = replace(sheet, rows=rows, columns=columns)
    if view.saving is None:
        return _save(context, sheet)
    pause = PauseSheet(not view.saving.paused)
    export_progress.draw(context, view.saving, "grid", pause, CancelSheet())
    return sheet


def _save(context: Context, sheet: Sheet) -> Sheet:
    if context.model is None or context.frame is None:
        reason = "There is no picture yet."
    else:
        suffix = f".{context.options.capture_format}"
        of = context.recipe.canvas.size_px(context.model.grid, context.model.resolution)
        reason = contact_sheet.too_large(sheet, context.recipe, of[1], suffix, of[0])
    if button(
        f"{icons.ICON_FA_TABLE_CELLS}  Save grid###save this sheet",
        "Render the grid at the model's resolution and save it with the captures as a contact "
        "sheet. The file contains the grid and its recipe.",
        primary=True,
        reason=reason,
    ):
        context.ask(SaveSheet())
    imgui.same_line()
    _, labels = imgui.checkbox("Labels", sheet.labels)
    tip("Label rows and columns of the saved grid with their values.")
    return replace(sheet, labels=labels)


# -- the cells -----------------------------------------------------------------------------------


def _cells(context: Context, sheet: Sheet, recipe: Recipe) -> Recipe | None:
    """The pictures with their labels; returns the recipe of the one that was pressed."""
    rows, columns = contact_sheet.table_size(sheet, recipe)
    beside, above = contact_sheet.labels(sheet, recipe)
    left, top = _label_room(beside), theme.em(HEAD_EM) if any(above) else 0.0
    room, gap = imgui.get_content_region_avail(), theme.em(GAP_EM)
    window, edge = imgui.get_window_size(), int(sheet.mixes)
    apart = edge * theme.em(APART_EM)
    fitting = min((room.x - left - apart) / columns, (room.y - top - apart) / rows) - gap
    side = min(max(fitting, theme.em(CELL_EM[0])), theme.em(CELL_EM[1]))
    corner, step = imgui.get_cursor_screen_pos(), side + gap
    seen_rows = _seen(top, step, rows, imgui.get_scroll_y(), window.y)
    seen_columns = _seen(left, step, columns, imgui.get_scroll_x(), window.x)
    pressed = None

    def x(column: int) -> float:
        return corner.x + left + column * step + (apart if column >= edge else 0.0)

    def y(row: int) -> float:
        return corner.y + top + row * step + (apart if row >= edge else 0.0)

    for column in seen_columns:
        at = (x(column), corner.y)
        _head(above, column - edge, at, side)
    for row in seen_rows:
        _side(beside, row - edge, (corner.x, y(row)), (left - theme.em(0.4), side))
        for column in seen_columns:
            cell = contact_sheet.at(sheet, recipe, row, column)
            if cell is None:
                continue
            imgui.set_cursor_screen_pos((x(column), y(row)))
            look = Look(chosen=cell == recipe, text=_words(beside, above, row, column, edge))
            if thumb(context, f"{row},{column}", cell, side, look):
                pressed = cell
    imgui.set_cursor_screen_pos(corner)
    imgui.dummy((left + columns * step + apart, top + rows * step + apart))
    return pressed


def _seen(start: float, step: float, count: int, scroll: float, room: float) -> range:
    """Return which of `count` cells can be seen; the first begins at `start`, each takes `step`
    pixels."""
    first = max(0, int((scroll - start) // step))
    return range(first, min(count, int((scroll + room - start) // step) + 1))


def _label_room(labels: tuple[str, ...]) -> float:
    """The width of the labels of rows, with the gap behind them."""
    with scopes.font(None, theme.SMALL_PX):
        widest = max((imgui.calc_text_size(label[:40]).x for label in labels), default=0.0)
    return min(widest, theme.em(LABELS_EM)) + theme.em(0.5) if widest else 0.0


def _head(labels: tuple[str, ...], index: int, at: tuple[float, float], width: float) -> None:
    """The label above a column, in its middle."""
    if index < 0 or not labels[index]:
        return
    with scopes.font(None, theme.SMALL_PX):
        shown = fitted(labels[index], width)
        x = at[0] + (width - imgui.calc_text_size(shown).x) / 2
        imgui.get_window_draw_list().add_text((x, at[1]), theme.ink(theme.DIM), shown)


def _side(
    labels: tuple[str, ...], index: int, at: tuple[float, float], size: tuple[float, float]
) -> None:
    """The label beside a row, at its right end."""
    if index < 0 or not labels[index]:
        return
    with scopes.font(None, theme.SMALL_PX):
        shown = fitted(labels[index], size[0])
        x = at[0] + size[0] - imgui.calc_text_size(shown).x
        y = at[1] + (size[1] - imgui.get_text_line_height()) / 2
        imgui.get_window_draw_list().add_text((x, y), theme.ink(theme.DIM), shown)


def _words(
    beside: tuple[str, ...], above: tuple[str, ...], row: int, column: int, edge: int
) -> str:
    """Return what a cell is, and what a click does."""
    names = [
        beside[row - edge] if row >= edge else "",
        above[column - edge] if column >= edge else "",
    ]
    what = ", ".join(name for name in names if name) or "The picture as it is"
    return f"{what}\nClick to use it."
