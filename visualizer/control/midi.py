"""MIDI controllers: which there are, and what their knobs and keys send.

It takes mido and python-rtmidi, which come with the extra `control`.  They are imported when the
first port is asked for; where they are missing, that is one sentence.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from renderer.parameters.bindings import (
    FINE_STEPS,
    MIDI_BEND,
    MIDI_CC,
    MIDI_NOTE,
    MIDI_STEPS,
)
from stylegan_t.terminal.installing import pip_install
from visualizer.control.signal_queue import Signal
from visualizer.errors import VisualizerError

BEND_LOW = -8192
LOOK_S = 0.5
"""Seconds between two looks whether the controller is still connected, or is again."""
NODES = Path("/dev/snd")
"""The folder in which Linux has a file for each controller, a new one each time it is plugged
in."""
MISSING = f"MIDI needs two more packages:  {pip_install('mido', 'python-rtmidi')}"


Reader = Callable[[Any], "Signal | None"]
"""Makes a signal of a message of mido; None for one that means nothing."""
logger = logging.getLogger(__name__)


class MidiError(VisualizerError, RuntimeError):
    """MIDI is not to be had, or a port is not; the message is for the user."""


class Port(Protocol):
    """An open input of mido."""

    def close(self) -> None:
        """Listen no more."""
        ...


class Backend(Protocol):
    """The part of mido that is used."""

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
    # an extra that may be missing
    return cast(Backend, importlib.import_module("mido"))


def input_names(midi: Backend) -> tuple[str, ...]:
    """The controllers that are connected, each once.

    Raises:
        MidiError: the system's MIDI does not answer.
    """
    try:
        return tuple(dict.fromkeys(midi.get_input_names()))
    except Exception as error:  # each system's driver has exceptions of its own
        raise MidiError(f"This computer's MIDI system does not respond: {error}") from error


def open_input(
    midi: Backend, name: str, put: Callable[[Signal], None], read: Reader | None = None
) -> Port:
    """Listen to the controller `name`.

    Args:
        midi: mido.
        name: as `input_names` has it.
        put: gets a signal for each knob, key and wheel, on MIDI's own thread.
        read: makes a signal of a message; None is `signal_of`.

    Raises:
        MidiError: it is not connected, or another program has it.
    """

    def received(message: Any) -> None:
        if (signal := (read or signal_of)(message)) is not None:
            put(signal)

    try:
        return midi.open_input(name, callback=received)
    except Exception as error:  # each system's driver has exceptions of its own
        raise MidiError(
            f"{name} cannot be opened: check that it is connected and that no other program uses "
            "it."
        ) from error


def plugged_in() -> frozenset[tuple[str, int, int]]:
    """Return what changes whenever a controller is plugged in again, even under the same name;
    empty where the system does not tell."""
    try:
        with os.scandir(NODES) as nodes:
            found = [(node.name, node.stat()) for node in nodes if node.name.startswith("midi")]
    except OSError:
        return frozenset()
    return frozenset((name, status.st_ino, status.st_ctime_ns) for name, status in found)


class Controller:
    """The controller that was chosen: heard while it is connected, looked for while it is not.

    Args:
        name: as `input_names` has it, or had it when it was chosen.
        put: gets its signals, on MIDI's own thread.
        wake: called, on a thread of this object, after `problem` has changed.
        look_s: how often it looks; None never does, except in `look`.
        read: makes a signal of a message; None is `signal_of`.
    """

    def __init__(
        self,
        name: str,
        put: Callable[[Signal], None],
        wake: Callable[[], None],
        look_s: float | None = LOOK_S,
        read: Reader | None = None,
    ) -> None:
        self._read = read
        self._name, self._put, self._wake = name, put, wake
        self._port: Port | None = None
        self._plugged = plugged_in()
        self.times_opened = 0
        """Rises whenever it is connected again."""
        self._opened, self.problem = "", ""
        """The port's name now, and why nothing is heard, if so."""
        self._changing, self._closed = threading.Lock(), threading.Event()
        try:
            self._midi = backend()
        except MidiError as error:
            self.problem, look_s = str(error), None
        else:
            self.look(first=True)
        self._look_s = look_s
        self._thread = threading.Thread(target=self._main, name="midi ports", daemon=True)
        if look_s is not None:
            self._thread.start()

    def look(self, *, first: bool = False) -> None:
        """See which ports there are, and open or close this one.

        Args:
            first: nothing is known of it yet: try to open it, whatever the list says.
        """
        with self._changing:
            if self._closed.is_set():
                return
            try:
                names = input_names(self._midi)
            except MidiError as error:
                self._close_port()
                self.problem = str(error)
                return
            if self._port is not None and self._opened not in names:
                self._close_port()
                self.problem = (
                    f"{self._name} was unplugged. It works again as soon as it is reconnected."
                )
            before, self._plugged = self._plugged, plugged_in()
            if self._plugged != before:  # too quickly to be missed from the list, perhaps
                self._close_port()
            wanted = self._among(names)
            if self._port is None and (first or wanted):
                self._open_port(wanted or self._name)

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        with self._changing:
            self._close_port()
        if self._thread.ident is not None:
            self._thread.join()

    def _main(self) -> None:
        while not self._closed.wait(self._look_s):
            before = self.problem
            self.look()
            if self.problem != before:
                self._wake()

    def _among(self, names: Sequence[str]) -> str:
        """The name that it has now: Linux renumbers ports whenever something is plugged in."""
        if self._name in names:
            return self._name
        return next((name for name in names if plain(name) == plain(self._name)), "")

    def _open_port(self, name: str) -> None:
        try:
            self._port, self._opened = self._listen(name), name
            self.problem = ""
            self.times_opened += 1
        except MidiError as error:
            self.problem = str(error)

    def _listen(self, name: str) -> Port:
        return open_input(self._midi, name, self._put, self._read)

    def _close_port(self) -> None:
        port, self._port = self._port, None
        if port is None:
            return
        try:
            port.close()
        except Exception:  # each system's driver has exceptions of its own, and the device is gone
            logger.debug("a MIDI port was not closed", exc_info=True)


def plain(name: str) -> str:
    """A port's name without the numbers that Linux puts behind it, such as " 20:0"."""
    return re.sub(r" [0-9]+:[0-9]+$", "", name)


def signal_of(message: Any) -> Signal | None:
    """A message of mido as a signal whose value goes from 0 to 1; None for what is neither a
    controller, nor a key, nor a pitch wheel."""
    kind = getattr(message, "type", "")
    if kind == "control_change":
        source = f"{MIDI_CC}{message.channel + 1}/{message.control}"
        return Signal(source, (message.value / MIDI_STEPS,))
    if kind in ("note_on", "note_off"):
        strength = message.velocity / MIDI_STEPS if kind == "note_on" else 0.0
        return Signal(f"{MIDI_NOTE}{message.channel + 1}/{message.note}", (strength,))
    if kind == "pitchwheel":
        share = (message.pitch - BEND_LOW) / FINE_STEPS
        return Signal(f"{MIDI_BEND}{message.channel + 1}", (share,))
    return None
