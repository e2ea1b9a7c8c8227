"""Why there is no picture of the newest recipe, on a card over the last one, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import theme
from widgets.actions import (
    Action,
    BrowseModel,
    CopyText,
    LookForModel,
    OpenModel,
    Retry,
    ShowDialog,
    StopLooking,
    UseFoundModel,
    UseOtherModel,
)
from widgets.buttons import button, flow
from widgets.context import Context, Missing
from widgets.loading import progress
from widgets.recent import DEMO

WIDTH_EM = 46.0
HASH_SHOWN = 8


def draw(context: Context, corner: ImVec2, area: tuple[float, float]) -> None:
    """Draw the card at the upper edge of an area of the current Dear ImGui window.

    Args:
        context: says what went wrong; there must be an error.
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
    """
    pad, rounding = theme.em(1.0), imgui.get_style().child_rounding
    width = min(area[0] - 2 * pad, theme.em(WIDTH_EM))
    low = ImVec2(corner.x + (area[0] - width) / 2, corner.y + pad)
    tint = theme.WARNING if context.missing else theme.DANGER
    surface = theme.CARD if context.missing else theme.DANGER_DEEP
    draw = imgui.get_window_draw_list()
    draw.channels_split(2)  # the surface is as high as what stands on it
    draw.channels_set_current(1)
    top, left = low.y + pad * 0.8, low.x + pad
    draw.add_text((left, top), theme.ink(tint), icons.ICON_FA_TRIANGLE_EXCLAMATION)
    imgui.set_cursor_screen_pos((left + theme.em(1.8), top))
    imgui.begin_group()
    _body(context, width - 2 * pad - theme.em(1.8))
    imgui.end_group()
    draw.channels_set_current(0)
    high = (low.x + width, imgui.get_item_rect_max().y + pad * 0.8)
    draw.add_rect_filled(low, high, theme.ink(surface, 0.97), rounding)
    draw.add_rect(low, high, theme.ink(tint, 0.55), rounding)
    draw.channels_merge()


def _body(context: Context, width: float) -> None:
    missing = context.missing
    _text(context.error or "", theme.TEXT, width)
    if missing is None:
        flow(_plain_buttons(context), width)
        return
    if missing.searching:
        progress(context, missing.searching, missing.share, width)
    elif missing.found:
        words = "The same file is" if missing.sha256 else "A file of that name is"
        _text(f"{words} at {missing.found}", theme.ACCENT, width)
    elif missing.other:
        _text(_other_file(missing), theme.WARNING, width)
    flow(_missing_buttons(context, missing), width)


def _text(words: str, tint: str, width: float) -> None:
    imgui.push_style_color(imgui.Col_.text, theme.colour(tint))
    imgui.push_text_wrap_pos(imgui.get_cursor_pos_x() + width)
    imgui.text_unformatted(words)
    imgui.pop_text_wrap_pos()
    imgui.pop_style_color()


def _other_file(missing: Missing) -> str:
    return (
        f"{Path(missing.other).name} is another file (hash {missing.other_sha256[:HASH_SHOWN]}, "
        f"wanted is {missing.sha256[:HASH_SHOWN]}): the picture may differ."
    )


Button = tuple[str, Callable[[str], bool]]
"""The words of a button, and what draws it with them."""


def _asks(
    context: Context, icon: str, words: str, action: Action, tip: str, primary: bool = False
) -> Button:
    def draw(label: str) -> bool:
        pressed = button(label, tip, primary=primary)
        if pressed:
            context.ask(action)
        return pressed

    return f"{icon}  {words}", draw


def _plain_buttons(context: Context) -> list[Button]:
    again = _asks(context, icons.ICON_FA_ROTATE_RIGHT, "Try again###retry", Retry(), RETRY)
    error = CopyText(context.error or "", "The message")
    copy = _asks(context, icons.ICON_FA_COPY, "Copy###copy", error, "Copy this message")
    if context.fault != "tower":
        return [again, copy]
    choose = _asks(
        context,
        icons.ICON_FA_FONT,
        "Choose a text tower…###choose tower",
        ShowDialog("tower"),
        "Another reader for the prompts, or the checkpoint's own",
        primary=True,
    )
    return [choose, again, copy]


RETRY = "Load and render once more"


def _missing_buttons(context: Context, missing: Missing) -> list[Button]:
    """What can be done about a model that is not there, the likeliest first."""
    rows: list[Button] = []
    if missing.found:
        rows.append(
            _asks(
                context,
                icons.ICON_FA_CHECK,
                "Use that file###found",
                UseFoundModel(),
                missing.found,
                primary=True,
            )
        )
    if missing.other:
        rows.append(
            _asks(
                context,
                icons.ICON_FA_CHECK,
                "Use it anyway###other",
                UseOtherModel(),
                missing.other,
            )
        )
    look = LookForModel(), "Show the file: its hash is compared with the recipe's"
    free = not (missing.found or missing.other or missing.searching)
    icon = icons.ICON_FA_MAGNIFYING_GLASS
    rows.append(_asks(context, icon, "Look for it…###look", *look, primary=free))
    if missing.searching:
        stop = StopLooking(), "Stop looking"
        rows.append(_asks(context, icons.ICON_FA_XMARK, "Stop###stop", *stop))
    another = BrowseModel(), "Everything else in the recipe stays (Ctrl-O)"
    icon = icons.ICON_FA_FOLDER_OPEN
    rows.append(_asks(context, icon, "Open another model…###another", *another))
    demo = OpenModel(DEMO), "The model that comes with the program"
    rows.append(_asks(context, icons.ICON_FA_CUBE, "Use the demo model###demo", *demo))
    rows.append(_asks(context, icons.ICON_FA_ROTATE_RIGHT, "Try again###retry", Retry(), RETRY))
    return rows
