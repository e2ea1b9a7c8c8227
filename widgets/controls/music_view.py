"""The view of the Music section, and its actions: tempo, beat, oscillators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from renderer.parameters.hearing import Hearing
from renderer.parameters.lfo import TEMPO, Lfo
from widgets.actions import Action

BEATS_A_BAR = 4
Clock = Literal["own", "midi", "link"]
"""The clocks that the tempo can follow: none, a MIDI clock, Ableton Link."""


@dataclass(frozen=True)
class MusicView:
    """The state of the music: `beat` with its fraction, `values` of what plays, 0 to 1.

    `clock_problem` says why the chosen clock is not followed.  `inputs` are the MIDI inputs, None
    until they are looked for; `next_lfo` is the number of a new oscillator, 0 where there can be no
    more; `counts` is whether something goes by the beat here; `devices` are those of audio, which
    `hearing` says how to listen to.
    """

    bpm: float = TEMPO.default
    beat: float = 0.0
    clock: Clock = "own"
    input: str = ""
    inputs: tuple[str, ...] | None = None
    clock_problem: str = ""
    follows: bool = False
    lfos: tuple[Lfo, ...] = ()
    next_lfo: int = 1
    counts: bool = False
    device: str = ""
    devices: tuple[str, ...] | None = None
    audio_missing: str = ""
    audio_problem: str = ""
    hearing: Hearing = field(default_factory=Hearing)
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SetTempo(Action):
    """Go on in another tempo, in beats per minute."""

    bpm: float


@dataclass(frozen=True)
class TapTempo(Action):
    """A beat is now."""


@dataclass(frozen=True)
class RestartBar(Action):
    """The first beat of a bar is now."""


@dataclass(frozen=True)
class FollowClock(Action):
    """Follow another clock; `input` is that of a MIDI clock."""

    clock: Clock
    input: str = ""


@dataclass(frozen=True)
class ListClocks(Action):
    """Look which MIDI inputs are connected."""


@dataclass(frozen=True)
class ChangeLfo(Action):
    """Put `lfo` in the place of the one with `number`, or add it; None removes that."""

    number: int
    lfo: Lfo | None


@dataclass(frozen=True)
class TuneLfo(Action):
    """Give one field of the oscillator with `number`, if there is one, another value."""

    number: int
    field: str
    value: Any


@dataclass(frozen=True)
class ListenTo(Action):
    """Listen to an audio input, or to none where `device` is empty; `hearing` says how."""

    device: str
    hearing: Hearing


@dataclass(frozen=True)
class ListDevices(Action):
    """Look which audio inputs are connected."""
