"""MIDI controllers: which there are, and what their knobs and keys send.

It takes mido and python-rtmidi, which come with the extra `control`.  They are imported when the
first port is asked for; where they are missing, that is one sentence.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, Protocol, cast

from renderer.bindings import MIDI_BEND, MIDI_CC, MIDI_NOTE
from stylegan_t.installing import pip_install
from visualizer.inbox import Signal

BEND_LOW, BEND_SPAN = -8192, 16383
STEPS = 127
MISSING = f"MIDI needs two more packages:  {pip_install('mido', 'python-rtmidi')}"


class MidiError(RuntimeError):
    """MIDI is not to be had, or a port is not; the message is for the user."""


class Port(Protocol):
    """An open input of mido."""

    def close(self) -> None:
        """Listen no more."""
        ...


class Backend(Protocol):
    """What is used of mido."""

    def get_input_names(self) -> list[str]:
        """The inputs that are connected."""
        ...

    def open_input(self, name: str, *, callback: Callable[[Any], None]) -> Port:
        """Open one; `callback` gets each message, on a thread of its own."""
        ...


def why_not() -> str:
    """The sentence for a computer without the packages; empty where they are."""
    there = all(importlib.util.find_spec(name) is not None for name in ("mido", "rtmidi"))
    return "" if there else MISSING


def backend() -> Backend:
    """mido, imported now.

    Raises:
        MidiError: it is not installed.
    """
    if problem := why_not():
        raise MidiError(problem)
    return cast(Backend, importlib.import_module("mido"))


def input_names(midi: Backend) -> tuple[str, ...]:
    """The controllers that are connected, each once.

    Raises:
        MidiError: the system's MIDI does not answer.
    """
    try:
        return tuple(dict.fromkeys(midi.get_input_names()))
    except Exception as error:  # each system's driver has exceptions of its own
        raise MidiError(f"The MIDI system of this computer does not answer: {error}") from error


def open_input(midi: Backend, name: str, put: Callable[[Signal], None]) -> Port:
    """Listen to the controller `name`.

    Args:
        midi: mido.
        name: as `input_names` has it.
        put: gets a signal for each knob, key and wheel, on MIDI's own thread.

    Raises:
        MidiError: it is not connected, or another program has it.
    """

    def received(message: Any) -> None:
        if (signal := signal_of(message)) is not None:
            put(signal)

    try:
        return midi.open_input(name, callback=received)
    except Exception as error:  # each system's driver has exceptions of its own
        raise MidiError(
            f"{name} cannot be opened: see that it is connected and that no other program has it."
        ) from error


def signal_of(message: Any) -> Signal | None:
    """A message of mido as a signal whose value goes from 0 to 1; None for what is neither a
    controller, nor a key, nor a pitch wheel."""
    kind = getattr(message, "type", "")
    if kind == "control_change":
        source = f"{MIDI_CC}{message.channel + 1}/{message.control}"
        return Signal(source, (message.value / STEPS,))
    if kind in ("note_on", "note_off"):
        strength = message.velocity / STEPS if kind == "note_on" else 0.0
        return Signal(f"{MIDI_NOTE}{message.channel + 1}/{message.note}", (strength,))
    if kind == "pitchwheel":
        share = (message.pitch - BEND_LOW) / BEND_SPAN
        return Signal(f"{MIDI_BEND}{message.channel + 1}", (share,))
    return None
