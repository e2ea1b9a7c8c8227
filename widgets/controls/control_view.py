"""The view of the Control section, and its actions: OSC, MIDI, and which knob moves what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from renderer.parameters.bindings import Binding
from renderer.parameters.kinds import Value
from widgets.actions import Action

OscReach = Literal["off", "local", "anywhere"]
"""Senders of OSC that are accepted: none, programs on this computer, other computers too."""


@dataclass(frozen=True)
class Learning:
    """A binding in the making: the source that was moved, and the target that was chosen; each is
    empty until it is known.  `label` names the target."""

    source: str = ""
    address: str = ""
    label: str = ""


@dataclass(frozen=True)
class ControlView:
    """The state of the controls.

    `heard` is the last message in words, and `problem` why it was not taken.  `unknown` are sources
    that were heard and do nothing.  `garbage` counts packets that are no OSC.  `inputs` are the
    MIDI controllers that are connected, None until they are looked for.  `active` are the sources
    that were moved just now.  `playing` are sources that play by themselves.  `mapped` are the
    bindings of each address, `played` the values that they give now, and `pads` the number of
    gamepads.
    """

    osc: OscReach = "off"
    port: int = 9000
    osc_problem: str = ""
    garbage: int = 0
    heard: str = ""
    problem: str = ""
    unknown: tuple[str, ...] = ()
    midi: str = ""
    midi_missing: str = ""
    lamps: bool = False
    midi_problem: str = ""
    inputs: tuple[str, ...] | None = None
    feedback: bool = False
    host: str = "127.0.0.1"
    feedback_port: int = 9001
    feedback_problem: str = ""
    bindings: tuple[Binding, ...] = ()
    active: frozenset[str] = frozenset()
    learning: Learning | None = None
    playing: tuple[str, ...] = ()
    mapped: Mapping[str, tuple[Binding, ...]] = field(default_factory=dict)
    played: Mapping[str, Value] = field(default_factory=dict)
    pads: int = 0

    @property
    def hears(self) -> bool:
        """Return whether anything can come in."""
        return (self.osc != "off" and not self.osc_problem) or self.midi != ""


@dataclass(frozen=True)
class ChangeOsc(Action):
    """Listen for OSC on `port`, or stop."""

    reach: OscReach
    port: int


@dataclass(frozen=True)
class ChangeFeedback(Action):
    """Send what changes to a program at `host` and `port`, or stop."""

    on: bool
    host: str
    port: int


@dataclass(frozen=True)
class ListInputs(Action):
    """Look which MIDI controllers are connected."""


@dataclass(frozen=True)
class ChooseInput(Action):
    """Listen to the MIDI controller `name`; empty listens to none."""

    name: str


@dataclass(frozen=True)
class ChangeLamps(Action):
    """Send values back to the lamps and motor faders of the MIDI controller, or stop."""

    on: bool


@dataclass(frozen=True)
class Learn(Action):
    """Begin a binding; what is known of it already may be given."""

    source: str = ""
    address: str = ""


@dataclass(frozen=True)
class StopLearning(Action):
    """Give up the binding that is in the making."""


@dataclass(frozen=True)
class ChangeBinding(Action):
    """Put `binding` in the place of the one at `index`; None removes that."""

    index: int
    binding: Binding | None


@dataclass(frozen=True)
class PlaySources(Action):
    """The sources that play by themselves are at `values`, 0 to 1, and the beats `struck` now."""

    values: Mapping[str, float]
    struck: tuple[str, ...] = ()
