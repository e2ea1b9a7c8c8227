"""The lights of a bar: one for each beat, bright as it begins and darker until the next."""

from __future__ import annotations

import math

from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.music_view import BEATS_A_BAR

FADES = 0.75
"""The part of its brightness that a light has lost when its beat ends."""
MIDDLE = 0.5
"""Figures are dark on a light that is brighter, and bright on one that is darker."""


def place(beat: float) -> int:
    """Return which beat of its bar it is, from 0."""
    return math.floor(beat) % BEATS_A_BAR


def draw(
    context: Context,
    beat: float,
    corner: tuple[float, float],
    size: tuple[float, float],
    gap: float,
    figures_px: float = 0.0,
) -> None:
    """Draw the lights from left to right.

    Args:
        context: this UI frame.
        beat: with its fraction.
        corner: upper left, on the screen.
        size: of all of them together, in pixels.
        gap: between two, in pixels.
        figures_px: height of the figures in them, 0 for none.
    """
    side, rounding = (size[0] - gap * (BEATS_A_BAR - 1)) / BEATS_A_BAR, theme.em(0.2)
    drawn = imgui.get_window_draw_list()
    for at in range(BEATS_A_BAR):
        left = corner[0] + at * (side + gap)
        lit = 1.0 - FADES * (beat % 1.0) if at == place(beat) else 0.0
        low, high = (left, corner[1]), (left + side, corner[1] + size[1])
        drawn.add_rect_filled(low, high, theme.ink(theme.CONTROL), rounding)
        if lit:
            drawn.add_rect_filled(low, high, theme.ink(theme.ACCENT, lit), rounding)
        if figures_px:
            ink = theme.ON_ACCENT if lit > MIDDLE else theme.TEXT if lit else theme.DIM
            _figure(context, str(at + 1), (low, high), figures_px, ink)


def _figure(
    context: Context,
    words: str,
    box: tuple[tuple[float, float], tuple[float, float]],
    size_px: float,
    ink: str,
) -> None:
    """A figure in the middle of a box."""
    (left, top), (right, bottom) = box
    with scopes.font(context.fonts.bold, size_px):
        size = imgui.calc_text_size(words)
        at = ((left + right - size.x) / 2, (top + bottom - size.y) / 2)
        imgui.get_window_draw_list().add_text(at, theme.ink(ink), words)
