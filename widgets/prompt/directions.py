"""Directions: sliders that add k times the way from one prompt to another to the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.parameters.registry import NO_MODEL
from renderer.recipe.recipe import MAX_DIRECTIONS, Direction, TextPart
from renderer.recipe.templates import place_of, typed
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import drawn_words, labelled_row, layer_range, unknown_words
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.completion import class_names
from widgets.controls.live_text_box import FLAGS, live_text
from widgets.controls.section import disclosure, toggle
from widgets.controls.slider import Slider
from widgets.controls.tooltips import tip
from widgets.prompt import direction_popup
from widgets.prompt.direction_popup import KeepDirection, caption, title
from widgets.prompt.strength import aside

TITLE = "Directions"
MENU = "direction menu"
AMOUNT = Slider.of("/text/direction/1")
Verb = Literal["remove", "duplicate", "keep"]


@dataclass
class DirectionList:
    """Edits `TextPart.directions`.

    It remembers which direction is open for editing, whether its layers are shown one by one, and
    whether its first box gets the keyboard in the next frame.
    """

    opened: int | None = None
    by_rows: bool = False
    corner: tuple[float, float] = (0.0, 0.0)
    wanted: bool = False
    arrived: bool = False

    def button(self, label: str, reason: str) -> bool:
        """The button that opens the popup with new directions; whether it was pressed."""
        pressed = button(label, "A slider from one text towards another.", reason=reason)
        if pressed:
            self.wanted = True
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        self.corner = (low.x, high.y + theme.em(0.2))
        return pressed

    def popup(self, context: Context, text: TextPart) -> TextPart:
        """Draw the popup, when it is open; returns the text with what was picked."""
        if self.wanted:
            self.wanted = False
            imgui.open_popup(direction_popup.POPUP)
        new = direction_popup.draw(context, self.corner)
        if new is None:
            return text
        if TITLE not in context.options.open_sections:
            toggle(context, TITLE)
        self.arrived = not (new.plus or new.minus)
        self.opened = len(text.directions) if self.arrived else None
        return replace(text, directions=(*text.directions, new)[:MAX_DIRECTIONS])

    def draw(self, context: Context, text: TextPart) -> TextPart:
        """Draw the sliders, where there are any; returns the text that the user wants."""
        if not text.directions:
            return text
        if not disclosure(context, TITLE):
            active = sum(1 for direction in text.directions if direction.amount)
            aside(f"{active} of {len(text.directions)}")
            return text
        directions = list(text.directions)
        for index, direction in enumerate(text.directions):
            with scopes.name(f"direction{index}"):
                new, verb = self._direction(context, direction, index)
            directions[index] = new
            if verb == "keep":
                context.ask(KeepDirection(new))
            elif verb is not None:
                directions = _after(directions, verb, index)
                self.opened = None
                break
        _figures(context, text)
        return replace(text, directions=tuple(directions)[:MAX_DIRECTIONS])

    def _direction(
        self, context: Context, direction: Direction, index: int
    ) -> tuple[Direction, Verb | None]:
        """One direction: its name and slider, and when it is open its words and layers."""
        left, side = imgui.get_cursor_pos_x(), imgui.get_frame_height()
        if _name(direction, opened=self.opened == index):
            self.opened = None if self.opened == index else index
        imgui.same_line(left + theme.em(theme.LABEL_EM + 1.6))
        gap = imgui.get_style().item_inner_spacing.x
        width = imgui.get_content_region_avail().x - 2 * (side + gap)
        track = AMOUNT.at(f"/text/direction/{index + 1}")
        amount = track.control(context, direction.amount, (width, side))
        imgui.same_line(0, gap)
        if icon_button(icons.ICON_FA_ELLIPSIS, "more", "More for this direction", quiet=True):
            imgui.open_popup(MENU)
        direction, verb = _menu(replace(direction, amount=amount))
        imgui.same_line(0, gap)
        if labelled_row.reset_button(direction.amount != AMOUNT.default):
            direction = replace(direction, amount=AMOUNT.default)
        if self.opened == index:
            direction = self._editor(context, direction, index)
        return direction, verb

    def _editor(self, context: Context, direction: Direction, index: int) -> Direction:
        """Name, both prompts and layers of one direction."""
        imgui.indent(theme.em(0.6))
        where, focus, self.arrived = "The prompt to move towards.", self.arrived, False
        new = replace(
            direction,
            name=_line(
                context, "Name", direction.name, title(direction), "The name of this direction."
            ),
        )
        new = _end(context, new, index, "plus", "Towards", "at night", where, focus=focus)
        where = "The prompt to move away from."
        new = _end(context, new, index, "minus", "Away from", "at noon", where)
        new = self._layers(context, new)
        imgui.unindent(theme.em(0.6))
        return new

    def _layers(self, context: Context, direction: Direction) -> Direction:
        """Draw which layers the direction acts on, by blocks or row by row."""
        model = context.model
        reason = NO_MODEL.reason(context.recipe, context.model) or None
        with labelled_row.row(
            "Layers", "The layers that it acts on: coarse ones on the left.", reason
        ) as row:
            if model is not None:
                side = imgui.get_frame_height()
                span = (direction.start, model.num_ws if direction.stop is None else direction.stop)
                line = layer_range.row_cells if self.by_rows else layer_range.block_cells
                new = layer_range.draw("layers", line(model), span, row.width - side, reason)
                imgui.same_line(0, 0)
                icon = icons.ICON_FA_TABLE_CELLS_LARGE if self.by_rows else icons.ICON_FA_BARS
                text = "Choose by blocks" if self.by_rows else "Choose row by row"
                if icon_button(icon, "by rows", text, quiet=True):
                    self.by_rows = not self.by_rows
                stop = None if new[1] >= model.num_ws else new[1]
                if new != span:
                    direction = replace(direction, start=new[0], stop=stop)
            if row.reset((direction.start, direction.stop) != (0, None)):
                direction = replace(direction, start=0, stop=None)
        return direction


def _name(direction: Direction, *, opened: bool) -> bool:
    """The name of a direction, which opens and closes its words; whether it was pressed."""
    corner, height = imgui.get_cursor_screen_pos(), imgui.get_frame_height()
    width = theme.em(theme.LABEL_EM + 1.2)
    pressed = imgui.invisible_button("name", (width, height), imgui.ButtonFlags_.enable_nav)
    text = f"From “{direction.minus or '(empty)'}” to “{direction.plus or '(empty)'}”"
    layers = "all layers" if (direction.start, direction.stop) == (0, None) else "some layers"
    tip(f"{text}, {layers}.\nClick to change prompts and layers.")
    ink = theme.ink(theme.TEXT if imgui.is_item_hovered() or opened else theme.DIM)
    draw = imgui.get_window_draw_list()
    with scopes.font(None, theme.SMALL_PX):
        chevron = icons.ICON_FA_CHEVRON_DOWN if opened else icons.ICON_FA_CHEVRON_RIGHT
        top = corner.y + (height - imgui.get_font_size()) / 2
        draw.add_text((corner.x, top), ink, chevron)
    top = corner.y + (height - imgui.get_font_size()) / 2
    shown = fitted(title(direction), width - theme.em(1.2))
    draw.add_text((corner.x + theme.em(1.2), top), ink, shown)
    return pressed


def _menu(direction: Direction) -> tuple[Direction, Verb | None]:
    """The menu behind the dots."""
    with scopes.popup(MENU) as opened:
        if not opened:
            return direction, None
        verb: Verb | None = None
        if imgui.menu_item_simple("Save for all sessions"):
            verb = "keep"
        if imgui.menu_item_simple("Duplicate"):
            verb = "duplicate"
        if imgui.menu_item_simple("Swap the two prompts"):
            name = "" if direction.name == direction.plus else direction.name
            direction = replace(
                direction,
                plus=direction.minus,
                minus=direction.plus,
                plus_template=direction.minus_template,
                minus_template=direction.plus_template,
                name=name,
            )
        imgui.separator()
        if imgui.menu_item_simple("Remove"):
            verb = "remove"
    return direction, verb


def _after(directions: list[Direction], verb: Verb, index: int) -> list[Direction]:
    """The list after `verb` was done to one of its directions."""
    if verb == "remove":
        return directions[:index] + directions[index + 1 :]
    return [*directions[: index + 1], directions[index], *directions[index + 1 :]]


def _line(
    context: Context,
    label: str,
    words: str,
    hint: str,
    text: str,
    *,
    focus: bool = False,
    names: tuple[str, ...] = (),
) -> str:
    """One line of text with its label; with `focus` it gets the keyboard, `names` are offered."""
    with labelled_row.row(label, text) as row:
        imgui.set_next_item_width(row.width)
        new = live_text(
            context,
            words,
            lambda typed: imgui.input_text_with_hint("##text", hint, typed, FLAGS),
            wanted=focus,
            names=names,
        )
        return "" if row.reset(bool(words)) else new


def _end(
    context: Context,
    direction: Direction,
    index: int,
    field: str,
    label: str,
    hint: str,
    text: str,
    *,
    focus: bool = False,
) -> Direction:
    """One line for words that the model reads, and what it does not know of them."""
    names, words = class_names(context), typed(direction, field)
    new = _line(context, label, words, hint, text, focus=focus, names=names)
    new = unknown_words.hint(context, new)
    place = place_of("directions", index, field)
    return drawn_words.written(context, direction, field, new, place)


def _figures(context: Context, text: TextPart) -> None:
    """Draw what directions and strength have done to the text, of the last picture."""
    frame = context.frame
    if frame is None or frame.recipe.text != text:
        caption("…")
        return
    caption(f"Text turned by {frame.text_angle_deg:.0f}°, length {frame.text_norm:.2f}")
    tip(
        "How far the text has turned away from the blended prompts, and its length before it is "
        "scaled back to 1. Far from length 1 or beyond about 45°, the model has seen nothing like "
        "it."
    )
