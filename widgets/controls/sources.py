"""Sources of a control: a right-click on it, or the Menu key, opens their menu, and a sign shows
what plays it.

The menu itself is drawn once for all controls, see `widgets.controls.source_menu`.
"""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from renderer.parameters.bindings import Binding
from renderer.parameters.kinds import Value
from widgets.context import Context, MenuOf
from widgets.controls.control_view import ControlView

RIGHT = imgui.PopupFlags_.mouse_button_right
Box = tuple[tuple[float, float], tuple[float, float]]
"""Upper left and lower right corner on the screen."""


@dataclass(frozen=True)
class Sign:
    """The sources that a control has.

    `plays` is whether one of them plays by itself, and `played` the value that it gives now, None
    where it gives none.  `lit` is whether a source was moved just now; `learns` whether the control
    waits for one.
    """

    bindings: tuple[Binding, ...] = ()
    plays: bool = False
    played: Value = None
    lit: bool = False
    learns: bool = False

    @property
    def number(self) -> float | None:
        """Return the value that is played, if that is a number."""
        return self.played if isinstance(self.played, int | float) else None


NOTHING = Sign()


def sign(context: Context, address: str) -> Sign:
    """Return what is to be shown at the control of an address; of none there is nothing."""
    if not address:
        return NOTHING
    view = context.see(ControlView)
    learns = view.learning is not None and view.learning.address == address
    bindings = view.mapped.get(address, ())
    if not bindings and not learns:
        return NOTHING
    return Sign(
        bindings,
        any(binding.source in view.playing for binding in bindings),
        view.played.get(address),
        any(binding.source.partition("#")[0] in view.active for binding in bindings),
        learns,
    )


def offer(context: Context, *addresses: str, resets: bool = False) -> bool:
    """After an item: open the menu of its addresses when it is asked for.

    Args:
        context: this UI frame.
        addresses: of what the item sets or does; an empty one offers nothing.
        resets: whether the menu has Reset.

    Returns:
        Whether Reset was chosen there.
    """
    item = imgui.get_item_id()
    if all(addresses) and imgui.internal.is_popup_open_request_for_item(RIGHT, item):
        at = (imgui.get_item_rect_min().x, imgui.get_item_rect_max().y)
        open_menu(context, addresses, item, at, resets=resets)
    return take_reset(context, item)


def offer_within(
    context: Context, address: str, item: int, box: Box, keyboard: bool, *, resets: bool
) -> None:
    """After a row of several items: open the menu of an address when a right-click within `box`, or
    the Menu key while `keyboard` says that the focus is in there, asks for it."""
    mouse = (
        imgui.is_mouse_released(imgui.MouseButton_.right)
        and imgui.is_mouse_hovering_rect(*box)
        and imgui.is_window_hovered(imgui.HoveredFlags_.none)
    )
    taken = context.entry.menu is not None and context.entry.menu.opens
    if (mouse or keyboard) and not taken:
        open_menu(context, (address,), item, (box[0][0], box[1][1]), resets=resets)


def wants_menu() -> bool:
    """Return whether the Menu key, or Shift+F10, was pressed for the item that has the focus."""
    return bool(imgui.get_current_context().nav_open_context_menu_item_id)


def is_focus_drawn() -> bool:
    """Return whether the item that has the focus was drawn in this redraw already."""
    return bool(imgui.get_current_context().nav_id_is_alive)


def open_menu(
    context: Context,
    addresses: tuple[str, ...],
    item: int,
    at: tuple[float, float],
    *,
    resets: bool,
) -> None:
    """Open the menu of addresses at a place of the screen, for what is known as `item`."""
    context.entry.menu = MenuOf(addresses, item, at, resets, opens=True)


def take_reset(context: Context, item: int) -> bool:
    """Return whether Reset was chosen for the control that is known as `item`, once."""
    if context.entry.reset != item or not item:
        return False
    context.entry.reset = 0
    return True
