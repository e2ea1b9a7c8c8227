"""One row of a panel: label, control, and at the right edge a Reset that is grey until changed."""

from __future__ import annotations

from types import TracebackType

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.context import Context
from widgets.controls import sources
from widgets.controls.buttons import icon_button
from widgets.controls.tooltips import tip

Offers = tuple[Context, str]
"""This UI frame, and an address."""


class Row:
    """A row that is being drawn, for a `with`: label, control, Reset."""

    __slots__ = (
        "_corner",
        "_focused",
        "_item",
        "_label",
        "_offers",
        "_open",
        "_reason",
        "_text",
        "width",
    )

    def __init__(self, label: str, text: str, reason: str | None, offers: Offers | None) -> None:
        self._label, self._text, self._reason, self._open = label, text, reason, False
        self._offers, self._item, self._corner = None if reason else offers, 0, (0.0, 0.0)
        self._focused = False
        self.width = 0.0
        """Width that the control may take, in pixels."""

    def __enter__(self) -> Row:
        imgui.push_id(self._label)
        if self._offers is not None:
            corner = imgui.get_cursor_screen_pos()
            self._item, self._corner = imgui.get_id("##row"), (corner.x, corner.y)
            self._focused = sources.is_focus_drawn()
        with scopes.disabled(bool(self._reason)):
            imgui.align_text_to_frame_padding()
            played = self._offers is not None and bool(sources.sign(*self._offers).bindings)
            with theme.text_colour(theme.PLAYED if played else theme.DIM):
                imgui.text_unformatted(self._label)
        tip(self._text, self._reason)
        imgui.same_line(imgui.get_style().window_padding.x + theme.em(theme.LABEL_EM))
        imgui.begin_disabled(bool(self._reason))
        self._open = True
        self.width = imgui.get_content_region_avail().x - reset_room()
        return self

    def enable(self) -> None:
        """End the part that is grey while the row does not apply."""
        if self._open:
            imgui.end_disabled()
            self._open = False

    def reset(self, changed: bool) -> bool:
        """Draw the Reset at the row's end.  Returns True when the user presses it."""
        self.enable()
        imgui.same_line(0, imgui.get_style().item_inner_spacing.x)
        pressed = reset_button(changed and not self._reason, self._reason or "")
        return pressed or self._offered(changed)

    def end(self) -> None:
        """End a row that has no Reset."""
        self.enable()
        self._offered(False)

    def _offered(self, changed: bool) -> bool:
        """Open the menu of the row's sources when it is asked for; returns whether its Reset was
        chosen."""
        if self._offers is None:
            return False
        end, low = imgui.get_item_rect_max(), self._corner
        keyboard = sources.wants_menu() and sources.is_focus_drawn() and not self._focused
        sources.offer_within(
            *self._offers, self._item, (low, (end.x, end.y)), keyboard, resets=changed
        )
        return sources.take_reset(self._offers[0], self._item)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.enable()
        imgui.pop_id()


def row(label: str, text: str, reason: str | None = None, offers: Offers | None = None) -> Row:
    """Return a row, which writes its label once it is entered.

    Args:
        label: shown at the left; also identifies the row.
        text: tooltip of the label.
        reason: why the row does not apply now, or None when it does.
        offers: the address of what it sets, whose sources a right-click offers; see `Row.reset`.
    """
    return Row(label, text, reason, offers)


def reset_room() -> float:
    """Return what the Reset takes at the right edge, with the gap before it."""
    return imgui.get_frame_height() + imgui.get_style().item_inner_spacing.x


def fill(right: float) -> None:
    """After controls that do not fill the row: go on to `right`, an x within the window, so that
    the Reset stands in line with the others."""
    imgui.same_line(0, 0)
    imgui.dummy((max(right - imgui.get_cursor_pos_x(), 0.0), imgui.get_frame_height()))


def reset_button(changed: bool, reason: str = "") -> bool:
    """The Reset at a row's right edge; greyed out while there is nothing to reset.

    Tab skips it: going on to the next box and typing would press it with Space.
    """
    with scopes.flag(imgui.ItemFlags_.no_tab_stop, True):
        pressed = icon_button(
            icons.ICON_FA_ARROW_ROTATE_LEFT,
            "reset",
            "Reset" if changed else "",
            quiet=True,
            reason="" if changed else (reason or "This is the default."),
        )
    return pressed
