"""One upright slider for each resolution block, coarsest at the left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imgui_bundle import imgui

from renderer.parameters.registry import NO_MODEL
from widgets import scopes, theme
from widgets.context import Context
from widgets.controls.slider import Slider

HEIGHT_EM = 5.2
MOST_EM = 4.0
"""No slider gets wider than this."""
GAP_EM = 0.3
BLOCKS = (8, 16, 32, 64)
"""Resolutions to show while no model is loaded."""


def resolutions(context: Context) -> tuple[int, ...]:
    """The resolutions of the model's blocks, coarsest first."""
    return context.model.blocks if context.model is not None else BLOCKS


def reason(context: Context) -> str:
    """Return why blocks cannot be told apart now; empty when they can."""
    return NO_MODEL.reason(context.recipe, context.model)


def rows_of(context: Context, index: int) -> tuple[int, int]:
    """The half-open range of rows of w that block `index` owns; none while no model is loaded."""
    return context.model.rows_of_block[index] if context.model is not None else (0, 0)


def draw(
    context: Context,
    sliders: Callable[[int, int], Slider],
    values: Sequence[float],
    width: float,
    reason: str | None = None,
    *,
    own: Sequence[bool] = (),
) -> list[float]:
    """Draw one slider for each block, with a legend below; returns the values that the user wants.

    Args:
        context: this UI frame.
        sliders: the slider of a block, by its number and its resolution in pixels.
        values: of each block, coarsest first.
        width: of all of it in pixels.
        reason: why nothing can be changed now, or None.
        own: where True, the block has a value of its own: its resolution is written brightly.
    """
    blocks, gap, new = resolutions(context), theme.em(GAP_EM), list(values)
    each = min((width - gap * (len(blocks) - 1)) / len(blocks), theme.em(MOST_EM))
    left = imgui.get_cursor_screen_pos().x
    with scopes.group():
        for index, size in enumerate(blocks):
            if index:
                imgui.same_line(0, gap)
            with scopes.name(index):
                new[index] = sliders(index, size).control(
                    context, new[index], (each, theme.em(HEIGHT_EM)), reason, vertical=True
                )
        _legend(left, blocks, each, own)
    return new


def _legend(left: float, blocks: Sequence[int], each: float, own: Sequence[bool]) -> None:
    """Resolutions under the sliders, and which end is coarse."""
    draw, gap = imgui.get_window_draw_list(), theme.em(GAP_EM)
    top = imgui.get_cursor_screen_pos().y - imgui.get_style().item_spacing.y * 0.5
    with scopes.font(None, theme.SMALL_PX):
        line = imgui.get_text_line_height()
        for index, size in enumerate(blocks):
            middle = left + index * (each + gap) + each / 2
            at = (middle - imgui.calc_text_size(str(size)).x / 2, top)
            bright = index < len(own) and own[index]
            draw.add_text(at, theme.ink(theme.ACCENT if bright else theme.DIM), str(size))
        right = left + len(blocks) * (each + gap) - gap
        ends(left, right, top + line + theme.em(0.1))
        imgui.dummy((right - left, 2 * line - theme.em(0.2)))


def ends(left: float, right: float, top: float) -> None:
    """Write what coarse and what fine blocks decide, at the two ends of a line."""
    draw, fine = imgui.get_window_draw_list(), "fine: colour, texture"
    draw.add_text((left, top), theme.ink(theme.DIM), "coarse: layout")
    draw.add_text((right - imgui.calc_text_size(fine).x, top), theme.ink(theme.DIM), fine)
