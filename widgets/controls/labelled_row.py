"""One row of a panel: label, control, and at the right edge a Reset that is grey until changed."""

from __future__ import annotations

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import theme
from widgets.controls.buttons import icon_button
from widgets.controls.tooltips import tip


def begin(label: str, text: str, reason: str | None = None) -> float:
    """Start a row and write its label.

    Args:
        label: shown at the left; also identifies the row.
        text: tooltip of the label.
        reason: why the row does not apply now, or None when it does.

    Returns:
        The width that the control may take, in pixels.
    """
    imgui.push_id(label)
    imgui.begin_disabled(bool(reason))
    imgui.align_text_to_frame_padding()
    imgui.push_style_color(imgui.Col_.text, theme.colour(theme.DIM))
    imgui.text_unformatted(label)
    imgui.pop_style_color()
    imgui.end_disabled()
    tip(text, reason)
    left = imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM)
    imgui.same_line(left)
    imgui.begin_disabled(bool(reason))
    return imgui.get_content_region_avail().x - reset_room()


def reset_room() -> float:
    """Return what the Reset takes at the right edge, with the gap before it."""
    return imgui.get_frame_height() + imgui.get_style().item_inner_spacing.x


def fill(right: float) -> None:
    """After controls that do not fill the row: go on to `right`, an x within the window, so that
    the Reset stands in line with the others."""
    imgui.same_line(0, 0)
    imgui.dummy((max(right - imgui.get_cursor_pos_x(), 0.0), imgui.get_frame_height()))


def end(changed: bool, reason: str | None = None) -> bool:
    """Finish the row with its Reset.  Returns True when the user presses it."""
    imgui.end_disabled()
    imgui.same_line(0, imgui.get_style().item_inner_spacing.x)
    pressed = reset_button(changed and not reason, reason or "")
    imgui.pop_id()
    return pressed


def reset_button(changed: bool, reason: str = "") -> bool:
    """The Reset at a row's right edge; greyed out while there is nothing to reset.

    Tab skips it: going on to the next box and typing would press it with Space.
    """
    imgui.push_item_flag(imgui.ItemFlags_.no_tab_stop, True)
    pressed = icon_button(
        icons.ICON_FA_ARROW_ROTATE_LEFT,
        "reset",
        "Reset" if changed else "",
        quiet=True,
        reason="" if changed else (reason or "This is the default."),
    )
    imgui.pop_item_flag()
    return pressed
