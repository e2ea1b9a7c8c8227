"""The popup of the button "Direction": ideas, kept directions, files, and an empty one."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.recipe.recipe import Direction
from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import button, chips, fitted, icon_button
from widgets.controls.tooltips import tip
from widgets.prompt.direction_ideas import ideas

POPUP = "Add a direction"
WIDTH_EM = 24.0
ROWS_SHOWN = 6
ABOUT = "A slider that moves the text from one phrase towards another, or away from it."


@dataclass(frozen=True)
class KeptDirections:
    """Directions that the user keeps for all sessions, the newest first."""

    directions: tuple[Direction, ...] = ()


@dataclass(frozen=True)
class KeepDirection(Action):
    """Keep a direction for all sessions."""

    direction: Direction


@dataclass(frozen=True)
class DropDirection(Action):
    """Keep a direction no longer."""

    direction: Direction


@dataclass(frozen=True)
class ImportDirections(Action):
    """Let the user choose a JSON file whose directions are kept."""


@dataclass(frozen=True)
class ExportDirections(Action):
    """Write the current directions and those that are kept into a JSON file of the user's."""


def title(direction: Direction) -> str:
    """Return the title of a direction: its name, or the words that it goes to."""
    return direction.name.strip() or direction.plus.strip() or "new direction"


def draw(context: Context, corner: tuple[float, float]) -> Direction | None:
    """Draw the popup where it is open, below `corner`; returns the direction that is wanted."""
    imgui.set_next_window_pos(corner, imgui.Cond_.appearing)
    with scopes.popup(POPUP, padding=(theme.em(0.8), theme.em(0.8))) as opened:
        if not opened:
            return None
        size = (theme.em(WIDTH_EM), 0.0)
        with scopes.child("body", size, imgui.ChildFlags_.auto_resize_y):
            picked = _body(context)
        if picked is not None:
            imgui.close_current_popup()
        return picked


def _body(context: Context) -> Direction | None:
    picked = None
    caption(ABOUT)
    imgui.dummy((0, theme.em(0.1)))
    offered = ideas(context.model)
    labels = [f"{idea.minus} → {idea.plus}" for idea in offered]
    chosen = chips(
        "ideas", labels, "Add this slider: the text plus k times (the second minus the first)."
    )
    if chosen is not None:
        picked = offered[labels.index(chosen)]
    kept = context.see(KeptDirections).directions
    if kept:
        imgui.dummy((0, theme.em(0.1)))
        caption("Saved")
        picked = _kept(context, kept) or picked
    imgui.dummy((0, theme.em(0.1)))
    if button(f"{icons.ICON_FA_PLUS}  Your own two prompts###own", "Start with empty boxes."):
        picked = Direction(amount=1.0)
    imgui.same_line()
    if icon_button(icons.ICON_FA_FILE_IMPORT, "import", "Import directions from a JSON file…"):
        context.ask(ImportDirections())
        imgui.close_current_popup()
    imgui.same_line()
    empty = not kept and not context.recipe.text.directions
    if icon_button(
        icons.ICON_FA_FILE_EXPORT,
        "export",
        "Export these and the saved directions to a JSON file…",
        reason="There are no directions to export yet." if empty else "",
    ):
        context.ask(ExportDirections())
        imgui.close_current_popup()
    return picked


def _kept(context: Context, kept: tuple[Direction, ...]) -> Direction | None:
    """Directions kept before, below one another; returns the pressed one."""
    side, picked = imgui.get_frame_height(), None
    with (
        scopes.child("kept", (0, side * min(len(kept), ROWS_SHOWN))),
        scopes.style(imgui.StyleVar_.item_spacing, (0.0, 0.0)),
    ):
        room = imgui.get_content_region_avail().x - side
        for index, direction in enumerate(kept):
            with scopes.name(index):
                with (
                    scopes.colour(imgui.Col_.button, theme.colour(theme.CONTROL, 0.0)),
                    scopes.style(imgui.StyleVar_.button_text_align, (0.0, 0.5)),
                ):
                    shown = fitted(title(direction), room - 2 * imgui.get_style().frame_padding.x)
                    if imgui.button(f"{shown}###take", (room, side)):
                        picked = direction
                tip(f"From “{direction.minus or '(empty)'}” to “{direction.plus or '(empty)'}”")
                imgui.same_line()
                if icon_button(
                    icons.ICON_FA_XMARK,
                    "drop",
                    "Remove it from the saved directions",
                    quiet=True,
                ):
                    context.ask(DropDirection(direction))
    return picked


def caption(text: str) -> None:
    """A small dim line, wrapped."""
    with scopes.font(None, theme.SMALL_PX):
        theme.wrapped(text)
