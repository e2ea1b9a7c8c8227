"""The way to the renderer on another computer, step by step, on a card over the picture."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import scopes, theme
from widgets.actions import CopyText, ShowDialog
from widgets.context import Context
from widgets.controls.buttons import flow
from widgets.controls.card import asks, card
from widgets.controls.place_view import ConnectingView, ConnectNow, UseRenderer
from widgets.controls.spinner import spinner

COUNT_S = 3.0
"""Seconds of a step after which it says for how long it has gone on."""


def wanted(context: Context) -> bool:
    """Return whether there is a way to show."""
    return bool(context.see(ConnectingView).place)


def draw(context: Context, corner: ImVec2, area: tuple[float, float]) -> None:
    """Draw the card at the upper edge of an area of the current Dear ImGui window.

    Args:
        context: of this frame.
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
    """
    tint = theme.WARNING if context.see(ConnectingView).why else theme.ACCENT
    card(corner, area, tint, theme.CARD, lambda width: _body(context, width), icons.ICON_FA_SERVER)


def _body(context: Context, width: float) -> None:
    view = context.see(ConnectingView)
    title = "The connection to {} was lost" if view.lost else "Connecting to {}"
    with scopes.font(context.fonts.bold, theme.FONT_PX):
        theme.wrapped(title.format(view.place), width=width)
    if view.why:
        theme.wrapped(sentence(view.why), theme.WARNING, width)
    if view.step == "pausing":
        theme.dim(f"Next attempt in {max(round(view.pause_s), 1)} s.")
    else:
        _steps(context, view)
        if view.said:
            theme.wrapped(f"{view.program}: {view.said}", theme.DIM, width)
    _buttons(context, view, width)


def _steps(context: Context, view: ConnectingView) -> None:
    """The steps: those that are done with a tick, the one in work with a spinner."""
    now = 1 if view.step == "calling" else 2
    words = (
        f"{view.program} is running",
        f"Waiting for {view.place} to answer",
        f"Starting the renderer on {view.place}",
    )
    for index, text in enumerate(words):
        if index < now:
            with theme.text_colour(theme.ACCENT):
                imgui.text_unformatted(icons.ICON_FA_CHECK)
        elif index == now:
            spinner(context.now_s, theme.em(0.45))
        else:
            theme.dim(icons.ICON_FA_ELLIPSIS)
        imgui.same_line(theme.em(1.6))
        counts = index == now and view.waited_s >= COUNT_S
        shown = f"{text}, {view.waited_s:.0f} s" if counts else text
        with theme.text_colour(theme.DIM if index > now else theme.TEXT):
            imgui.text_unformatted(shown)


def _buttons(context: Context, view: ConnectingView, width: float) -> None:
    buttons = []
    if view.step == "pausing":
        icon = icons.ICON_FA_ARROW_ROTATE_RIGHT
        again = ConnectNow(), "Without waiting any longer"
        buttons.append(asks(context, icon, "Try now###now", *again, primary=True))
    here = UseRenderer("thread"), "Compute pictures in this program; the recipe stays"
    label = "Render on this computer###here" if view.why or view.lost else "Cancel###here"
    icon = icons.ICON_FA_DISPLAY if view.why or view.lost else icons.ICON_FA_XMARK
    buttons.append(asks(context, icon, label, *here))
    other = ShowDialog("renderer"), "Another computer, or another command"
    buttons.append(asks(context, icons.ICON_FA_SERVER, "Change…###change", *other))
    if view.why:
        copy = CopyText(view.why, "the message"), "Copy this message"
        buttons.append(asks(context, icons.ICON_FA_COPY, "Copy###copy", *copy))
    flow(buttons, width)


def sentence(words: str) -> str:
    """Return words of another program as a sentence: with a capital letter and a full stop."""
    text = words[:1].upper() + words[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
