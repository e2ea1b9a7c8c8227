"""A load under way: what is loading, a bar that shows how far it is, and Cancel."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import scopes, theme
from widgets.actions import Action, CancelLoad
from widgets.context import Context
from widgets.controls.buttons import button, button_width, fitted
from widgets.controls.spinner import spinner

CARD_EM = 30.0
BAR_EM = 0.42
SWEEP_PER_S = 0.6
CANCEL = f"{icons.ICON_FA_XMARK}  Cancel"


def bar(now_s: float, share: float | None, width: float) -> None:
    """A bar of `width` pixels, filled to `share` (0 to 1); None: something moves along it."""
    corner, height = imgui.get_cursor_screen_pos(), theme.em(BAR_EM)
    draw, rounding = imgui.get_window_draw_list(), height / 2
    end = (corner.x + width, corner.y + height)
    draw.add_rect_filled(corner, end, theme.ink(theme.CONTROL_ACTIVE), rounding)
    start, stop = 0.0, share or 0.0
    if share is None:
        head = (now_s * SWEEP_PER_S) % 1.3
        start, stop = max(0.0, head - 0.3), min(1.0, head)
    if stop > start:
        low = corner.x + width * start
        high = max(corner.x + width * stop, low + height)
        draw.add_rect_filled((low, corner.y), (high, end[1]), theme.ink(theme.ACCENT), rounding)
    imgui.dummy((width, height))


def progress(context: Context, text: str, share: float | None, width: float) -> None:
    """Words with the percent at their right end, and the bar below them."""
    percent = "" if share is None else f"{share:.0%}"
    with scopes.group():
        room = width - imgui.calc_text_size("100%").x - theme.em(0.6)
        imgui.text_unformatted(fitted(text, room))
        imgui.same_line(width - imgui.calc_text_size(percent).x)
        theme.dim(percent)
        bar(context.now_s, share, width)


def words(context: Context) -> str:
    """Return what is loading, without the percent that the bar shows."""
    text, share = context.status.text, context.status.share
    return text.rpartition(",")[0] or text if share else text


def line(context: Context) -> None:
    """In the Model section: the words, the bar and Cancel while something loads."""
    status = context.status
    if status.activity == "starting":
        spinner(context.now_s, theme.em(0.45))
        imgui.same_line()
        imgui.text_unformatted(status.text)
        return
    gap = imgui.get_style().item_spacing.x
    width = imgui.get_content_region_avail().x
    if status.back_to:
        width -= button_width(CANCEL) + gap
    progress(context, words(context), status.share, width)
    if status.back_to:
        imgui.same_line(0, gap)
        _cancel(context, "cancel load")
    imgui.dummy((0, theme.em(0.1)))


def card(context: Context, corner: ImVec2, area: tuple[float, float]) -> None:
    """Over the picture, at its lower edge: the same, on a surface of its own."""
    back = context.status.back_to
    cancel = Cancel(CancelLoad(), f"Back to {back} (Escape)") if back else None
    working_card(context, corner, area, words(context), context.status.share, cancel)


@dataclass(frozen=True)
class Cancel:
    """A Cancel button: the action that it asks for, its tooltip, and its name among others."""

    action: Action
    tip: str
    name: str = "cancel"


def working_card(
    context: Context,
    corner: ImVec2,
    area: tuple[float, float],
    text: str,
    share: float | None,
    cancel: Cancel | None,
) -> None:
    """Draw a card at the lower edge of an area: words, a bar, and Cancel.

    Args:
        context: of this frame.
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
        text: what is being done.
        share: how far that is, see `bar`.
        cancel: None where it cannot be cancelled.
    """
    pad, rounding = theme.em(0.9), imgui.get_style().child_rounding
    width = min(theme.em(CARD_EM), area[0] - 2 * pad)
    inner = width - 2 * pad
    if cancel is not None:
        inner -= button_width(CANCEL) + theme.em(0.9)
    height = card_height()
    low = ImVec2(corner.x + (area[0] - width) / 2, corner.y + area[1] - height - 1.4 * pad)
    high = (low.x + width, low.y + height)
    draw = imgui.get_window_draw_list()
    draw.add_rect_filled(low, high, theme.ink(theme.POPUP, 0.97), rounding)
    draw.add_rect(low, high, theme.ink(theme.LINE), rounding)
    imgui.set_cursor_screen_pos((low.x + pad, low.y + pad))
    progress(context, text, share, inner)
    if cancel is None:
        return
    middle = low.y + (height - imgui.get_frame_height()) / 2
    imgui.set_cursor_screen_pos((high[0] - pad - button_width(CANCEL), middle))
    if button(f"{CANCEL}###{cancel.name}", cancel.tip):
        context.ask(cancel.action)


def card_height() -> float:
    """Return how high such a card is, in pixels."""
    line = imgui.get_text_line_height() + imgui.get_style().item_spacing.y
    return 2 * theme.em(0.9) + line + theme.em(BAR_EM)


def _cancel(context: Context, name: str) -> None:
    if button(f"{CANCEL}###{name}", f"Back to {context.status.back_to} (Escape)"):
        context.ask(CancelLoad())
