"""The gallery's trash: how much lies in it, and emptying it for good."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.figures import in_bytes
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import beside, button, icon_button

ASKING = "empty trash"
WIDTH_EM = 22.0


@dataclass(frozen=True)
class Trash:
    """Deleted files that are still there: `count` files of together `size_bytes`."""

    count: int = 0
    size_bytes: int = 0

    def __str__(self) -> str:
        what = "1 capture" if self.count == 1 else f"{self.count:,} captures"
        return f"{what} ({in_bytes(self.size_bytes)})"


NO_TRASH = Trash()


@dataclass(frozen=True)
class EmptyTrash(Action):
    """Delete for good what lies in the trash."""


def draw(context: Context, trash: Trash, gap: float) -> None:
    """Draw the trash can, behind what stands in the line; nothing while it is empty."""
    if not trash.count:
        return
    beside(imgui.get_frame_height(), gap)
    text = f"Empty the trash: {trash}…"
    if icon_button(icons.ICON_FA_TRASH_CAN, "trash", text, quiet=True):
        imgui.open_popup(ASKING)
    with scopes.popup(ASKING) as opened:
        if not opened:
            return
        with scopes.wrap(theme.em(WIDTH_EM)):
            imgui.text_unformatted(f"Delete {trash} permanently?")
            imgui.text_disabled(
                "Captures that you delete are kept in the folder .trash until then."
            )
        if button("Delete permanently###empty", "This cannot be undone."):
            context.ask(EmptyTrash())
            imgui.close_current_popup()
        imgui.same_line()
        if button("Cancel###keep"):
            imgui.close_current_popup()
