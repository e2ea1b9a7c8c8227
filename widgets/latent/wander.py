"""Wandering: the latent walks by chance over the plane of seeds, for as long as one likes."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from renderer.parameters.settings import SMOOTHNESS, WANDER_SPEED
from widgets import theme
from widgets.actions import Action
from widgets.context import Context
from widgets.controls import labelled_row, source_sign
from widgets.controls.buttons import button, icon_button
from widgets.controls.slider import Slider

SPEED, SMOOTH = Slider.of(WANDER_SPEED), Slider.of(SMOOTHNESS)
PLAY = "Wander: a random walk from seed to seed. Undo returns to where it began."
PAUSE = "Stop wandering here."
OFF_PLANE = "This latent has no seed: choose one to wander from."


@dataclass(frozen=True)
class Wandering:
    """The panels' view of wandering: whether it goes, and how.

    `speed` is in seeds a second, `smoothness` from 0 to 1.
    """

    playing: bool = False
    speed: float = SPEED.default
    smoothness: float = SMOOTH.default


@dataclass(frozen=True)
class Wander(Action):
    """Walk by chance, or stop.  `seed` says which walk; None goes on with the one of before."""

    playing: bool = True
    seed: int | None = None


@dataclass(frozen=True)
class ToggleWander(Action):
    """Walk by chance, or stop where that is done."""


@dataclass(frozen=True)
class SetWander(Action):
    """Walk with another speed or smoothness, see `Wandering`; None leaves one as it is."""

    speed: float | None = None
    smoothness: float | None = None


def on_map(context: Context, high: tuple[float, float]) -> None:
    """Draw the play button over the map's upper right corner, at `high`."""
    side, inset = imgui.get_frame_height(), theme.em(0.3)
    after = imgui.get_cursor_screen_pos()
    imgui.set_cursor_screen_pos((high[0] - side - inset, high[1] + inset))
    playing = context.see(Wandering).playing
    icon, _, text = _play_or_stop(playing)
    ink = theme.ACCENT if playing else ""
    if icon_button(icon, "wander on map", text, reason=_reason(context), ink=ink):
        context.ask(Wander(not playing))
    source_sign.offered(context, "/wander")
    imgui.set_cursor_screen_pos(after)


def draw(context: Context) -> None:
    """Draw the rows that play and set the walk."""
    wandering = context.see(Wandering)
    with labelled_row.row("Wander", PLAY, offers=(context, "/wander")) as row:
        icon, word, text = _play_or_stop(wandering.playing)
        if button(f"{icon}  {word}###wander", text, reason=_reason(context)):
            context.ask(Wander(not wandering.playing))
        row.end()
    speed = SPEED.at("/wander/speed").draw(context, wandering.speed)
    smoothness = SMOOTH.at("/wander/smooth").draw(context, wandering.smoothness)
    if (speed, smoothness) != (wandering.speed, wandering.smoothness):
        context.ask(SetWander(speed, smoothness))


def _play_or_stop(playing: bool) -> tuple[str, str, str]:
    """Icon, word and tooltip of the button."""
    return (icons.ICON_FA_PAUSE, "Stop", PAUSE) if playing else (icons.ICON_FA_PLAY, "Play", PLAY)


def _reason(context: Context) -> str:
    return "" if context.recipe.latent.on_plane else OFF_PLANE
