"""The stage around a monkey, of stand-ins: MIDI ports, a sound card, gamepads, other programs.

Everything can be plugged in and out, and everything is bounded: what measures memory must not be
what grows.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest import mock

import mido
import numpy as np
import pytest
from msgspec.structs import replace

from renderer.parameters.bindings import PAD_AXES, PAD_BUTTONS
from renderer.parameters.hearing import Hearing
from tests.visualizer.sinks import libraries
from visualizer.app.app import App
from visualizer.control import midi
from visualizer.control.instrument import Control
from visualizer.instruments import output
from visualizer.instruments.moments import MomentsKeeper
from visualizer.instruments.recorder import Recorder
from visualizer.instruments.timeline import Playback
from visualizer.music import audio_input, link_clock
from visualizer.music.instrument import Music
from visualizer.sinks.kinds import KINDS
from visualizer.window.shared_glfw import glfw
from widgets.actions import Undo
from widgets.controls.control_view import ChangeBinding
from widgets.controls.music_view import ChangeLfo, FollowClock, ListenTo
from widgets.controls.recording_view import Record
from widgets.controls.timeline_view import TogglePlay
from widgets.latent.wander import Wander

CONTROLLER, CLOCK = "Knobs", "Drums"
LINE = "Line in"
RATE_HZ = 48_000.0
REST_CC = "midi/cc/1/119"
"""What a mapping of something that plays has in its place while nothing should play."""


class Port:
    """An open input or output."""

    def __init__(self, callback: Callable[[Any], None] | None, left: Callable[[], None]) -> None:
        self.callback, self.close, self.sent = callback, left, deque[Any](maxlen=8)

    def send(self, message: Any) -> None:
        """A lamp is lit."""
        self.sent.append(message)


class Midi:
    """Stands for mido: two inputs, one of which has lamps; each can be unplugged."""

    Message = mido.Message

    def __init__(self) -> None:
        self.plugged = {CONTROLLER, CLOCK}
        self._open: dict[str, list[Port]] = {CONTROLLER: [], CLOCK: []}

    def get_input_names(self) -> list[str]:
        """The inputs that are plugged in."""
        return sorted(self.plugged)

    def get_output_names(self) -> list[str]:
        """The outputs that are plugged in."""
        return sorted(self.plugged & {CONTROLLER})

    def open_input(self, name: str, *, callback: Callable[[Any], None]) -> Port:
        """Listen to an input."""
        if name not in self.plugged:
            raise OSError(f"unknown port {name!r}")
        ports = self._open[name]
        port = Port(callback, lambda: ports.remove(port))
        ports.append(port)
        return port

    def open_output(self, name: str) -> Port:
        """Light the lamps of an output."""
        if name not in self.plugged:
            raise OSError(f"unknown port {name!r}")
        return Port(None, lambda: None)

    def play(self, name: str, message: Any) -> None:
        """Something comes in by the input `name`."""
        for port in list(self._open[name]) if name in self.plugged else ():
            assert port.callback is not None
            port.callback(message)


class Sound:
    """Stands for sounddevice: one input, which can be unplugged."""

    def __init__(self) -> None:
        self.plugged = True
        self._callback: Callable[..., None] | None = None

    def query_devices(self) -> list[dict[str, Any]]:
        """The devices."""
        line = {"name": LINE, "max_input_channels": 2, "default_samplerate": RATE_HZ}
        return [line] if self.plugged else []

    def InputStream(self, *, callback: Callable[..., None], **_: Any) -> Any:  # noqa: N802
        """Open the input."""
        if not self.plugged:
            raise OSError("Device unavailable")
        self._callback = callback
        return SimpleNamespace(active=True, start=lambda: None, close=self._shut)

    def _shut(self) -> None:
        self._callback = None

    def _terminate(self) -> None:
        """PortAudio forgets its devices."""

    def _initialize(self) -> None:
        """PortAudio looks for devices."""

    def hear(self, seed: int, level: float) -> None:
        """A block of noise comes in."""
        if self.plugged and self._callback is not None:
            noise = np.random.default_rng(seed).normal(0, level, (audio_input.BLOCK, 2))
            self._callback(noise.astype(np.float32), len(noise), None, None)


@dataclass
class Pad:
    """A gamepad, at rest at first, as glfw describes one."""

    buttons: list[int] = field(default_factory=lambda: [0] * len(PAD_BUTTONS))
    axes: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0, 0.0, -1.0, -1.0])


class Link:
    """`link.Link`: Ableton Link without a network."""

    def __init__(self, bpm: float) -> None:
        self._bpm, self.enabled = bpm, False

    def clock(self) -> Any:
        """The clock of all programs."""
        return SimpleNamespace(micros=lambda: 0)

    def captureSessionState(self) -> Any:  # noqa: N802
        """Tempo and beat."""
        return SimpleNamespace(
            tempo=lambda: self._bpm, beatAtTime=lambda at, quantum: 0.0, setTempo=self._set
        )

    def _set(self, bpm: float, at: int) -> None:
        self._bpm = bpm

    def commitSessionState(self, state: Any) -> None:  # noqa: N802
        """Tell the others."""

    def numPeers(self) -> int:  # noqa: N802
        """The other programs."""
        return 0


class Stage:
    """Everything that stands around the window, and the hands that play it.

    Args:
        real: time is real; else sound is never missed, and no other program gets the picture,
            because threads of their own would answer.
    """

    def __init__(self, *, real: bool) -> None:
        self._real = real
        self.midi, self.sound = Midi(), Sound()
        self._pads: dict[int, Pad] = {}

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Everything is found meanwhile."""
        with ExitStack() as stack:
            for module, name, value in (
                (midi, "backend", lambda: self.midi),
                (midi, "why_not", lambda: ""),
                (audio_input, "backend", lambda: self.sound),
                (audio_input, "why_not", lambda: ""),
                (link_clock, "backend", lambda: SimpleNamespace(Link=Link)),
                (glfw, "joystick_present", lambda pad: pad in self._pads),
                (glfw, "joystick_is_gamepad", lambda pad: True),
                (glfw, "get_gamepad_state", self._pads.get),
            ):
                stack.enter_context(mock.patch.object(module, name, value))
            if self._real:
                libraries.install(stack.enter_context(pytest.MonkeyPatch.context()))
                stack.enter_context(mock.patch.object(output, "kinds_here", lambda: KINDS))
            else:
                stack.enter_context(mock.patch.object(audio_input, "SILENT_S", 1e5))
            yield

    # -- hands -------------------------------------------------------------------------------

    def knobs(self, *messages: tuple[str, dict[str, Any]]) -> None:
        """Turn knobs and strike keys."""
        self._play(CONTROLLER, messages)

    def clock(self, *messages: tuple[str, dict[str, Any]]) -> None:
        """Pulses, start and stop of the drum machine."""
        self._play(CLOCK, messages)

    def _play(self, port: str, messages: tuple[tuple[str, dict[str, Any]], ...]) -> None:
        """Let messages come in, on a thread of their own as MIDI does."""
        sent = [mido.Message(kind, **values) for kind, values in messages]
        thread = threading.Thread(target=lambda: [self.midi.play(port, one) for one in sent])
        thread.start()
        thread.join()

    def hear(self, seed: int, level: float) -> None:
        """A block of sound comes in."""
        self.sound.hear(seed, level)

    def cable(self, name: str, plugged: bool) -> None:
        """Plug a port or the sound card in or out; those who look do so in their own time."""
        if not self._real:
            return
        if name == LINE:
            self.sound.plugged = plugged
        else:
            (self.midi.plugged.add if plugged else self.midi.plugged.discard)(name)

    def pad(self, number: int, control: str, value: float | None) -> None:
        """Move a stick or a button of a gamepad, 0 or 1; None unplugs it."""
        if value is None:
            self._pads.pop(number, None)
            return
        pad = self._pads.setdefault(number, Pad())
        if control in PAD_AXES:
            pad.axes[PAD_AXES.index(control)] = value
        else:
            pad.buttons[PAD_BUTTONS.index(control)] = int(value > 0)

    def program(self, takes: bool) -> None:
        """Other programs take pictures, or take none any more."""
        libraries.Sender.takes = libraries.SpoutSender.takes = libraries.Camera.there = takes

    def forget(self) -> None:
        """Let go of the pictures that other programs got."""
        kinds = (libraries.Sender, libraries.SpoutSender, libraries.SyphonMetalServer)
        for kind in (*kinds, libraries.Camera):
            del kind.all[:-1]
            for one in kind.all:
                del one.sent[:]


def hush(app: App) -> None:
    """Stop everything that plays, so that the picture can come to rest."""
    do, music = app.commands.do, app.instrument(Music)
    for place, lfo in enumerate(music._state.lfos):
        do(ChangeLfo(place, replace(lfo, on=False)))
    do(FollowClock("own"))
    do(ListenTo("", Hearing()))
    for place, binding in enumerate(app.instrument(Control).settings.bindings):
        if binding.plays:
            do(ChangeBinding(place, replace(binding, source=REST_CC)))
    do(Wander(False))
    do(Record(False))
    if app.instrument(Playback)._playing:
        do(TogglePlay())
    if app.instrument(MomentsKeeper).moves:
        do(Undo())  # it ends the fade


def records(app: App) -> bool:
    """Whether a recording runs, or its files are being ended."""
    recorder = app.instrument(Recorder)
    return recorder._run is not None or bool(recorder._ending)
