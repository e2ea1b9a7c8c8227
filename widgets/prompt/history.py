"""Prompts that were tried before: a list to search and to take one from."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from widgets import scopes, theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import focus
from widgets.controls.buttons import button, fitted, icon_button
from widgets.controls.tooltips import tip

POPUP = "Previous prompts"
WIDTH_EM = 30.0
ROWS_SHOWN = 10
TIP_CHARACTERS = 1_000
NONE_YET = "A prompt is listed here once its picture has been shown for two seconds."


@dataclass(frozen=True)
class PromptHistory:
    """Prompts that rested under a picture, the newest first."""

    prompts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ForgetPrompt(Action):
    """Take `text` out of the history of prompts."""

    text: str


@dataclass(frozen=True)
class ForgetPrompts(Action):
    """Empty the history of prompts."""


def matching(prompts: tuple[str, ...], wanted: str) -> tuple[str, ...]:
    """Those of `prompts` that hold every word of `wanted`, in upper or lower case."""
    words = wanted.casefold().split()
    if not words:
        return prompts
    return tuple(p for p in prompts if all(word in p.casefold() for word in words))


@dataclass
class HistoryPopup:
    """The button that opens the list, and the list.

    It remembers what is searched for, and whether it asks before forgetting all.
    """

    wanted: str = ""
    asks: bool = False

    def draw(self, context: Context) -> str | None:
        """Draw button and, when it is open, list; returns the prompt that was picked."""
        known = context.see(PromptHistory).prompts
        none = "" if known else NONE_YET
        if icon_button(icons.ICON_FA_CLOCK_ROTATE_LEFT, "tried", "Previous prompts", reason=none):
            self.wanted, self.asks = "", False
            imgui.open_popup(POPUP)
        below = imgui.get_item_rect_max().y + theme.em(0.2)
        imgui.set_next_window_pos((imgui.get_item_rect_min().x, below), imgui.Cond_.appearing)
        with scopes.popup(POPUP, padding=(theme.em(0.6), theme.em(0.6))) as opened:
            if not opened:
                return None
            picked = self._body(context, known)
            if picked is not None or not known:
                imgui.close_current_popup()
            return picked

    def _body(self, context: Context, known: tuple[str, ...]) -> str | None:
        if imgui.is_window_appearing():
            imgui.set_keyboard_focus_here()
        width, side = theme.em(WIDTH_EM), imgui.get_frame_height()
        imgui.set_next_item_width(width - side - imgui.get_style().item_spacing.x)
        _, self.wanted = imgui.input_text_with_hint(
            "##wanted", f"Search {len(known)} prompts…", self.wanted
        )
        focus.border()
        imgui.same_line()
        if icon_button(icons.ICON_FA_TRASH_CAN, "forget all", "Forget all…", quiet=True):
            self.asks = not self.asks
        if self.asks and button(f"Forget all {len(known)} prompts###sure", primary=True):
            context.ask(ForgetPrompts())
            imgui.close_current_popup()
        found = matching(known, self.wanted)
        if not found:
            imgui.text_disabled("No previous prompt contains these words.")
            return None
        return _list(context, found, width)


def _list(context: Context, prompts: tuple[str, ...], width: float) -> str | None:
    """The prompts below one another, only the visible ones drawn; returns the picked one."""
    line = imgui.get_frame_height() + theme.em(0.1)
    height = line * min(len(prompts), ROWS_SHOWN)
    with (
        scopes.child("list", (width, height)),
        scopes.style(imgui.StyleVar_.item_spacing, (0.0, theme.em(0.1))),
    ):
        picked, clipper = None, imgui.ListClipper()
        clipper.begin(len(prompts), line)
        while clipper.step():
            for index in range(clipper.display_start, clipper.display_end):
                with scopes.name(index):
                    if _entry(context, prompts[index]):
                        picked = prompts[index]
        clipper.end()
    return picked


def _entry(context: Context, prompt: str) -> bool:
    """One prompt and the button that forgets it; whether the prompt was pressed."""
    side = imgui.get_frame_height()
    room = imgui.get_content_region_avail().x - side
    with (
        scopes.colour(imgui.Col_.button, theme.colour(theme.CONTROL, 0.0)),
        scopes.style(imgui.StyleVar_.button_text_align, (0.0, 0.5)),
    ):
        padding = 2 * imgui.get_style().frame_padding.x
        shown = fitted(prompt[:400], room - padding)
        pressed = imgui.button(f"{shown}###take", (room, side))
    if shown != prompt:
        tip(prompt if len(prompt) <= TIP_CHARACTERS else prompt[:TIP_CHARACTERS] + "…")
    imgui.same_line(0, 0)
    if icon_button(icons.ICON_FA_XMARK, "forget", "Forget this prompt", quiet=True):
        context.ask(ForgetPrompt(prompt))
    return pressed
