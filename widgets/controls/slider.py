"""The slider: drag it, type into it with Ctrl+click, right-click it for what plays it.

Dear ImGui's own slider does the dragging and the keyboard; this file draws it in the program's look
and reads typed values itself, so that a refused one gets a sentence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from imgui_bundle import ImVec2, imgui

from renderer.parameters.kinds import LIMITS, Number, Whole
from renderer.parameters.parameter import Command, Parameter, Setting
from renderer.parameters.parameters import declared
from renderer.recipe.figures import minus
from renderer.recipe.recipe import WILD
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import focus, labelled_row, source_sign, sources
from widgets.controls.key_names import MAIN
from widgets.controls.numbers import parse_number
from widgets.controls.tooltips import bubble, taken, tip

HOW = f"{MAIN}+click to type a value, right-click to reset."
HOW_PLAYED = f"{MAIN}+click to type a value, right-click to reset it or choose what plays it."
BEYOND = 4.0
"""Far enough to exaggerate, and too near for a percentage typed without its sign: 33 for 0.33."""


@dataclass(frozen=True)
class Slider:
    """Moves a number; `of` makes one of what is declared in `renderer.parameters`.

    `low` to `high` is what dragging reaches, `limits` what typing may reach: unless they are given,
    `BEYOND` lengths of the track past either end.  `marks` are named positions under the track: a
    click goes there.  `logarithmic` suits factors (`low` > 0).
    """

    label: str
    default: float
    low: float
    high: float
    text: str
    decimals: int = 2
    unit: str = ""
    limits: tuple[float, float] | None = None
    marks: tuple[tuple[float, str], ...] = ()
    logarithmic: bool = False
    address: str = ""
    """Of what it sets; empty where no source can play that."""

    @classmethod
    def of(cls, declared_as: str | Parameter | Command | Setting, default: float = 0.0) -> Slider:
        """The slider of a parameter, by its address or itself, or of a setting.

        Args:
            declared_as: has everything that there is to know.
            default: what a right-click brings back, where it follows another value.
        """
        item = declared(declared_as) if isinstance(declared_as, str) else declared_as
        kind = item.kind
        assert isinstance(kind, Number | Whole)
        usual = default if isinstance(item, Command) or item.default is None else item.default
        assert isinstance(usual, int | float)
        return cls(
            item.label if isinstance(item, Command) else item.name,
            usual,
            kind.low,
            kind.high,
            item.text,
            kind.decimals,
            kind.unit,
            None if kind.limits == LIMITS else kind.limits,
            kind.marks,
            kind.logarithmic,
            "" if isinstance(item, Setting) else item.address,
        )

    def at(self, address: str) -> Slider:
        """Return the same for another address, such as that of another prompt."""
        return replace(self, address=address)

    @property
    def how(self) -> str:
        """Return how it is used, for its tooltip."""
        return HOW_PLAYED if self.address else HOW

    def draw(self, context: Context, value: float, reason: str | None = None) -> float:
        """Draw the whole row; returns the value that the user wants.

        Args:
            context: this UI frame.
            value: the value now.
            reason: why the row does not apply now, or None.
        """
        with labelled_row.row(self.label, f"{self.text}\n{self.how}", reason) as row:
            new = self.control(context, value, (row.width, imgui.get_frame_height()), reason)
            left, right = imgui.get_item_rect_min(), imgui.get_item_rect_max()
            if row.reset(value != self.default):
                new = self.default
        if self.marks:
            chosen = self.draw_marks(left.x, right.x, value, reason)
            new = new if chosen is None else chosen
        return new

    def control(
        self,
        context: Context,
        value: float,
        size: tuple[float, float],
        reason: str | None = None,
        *,
        vertical: bool = False,
    ) -> float:
        """Draw only the track with the value in it; returns the value that the user wants."""
        item = imgui.get_id("##track")
        if context.entry.item == item:
            return self._typing(context, value, size, item)
        if not reason and self._wants_typing(size):
            context.entry.item, context.entry.text = item, self.shown(value, unit=False)
            context.entry.wants_focus = True
            return self._typing(context, value, size, item)
        dragged = self._track(value, size, vertical)
        if self.address and not reason:
            reset = sources.offer(context, self.address, resets=True)
        else:
            reset = not reason and imgui.is_item_clicked(imgui.MouseButton_.right)
        dragged = self.default if reset else dragged
        bubble(context, item)
        tip(f"{self.text}\n{self.how}", reason)
        self._paint(context, value, vertical)
        return value if reason else dragged

    def shown(self, value: float, *, unit: bool = True) -> str:
        """The value as it is written in the track."""
        between = not self.decimals and value != round(value)
        text = f"{value:.5g}" if between else f"{value:.{self.decimals}f}"
        if float(text) == 0.0:
            text = text.lstrip("-")
        return minus(text) + self.unit if unit else text

    @property
    def reach(self) -> tuple[float, float]:
        """The smallest and the largest value that may be typed."""
        if self.limits is not None:
            return self.limits
        beyond = BEYOND * (self.high - self.low)
        return max(self.low - beyond, -WILD), min(self.high + beyond, WILD)

    def fraction(self, value: float) -> float:
        """Return where `value` lies on the track, 0 at `low` to 1 at `high`."""
        if self.logarithmic:
            low, high = math.log(self.low), math.log(self.high)
            place = (math.log(max(value, 1e-9)) - low) / (high - low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0)

    def _wants_typing(self, size: tuple[float, float]) -> bool:
        corner = imgui.get_cursor_screen_pos()
        inside = imgui.is_mouse_hovering_rect(
            corner, (corner.x + size[0], corner.y + size[1])
        ) and imgui.is_window_hovered(imgui.HoveredFlags_.none)
        return inside and imgui.get_io().key_ctrl and imgui.is_mouse_clicked(0)

    def _track(self, value: float, size: tuple[float, float], vertical: bool) -> float:
        clear = theme.colour(theme.CONTROL, 0.0)
        columns = (
            imgui.Col_.frame_bg,
            imgui.Col_.frame_bg_hovered,
            imgui.Col_.frame_bg_active,
            imgui.Col_.slider_grab,
            imgui.Col_.slider_grab_active,
        )
        flags = imgui.SliderFlags_.no_input
        if self.logarithmic:
            flags |= imgui.SliderFlags_.logarithmic
        ends = (self.low, self.high)
        with scopes.colours(*((column, clear) for column in columns)):
            if vertical:
                changed, new = imgui.v_slider_float("##track", size, value, *ends, "", flags)
            else:
                imgui.set_next_item_width(size[0])
                changed, new = imgui.slider_float("##track", value, *ends, "", flags)
        return round(new, self.decimals) if changed else value

    def _typing(
        self, context: Context, value: float, size: tuple[float, float], item: int
    ) -> float:
        entry = context.entry
        if entry.wants_focus:
            imgui.set_keyboard_focus_here()
            entry.wants_focus = False
        imgui.set_next_item_width(size[0])
        padding = max(0.0, (size[1] - imgui.get_font_size()) / 2)
        with scopes.style(imgui.StyleVar_.frame_padding, (theme.em(0.3), padding)):
            _, entry.text = imgui.input_text(
                "##typed", entry.text, imgui.InputTextFlags_.auto_select_all
            )
        focus.border()
        if not imgui.is_item_deactivated():
            return value
        entry.item = 0
        if not imgui.is_item_deactivated_after_edit():
            return value
        return taken(
            context,
            item,
            lambda: parse_number(entry.text, *self.reach, name=self.label, unit=self.unit),
            value,
        )

    def _paint(self, context: Context, value: float, vertical: bool) -> None:
        sign = sources.sign(context, self.address)
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        draw, rounding = imgui.get_window_draw_list(), imgui.get_style().frame_rounding
        lit = imgui.is_item_hovered() or imgui.is_item_active()
        draw.add_rect_filled(
            low, high, theme.ink(theme.CONTROL_HOVER if lit else theme.CONTROL), rounding
        )
        place, origin = self.fraction(value), self.fraction(min(max(0.0, self.low), self.high))
        if self.logarithmic:
            origin = self.fraction(1.0)
        fill, grab = _bars(low, high, place, origin, vertical)
        with scopes.clipped(draw, fill[0], fill[1]):
            draw.add_rect_filled(low, high, theme.ink(theme.ACCENT_DEEP, 0.55), rounding)
        handle = None
        if (played := sign.number) is not None:
            way, handle = _bars(low, high, self.fraction(played), place, vertical)
            source_sign.bar(draw, way)
        source_sign.frame(draw, sign, low, high, vertical)
        with source_sign.face(context, sign, vertical):
            text = self.shown(value if played is None else played)
            text = source_sign.LEARNS if sign.learns and not vertical else text
            size = imgui.calc_text_size(text)
            corner = ImVec2((low.x + high.x - size.x) / 2, (low.y + high.y - size.y) / 2)
            if vertical:  # on the side of the handle that has more room
                gap = theme.em(0.15)
                corner.y = grab[1][1] + gap if place > 0.5 else grab[0][1] - size.y - gap
            words = ((corner.x, corner.y), (corner.x + size.x, corner.y + size.y))
            for part in _around(grab, words, theme.em(0.14)):
                draw.add_rect_filled(*part, theme.ink(theme.ACCENT), theme.em(0.12))
            for part in () if handle is None else _around(handle, words, theme.em(0.14)):
                source_sign.handle(draw, part)
            draw.add_text(corner, theme.ink(theme.TEXT), text)

    def draw_marks(
        self, left: float, right: float, value: float, reason: str | None = None
    ) -> float | None:
        """The named positions under a track from `left` to `right`; answers the pressed one."""
        pressed = None
        inset = theme.em(0.3)
        top = imgui.get_cursor_screen_pos().y - imgui.get_style().item_spacing.y
        with (
            scopes.name(self.label),
            scopes.disabled(bool(reason)),
            scopes.font(None, theme.SMALL_PX),
        ):
            height = imgui.get_text_line_height() + theme.em(0.3)
            ends: list[float] = []  # of the names in each line below the track
            for place, name in self.marks:
                size = imgui.calc_text_size(name)
                centre = left + inset + (right - left - 2 * inset) * self.fraction(place)
                x = max(min(centre - size.x / 2, right - size.x), left)
                line = next((n for n, end in enumerate(ends) if x > end + inset), len(ends))
                ends[line : line + 1] = [x + size.x]
                y = top + line * height
                imgui.set_cursor_screen_pos((x, y))
                if imgui.invisible_button(name, (size.x, height)):
                    pressed = place
                here = imgui.is_item_hovered() or value == place
                tip(f"Go to {self.shown(place)}.", reason)
                draw = imgui.get_window_draw_list()
                draw.add_line(
                    (centre, top + 1),
                    (centre, top + theme.em(0.25)),
                    theme.ink(theme.DIM),
                    1.0,
                )
                ink = theme.ink(theme.ACCENT if here else theme.DIM)
                draw.add_text((x, y + theme.em(0.3)), ink, name)
            imgui.set_cursor_screen_pos((left, top + (len(ends) - 1) * height))
            imgui.dummy((1, height))
        return pressed


Rect = tuple[tuple[float, float], tuple[float, float]]


def _bars(
    low: ImVec2, high: ImVec2, place: float, origin: float, vertical: bool
) -> tuple[Rect, Rect]:
    """The filled part of the track from `origin` to `place`, and the handle, both in pixels."""
    half, inset = theme.em(0.1), theme.em(0.2)
    if vertical:
        span = high.y - low.y - 4 * half
        at, start = (high.y - 2 * half - span * p for p in (place, origin))
        fill = ((low.x, min(at, start)), (high.x, max(at, start)))
        if origin == 0.0:
            fill = (fill[0], (high.x, high.y))
        return fill, ((low.x + inset, at - half), (high.x - inset, at + half))
    span = high.x - low.x - 4 * half
    at, start = (low.x + 2 * half + span * p for p in (place, origin))
    fill = ((min(at, start), low.y), (max(at, start), high.y))
    if origin == 0.0:
        fill = ((low.x, low.y), fill[1])
    return fill, ((at - half, low.y + inset), (at + half, high.y - inset))


def _around(grab: Rect, words: Rect, gap: float) -> list[Rect]:
    """An upright handle, or its two ends where the words in the middle would be hidden."""
    (left, top), (right, bottom) = grab
    (x, y), (end, foot) = words
    if right < x - gap or left > end + gap or bottom < y or top > foot:
        return [grab]
    return [((left, top), (right, y + gap)), ((left, foot - gap), (right, bottom))]
