"""The program's own dialogs: shortcuts, messages, about."""

from __future__ import annotations

from collections.abc import Callable

from imgui_bundle import imgui

from renderer.files.software import software_name
from widgets import scopes, theme
from widgets.actions import CopyText
from widgets.chrome.shortcuts import overview
from widgets.chrome.status import TONES
from widgets.context import Context
from widgets.controls.buttons import button
from widgets.controls.modal import modal

TITLES = {"shortcuts": "Shortcuts", "messages": "Messages", "about": "About"}
ABOUT = (
    "StyleGAN-T Explorer",
    "Type a prompt, move sliders, and the picture follows. An explorer for text-to-image "
    "generators of the StyleGAN-T kind (Sauer et al., 2023).",
)


def open_dialog(name: str) -> None:
    """Open the dialog `name`, one of `TITLES`."""
    imgui.open_popup(TITLES[name])


def draw(context: Context) -> None:
    """Draw whichever dialog is open."""
    for name, body in (("shortcuts", _shortcuts), ("messages", _messages), ("about", _about)):
        with modal(TITLES[name]) as opened:
            if opened:
                _dialog(context, name, body)


def _dialog(context: Context, name: str, body: Callable[[Context], None]) -> None:
    body(context)
    imgui.dummy((0, theme.em(0.2)))
    closes = button("Close", primary=True) or imgui.is_key_pressed(imgui.Key.escape)
    if name == "messages" and context.messages:
        imgui.same_line()
        _copy_all(context)
    if closes:
        imgui.close_current_popup()


def _shortcuts(context: Context) -> None:
    del context
    overview()


def _messages(context: Context) -> None:
    with scopes.font(context.fonts.bold, theme.PROMPT_PX):
        imgui.text_unformatted("Messages")
    if not context.messages:
        imgui.text_disabled("There are no messages yet.")
    with scopes.wrap(theme.em(40)):
        for message in context.messages[-30:]:
            with theme.text_colour(TONES[message.tone]):
                imgui.text_unformatted(message.text)


def _copy_all(context: Context) -> None:
    if button("Copy all"):
        lines = "\n".join(message.text for message in context.messages)
        context.ask(CopyText(lines, "the messages"))


def _about(context: Context) -> None:
    with scopes.font(context.fonts.bold, theme.HERO_PX):
        imgui.text_unformatted(ABOUT[0])
    imgui.text_disabled(software_name())
    with scopes.wrap(theme.em(26)):
        imgui.text_unformatted(ABOUT[1])
        theme.dim(f"Dear ImGui {imgui.get_version()}. Apache-2.0.")
