"""A renderer that does not answer: the card that says so, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import ImVec2
from imgui_bundle import icons_fontawesome_6 as icons

from widgets import theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls.buttons import flow
from widgets.controls.card import Button, asks, card


@dataclass(frozen=True)
class Silence:
    """The render thread's health.

    `ended` is whether it has ended while the window is open; `seconds` for how long it has not
    answered, 0 unless that is long; `device` where it computes: "cuda", "mps", "cpu", or empty
    if unknown.
    """

    ended: bool = False
    seconds: int = 0
    device: str = ""

    @property
    def worth_saying(self) -> bool:
        """Return whether the user should know."""
        return self.ended or self.seconds > 0


@dataclass(frozen=True)
class KeepWaiting(Action):
    """Give the renderer more time."""


@dataclass(frozen=True)
class RestartRenderer(Action):
    """Put a new renderer into the place of the current one; `device` is where it computes,
    empty for where it does now."""

    device: str = ""


RESTART = "Starts a new renderer and loads the model again; nothing is lost"
ON_CPU = "Slower, but needs no graphics card; the model is loaded again"


def draw(context: Context, corner: ImVec2, area: tuple[float, float]) -> None:
    """Draw the card at the upper edge of an area of the current Dear ImGui window.

    Args:
        context: has a `Silence` that is worth saying.
        corner: upper left of the area, in Dear ImGui's coordinates.
        area: its width and height.
    """

    def body(width: float) -> None:
        theme.wrapped(_sentence(context), theme.TEXT, width)
        flow(_buttons(context), width)

    card(corner, area, theme.WARNING, theme.CARD, body)


def on_cpu(context: Context, label: str, *, primary: bool = False) -> list[Button]:
    """A button that goes on on the CPU; none where it computes there already."""
    if context.see(Silence).device in ("", "cpu"):
        return []
    cpu = RestartRenderer("cpu")
    icon = icons.ICON_FA_MICROCHIP
    return [asks(context, icon, f"{label}###on cpu", cpu, ON_CPU, primary)]


def _sentence(context: Context) -> str:
    silence = context.see(Silence)
    if silence.ended:
        return "The renderer has stopped. Restart it: none of your work is lost."
    at = f" ({context.status.text})" if context.status.busy else ""
    return (
        f"The renderer has not responded for {silence.seconds} s{at}. It may still recover; none "
        "of your work is lost."
    )


def _buttons(context: Context) -> list[Button]:
    wait = asks(
        context,
        icons.ICON_FA_HOURGLASS_HALF,
        "Keep waiting###wait",
        KeepWaiting(),
        "You are asked again if it takes much longer",
        primary=True,
    )
    restart = asks(
        context,
        icons.ICON_FA_ARROW_ROTATE_RIGHT,
        "Restart the renderer###restart",
        RestartRenderer(),
        RESTART,
        primary=context.see(Silence).ended,
    )
    rest = [restart, *on_cpu(context, "Restart on the CPU")]
    return rest if context.see(Silence).ended else [wait, *rest]
