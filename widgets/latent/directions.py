"""The list of directions that have a name: a slider for each, and what else can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as replace_slider

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.component_steps import address_of, misfit, step_along, words_of
from renderer.recipe import component_moves
from renderer.recipe.component_moves import Moves
from renderer.recipe.parts.moves import MAX_DIRECTION_NAME
from renderer.recipe.recipe import Move
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import focus, labelled_row
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.directions_view import (
    JSON,
    NPY,
    DeleteNamed,
    ExportDirection,
    NameDirection,
    OpenDirection,
    SavedDirections,
    UndeleteNamed,
    listed,
)
from widgets.controls.slider import HOW, Slider
from widgets.controls.tooltips import tip

NAME_EM = 14.0
ROWS_SHOWN = 8
"""More rows than these scroll."""
EMPTY = (
    "Named directions appear here: name a component below with its bookmark, or open a file with "
    "a direction. Files can also be dropped on the window."
)
MENU = "more"
STYLE = "It moves the style of a layer, which comes after w."


def draw(context: Context, made: Moves) -> Moves:
    """Draw the list; returns the moves that the user wants."""
    saved = context.see(SavedDirections)
    found = listed(saved, made)
    if not found:
        theme.wrapped(EMPTY)
    if len(found) > ROWS_SHOWN:
        height = (ROWS_SHOWN + 0.4) * imgui.get_frame_height_with_spacing()
        with scopes.child("named", (0, height), 0, imgui.WindowFlags_.no_background):
            made = _rows(context, found, made)
    else:
        with scopes.name("named"):
            made = _rows(context, found, made)
    text = "Open a direction: a NumPy array (.npy) or a list of numbers (.json)."
    label = f"{icons.ICON_FA_FOLDER_OPEN}  Open a file…###open direction"
    if button(label, text, reason="" if context.model else "No model is loaded yet."):
        context.ask(OpenDirection())
    if saved.deleted:
        imgui.same_line()
        undo = f"{icons.ICON_FA_ARROW_ROTATE_LEFT}  Undo###undelete direction"
        if button(undo, f"Restore “{fitted(saved.deleted, theme.em(20))}”, which was deleted."):
            context.ask(UndeleteNamed())
    return made


def _rows(context: Context, found: Moves, made: Moves) -> Moves:
    for index, direction in enumerate(found):
        with scopes.name(f"direction{index}"):
            made = _row(context, direction, made)
    return made


def _row(context: Context, direction: Move, made: Moves) -> Moves:
    """One direction: its name, the slider, its menu, and what puts it back."""
    blocks = context.model.blocks if context.model else ()
    named = tuple(component_moves.unmoved(move) for move in made if move.name)
    moved = step_along(direction, blocks, address_of(direction, named, blocks))
    recipe = replace(context.recipe, moves=made)
    reason = moved.reason(recipe, context.model)
    if context.model is not None:
        reason = misfit(direction.vector, context.model) or reason
    what = "" if direction.space == "vector" else f"\n{words_of(direction, blocks)}."
    text = f"{direction.name}{what}\n{moved.text}"
    slider = replace_slider(Slider.of(moved), text=text)
    label = fitted(direction.name, theme.em(theme.LABEL_EM - 0.6))

    def menu() -> None:
        _menu(context, direction, reason)

    amount = component_moves.amount_of(made, direction)
    new = row_with_button(context, slider, label, amount, reason, menu)
    return made if new == amount else moved.put(recipe, new).moves


def row_with_button(
    context: Context,
    slider: Slider,
    label: str,
    value: float,
    reason: str,
    draw: Callable[[], None],
) -> float:
    """The row of a slider with a square button before its Reset, which `draw` makes; returns the
    value that the user wants."""
    with labelled_row.row(label, f"{slider.text}\n{HOW}", reason or None) as row:
        side, gap = imgui.get_frame_height(), imgui.get_style().item_inner_spacing.x
        new = slider.control(context, value, (row.width - side - gap, side), reason or None)
        row.enable()
        imgui.same_line(0, gap)
        draw()
        if row.reset(value != slider.default):
            new = slider.default
    return new


def _menu(context: Context, direction: Move, reason: str) -> None:
    if icon_button(icons.ICON_FA_ELLIPSIS, "menu", "Rename, export, delete", quiet=True):
        imgui.open_popup(MENU)
    with scopes.popup(MENU) as opened:
        if not opened:
            return
        with scopes.menu("Rename") as renaming:
            if renaming:
                name_box(context, direction)
        why = STYLE if direction.space == "style" else reason
        for suffix, words in ((NPY, "Export as NumPy array…"), (JSON, "Export as JSON…")):
            if imgui.menu_item(words, "", False, not why)[0]:
                context.ask(ExportDirection(direction, suffix))
            tip("", why or None)
        imgui.separator()
        if imgui.menu_item_simple("Delete"):
            context.ask(DeleteNamed(direction))


def name_box(context: Context, direction: Move) -> None:
    """The box for the name of a direction; Enter gives it."""
    entry, place = context.entry, f"direction {hash(direction.place)}"
    if entry.file != place:
        entry.file, entry.file_name = place, direction.name
    if imgui.is_window_appearing():
        imgui.set_keyboard_focus_here()
    imgui.set_next_item_width(theme.em(NAME_EM))
    flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
    shown = entry.file_name[:MAX_DIRECTION_NAME]
    entered, entry.file_name = imgui.input_text_with_hint(
        "##name", "Name, such as smile", shown, flags
    )
    focus.border()
    if entered:
        context.ask(NameDirection(direction, entry.file_name))
        entry.file = ""
        imgui.close_current_popup()
