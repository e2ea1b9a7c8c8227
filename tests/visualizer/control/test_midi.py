"""MIDI through mido's own messages; the ports are objects of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido
import pytest

from visualizer.control import midi
from visualizer.control.midi import (
    MISSING,
    Controller,
    MidiError,
    input_names,
    open_input,
    signal_of,
)
from visualizer.control.signal_queue import Signal


class FakeMidi:
    """Stands for mido: its ports are objects that a test plays on."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.open: dict[str, Callable[[Any], None]] = {}
        self.sent: list[Any] = []

    Message = mido.Message

    def get_output_names(self) -> list[str]:
        """Each port has a way out, too."""
        return self.names

    def open_output(self, name: str) -> FakePort:
        """Open that."""
        return FakePort(self, "")

    def get_input_names(self) -> list[str]:
        """The ports there are."""
        return self.names

    def open_input(self, name: str, *, callback: Callable[[Any], None]) -> FakePort:
        """Open one."""
        if name not in self.names:
            raise OSError(f"unknown port {name!r}")
        self.open[name] = callback
        return FakePort(self, name)

    def play(self, name: str, kind: str, **values: Any) -> None:
        """A message arrives."""
        self.open[name](mido.Message(kind, **values))


class FakePort:
    """An open port."""

    def __init__(self, midi: FakeMidi, name: str) -> None:
        self._midi, self._name = midi, name

    def send(self, message: Any) -> None:
        """A message goes out."""
        self._midi.sent.append(message)

    def close(self) -> None:
        """Close it."""
        self._midi.open.pop(self._name, None)  # it may be gone, as the device is


def test_messages_become_signals_from_0_to_1() -> None:
    def signal(kind: str, **values: Any) -> Signal | None:
        return signal_of(mido.Message(kind, **values))

    assert signal("control_change", channel=0, control=21, value=127) == Signal(
        "midi/cc/1/21", (1.0,)
    )
    assert signal("note_on", channel=2, note=60, velocity=0) == Signal("midi/note/3/60", (0.0,))
    assert signal("note_off", note=60, velocity=64) == Signal("midi/note/1/60", (0.0,))
    assert signal("pitchwheel", pitch=8191) == Signal("midi/bend/1", (1.0,))
    assert signal("pitchwheel", pitch=-8192) == Signal("midi/bend/1", (0.0,))
    assert signal("clock") is None
    assert signal_of(object()) is None


def test_a_port_is_listened_to() -> None:
    fake, got = FakeMidi("knobs"), list[Signal]()
    port = open_input(fake, "knobs", got.append)
    fake.play("knobs", "control_change", control=1, value=0)
    fake.play("knobs", "program_change", program=3)
    assert got == [Signal("midi/cc/1/1", (0.0,))]
    port.close()
    assert fake.open == {}


def test_what_is_not_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MidiError, match="check that it is connected"):
        open_input(FakeMidi(), "knobs", lambda signal: None)

    class Broken(FakeMidi):
        def get_input_names(self) -> list[str]:
            raise RuntimeError("no ALSA")

    with pytest.raises(MidiError, match="does not respond"):
        input_names(Broken())
    assert input_names(FakeMidi("a", "b", "a")) == ("a", "b")
    monkeypatch.setattr(midi.importlib.util, "find_spec", lambda name: None)
    assert midi.why_not() == MISSING
    with pytest.raises(MidiError, match="-m pip install mido python-rtmidi"):
        midi.backend()


def test_mido_is_imported_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi.importlib.util, "find_spec", lambda name: object())
    assert midi.why_not() == ""
    assert midi.backend() is mido


# -- plugged in and out ----------------------------------------------------------------------------


@pytest.fixture
def knobs(monkeypatch: pytest.MonkeyPatch) -> FakeMidi:
    """One controller is connected."""
    fake = FakeMidi("Knobs:Knobs MIDI 1 20:0")
    monkeypatch.setattr(midi, "backend", lambda: fake)
    return fake


def test_a_controller_that_was_unplugged_works_again_by_itself(knobs: FakeMidi) -> None:
    (name,) = knobs.names
    got: list[Signal] = []
    controller = Controller(name, got.append, lambda: None, None)
    assert (list(knobs.open), controller.problem) == ([name], "")
    knobs.names.clear()
    knobs.open.clear()
    controller.look()
    assert controller.problem == (
        f"{name} was unplugged. It works again as soon as it is reconnected."
    )
    controller.look()
    assert "was unplugged" in controller.problem
    knobs.names[:] = ["Other 20:0", "Knobs:Knobs MIDI 1 28:0"]  # another was there first
    controller.look()
    assert controller.problem == ""
    knobs.play(knobs.names[1], "control_change", control=1, value=127)
    assert got == [Signal("midi/cc/1/1", (1.0,))]
    controller.close()
    assert knobs.open == {}
    controller.look()
    assert knobs.open == {}


def test_it_is_looked_for_beside_the_window_which_is_woken(knobs: FakeMidi) -> None:
    (name,) = knobs.names
    woken, looks = threading.Event(), threading.current_thread()
    seen: list[threading.Thread] = []

    def wake() -> None:
        seen.append(threading.current_thread())
        woken.set()

    controller = Controller(name, lambda signal: None, wake, 0.01)
    for names, problem in (([], True), ([name], False)):
        woken.clear()
        knobs.names[:] = names
        assert woken.wait(30)
        assert bool(controller.problem) == problem
    assert looks not in seen
    controller.close()


def test_one_that_was_not_there_at_first_is_heard_once_it_is(knobs: FakeMidi) -> None:
    controller = Controller("Pads 24:0", lambda signal: None, lambda: None, None)
    assert "cannot be opened" in controller.problem
    controller.look()
    assert "cannot be opened" in controller.problem
    knobs.names.append("Pads 32:0")
    controller.look()
    assert (controller.problem, list(knobs.open)) == ("", ["Pads 32:0"])
    controller.close()


def test_one_that_was_plugged_in_again_between_two_looks_is_heard(
    knobs: FakeMidi, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(midi, "NODES", tmp_path)
    node = tmp_path / "midiC1D0"
    node.touch()
    (name,) = knobs.names
    got: list[Signal] = []
    controller = Controller(name, got.append, lambda: None, None)
    deaf = dict(knobs.open)
    controller.look()
    assert knobs.open == deaf, "nothing has happened"
    knobs.open.clear()  # the port is dead, and the list is as it was
    node.unlink()
    (tmp_path / "pcmC1D0").touch()
    node.touch()
    controller.look()
    assert controller.problem == ""
    knobs.play(name, "control_change", control=1, value=127)
    assert got == [Signal("midi/cc/1/1", (1.0,))]
    controller.close()
