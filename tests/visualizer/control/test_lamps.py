"""Lamps and motor faders, through an object with mido's interface and mido's own messages."""

from __future__ import annotations

from typing import Any

import mido

from renderer.parameters.bindings import Binding
from renderer.recipe.recipe import LatentPart, Recipe, TextPart
from visualizer.control.lamps import ECHO_S, HAND_S, Lamps
from visualizer.control.midi import signal_of
from visualizer.control.midi_pairs import FinePairs
from visualizer.control.signal_queue import Signal

BINDINGS = (
    Binding("midi/cc/1/21", "/psi", 0.0, 1.0),
    Binding("midi/note/2/60", "/text/normalize"),
    Binding("midi/bend/3", "/latent/position", 1.0, 0.0),
    Binding("midi/cc/1/22", "/psi", 0.0, 1.0, relative=True),
    Binding("/fader", "/psi"),
    Binding("midi/cc/1/23", "/random"),
    Binding("midi/cc/99", "/psi"),  # from a file
)
PAIRS = FinePairs()
SEED = Recipe(psi=0.5, text=TextPart(normalize=True), latent=LatentPart(position=0.0))


class FakeOut:
    """Stands for mido: a port that keeps what it is sent."""

    Message = mido.Message

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.opened: list[str] = []
        self.closed = 0
        self.broken = False

    def get_output_names(self) -> list[str]:
        """Linux has numbered it otherwise than the input."""
        return ["Through 14:0", "Knobs 24:1"]

    def open_output(self, name: str) -> FakeOut:
        """Open it."""
        self.opened.append(name)
        return self

    def send(self, message: Any) -> None:
        """A message goes out."""
        if self.broken:
            raise OSError("the cable is out")
        self.sent.append(message)

    def close(self) -> None:
        """Close it."""
        self.closed += 1


def lamps() -> tuple[Lamps, FakeOut]:
    """Lamps of a controller."""
    fake = FakeOut()
    return Lamps(lambda: fake), fake


def told(
    these: Lamps, recipe: Recipe, now_s: float, plugged: tuple[str, int] | None = ("Knobs 20:0", 1)
) -> float | None:
    """Tell them of a recipe."""
    return these.tell(plugged, BINDINGS[:6], (recipe, None), now_s)


def test_each_mapped_value_is_sent_once() -> None:
    these, out = lamps()
    assert told(these, SEED, 0.0) is None
    assert out.opened == ["Knobs 24:1"]
    assert out.sent == [
        mido.Message("control_change", channel=0, control=21, value=64),
        mido.Message("note_on", channel=1, note=60, velocity=127),
        mido.Message("pitchwheel", channel=2, pitch=8191),
    ]
    told(these, SEED, 1.0)
    assert len(out.sent) == 3


def test_fine_controllers_are_sent_both_halves_and_their_echo_is_no_hand() -> None:
    these, out = lamps()
    fine = Binding("midi/cc14/1/7", "/psi", 0.0, 1.0), Binding("midi/nrpn/2/1234", "/psi", 0.0, 1.0)
    these.tell(("Knobs 20:0", 1), fine, (SEED, None), 0.0)
    sent = [(one.channel, one.control, one.value) for one in out.sent]
    assert sent[:2] == [(0, 7, 64), (0, 39, 0)]
    assert sent[2:] == [(1, 99, 9), (1, 98, 82), (1, 6, 64), (1, 38, 0)]
    looped = [signal for one in out.sent if (signal := signal_of(one)) is not None]
    bound = [binding.source for binding in fine]
    heard = [
        signal
        for one in looped
        for signal in these.heard(PAIRS.heard([one], bound, 0.01), 0.01)
        if signal.values[0] == 8192 / 16383
    ]
    assert heard == []


def test_changes_are_sent_at_a_slow_pace() -> None:
    these, out = lamps()
    for redraw in range(1000):
        told(these, Recipe(psi=redraw % 100 / 100), redraw / 1000)
    assert 3 < len(out.sent) < 40
    assert told(these, SEED, 0.9995) is not None  # something is left, so it asks to come again


def test_a_hand_is_not_fought_and_an_echo_is_no_hand() -> None:
    these, out = lamps()
    told(these, SEED, 0.0)
    echo = Signal("midi/cc/1/21", (64 / 127,))
    assert these.heard([echo], 0.1) == []
    assert these.heard([echo], 1 + ECHO_S) == [echo]
    moved = Signal("midi/cc/1/21", (1.0,))
    assert these.heard([moved], 5.0) == [moved]
    out.sent.clear()
    assert told(these, Recipe(psi=1.0), 5.1) is None and out.sent == []  # it stands there already
    assert told(these, Recipe(psi=0.2), 5.2) == 5.0 + HAND_S and out.sent == []
    told(these, Recipe(psi=0.2), 6.0)
    assert out.sent[-1].value == 25


def test_a_controller_that_comes_back_is_told_everything_again() -> None:
    these, out = lamps()
    told(these, SEED, 0.0)
    out.broken = True
    told(these, Recipe(psi=0.1), 1.0)
    told(these, SEED, 2.0, None)
    assert out.closed == 1
    out.broken = False
    told(these, SEED, 3.0, ("Knobs 20:0", 2))
    assert len(out.opened) == 2 and len(out.sent) == 6
    told(these, SEED, 4.0, ("Elsewhere", 1))
    told(these, SEED, 9.0, ("Elsewhere", 1))
    assert len(out.opened) == 2


def test_what_a_file_names_wrongly_stops_nothing() -> None:
    these, out = lamps()
    assert these.tell(("Knobs 20:0", 1), BINDINGS[::-1], (SEED, None), 0.0) is None
    assert len(out.sent) == 3
    assert these.heard([Signal("midi/cc/1/21", ("loud",)), Signal("/a")], 0.0)
