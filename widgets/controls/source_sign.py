"""The sign on a control that something plays it: a frame, a glyph for the kind of source, and a bar
to the value that is played, large enough to be read from a distance."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import sources
from widgets.controls.sources import NOTHING, Sign

LEARNS = "Turn a knob…"
THICK_EM = 0.12
Point = ImVec2 | tuple[float, float]
Bar = tuple[tuple[float, float], tuple[float, float]]


def icon(sign: Sign) -> str:
    """Return the glyph of a sign: what plays by itself is a wave, what a hand moves a plug."""
    return icons.ICON_FA_WAVE_SQUARE if sign.plays else icons.ICON_FA_PLUG


def bar(draw: imgui.ImDrawList, way: Bar) -> None:
    """Draw the way from the set value to the one that is played."""
    draw.add_rect_filled(*way, theme.ink(theme.PLAYED, 0.4))


def handle(draw: imgui.ImDrawList, part: Bar) -> None:
    """Draw a part of the handle at the value that is played, wider than that of the set one."""
    (left, top), (right, bottom) = part
    wide = theme.em(THICK_EM)
    low, high = (left - wide, top), (right + wide, bottom)
    draw.add_rect_filled(low, high, theme.ink(theme.PLAYED), theme.em(0.12))


def frame(draw: imgui.ImDrawList, sign: Sign, low: Point, high: Point, vertical: bool) -> None:
    """Draw the frame around a track, brighter while its source moves, and the glyph at its left."""
    if sign is NOTHING:
        return
    strong = sign.lit or sign.learns or sign.plays
    rounding, thick = imgui.get_style().frame_rounding, theme.em(THICK_EM if strong else 0.06)
    draw.add_rect(low, high, theme.ink(theme.PLAYED, 1.0 if strong else 0.7), rounding, thick)
    if sign.learns or vertical:
        return
    with scopes.font(None, theme.SMALL_PX):
        glyph = icon(sign)
        tall = imgui.calc_text_size(glyph).y
        (x, top), (_, bottom) = low, high
        at = (x + theme.em(0.4), (top + bottom - tall) / 2)
        draw.add_text(at, theme.ink(theme.PLAYED), glyph)


def face(context: Context, sign: Sign, vertical: bool) -> scopes.Scope:
    """Write a track's value: larger where it is played, smaller on an upright one."""
    if vertical:
        return scopes.font(None, theme.SMALL_PX)
    if sign.number is not None:
        return scopes.font(context.fonts.bold, theme.PROMPT_PX)
    return scopes.plain()


def offered(context: Context, address: str) -> None:
    """After a button: let a right-click choose what presses it; frame it where something does."""
    sources.offer(context, address)
    mark(context, address)


def mark(context: Context, address: str) -> None:
    """Frame the last item where something plays what has this address."""
    sign, draw = sources.sign(context, address), imgui.get_window_draw_list()
    frame(draw, sign, imgui.get_item_rect_min(), imgui.get_item_rect_max(), vertical=True)


def on_cell(
    context: Context,
    address: str,
    low: ImVec2,
    high: tuple[float, float],
    place: Callable[[float], float],
) -> None:
    """Draw the sign on a small upright cell; `place` says how high a value is, 0 to 1."""
    sign, draw = sources.sign(context, address), imgui.get_window_draw_list()
    frame(draw, sign, low, high, vertical=True)
    if sign.number is not None:
        y = high[1] - (high[1] - low.y) * place(sign.number)
        draw.add_line_h(low.x, high[0], y, theme.ink(theme.PLAYED), theme.em(0.2))
