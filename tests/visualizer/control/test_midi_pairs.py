"""Fine MIDI controllers: halves are put together, and nothing jumps between them."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from visualizer.control.midi_pairs import HOLD_S, MAX_PAIRS, FinePairs, halves
from visualizer.control.signal_queue import Signal

Sent = tuple[int, int]
COARSE, FINE = "midi/cc/1/21", "midi/cc14/1/21"


def signals(*sent: Sent, at_s: float = 0.0) -> list[Signal]:
    """Messages of channel 1: (controller, value)."""
    return [Signal(f"midi/cc/1/{control}", (value / 127,), at_s) for control, value in sent]


class Ear:
    """Hears messages one at a time, as the loop does, at a clock of its own."""

    def __init__(self, *bound: str) -> None:
        self.pairs, self.now_s = FinePairs(), 0.0
        self.bound: Collection[str] = bound

    def hear(self, *sent: Sent, rest_s: float = 0.001) -> list[Signal]:
        """What comes of them."""
        found = []
        for one in sent:
            self.now_s += rest_s
            found += self.pairs.heard(signals(one, at_s=self.now_s), self.bound, self.now_s)
        return found

    def rest(self) -> list[Signal]:
        """What comes once nothing more does."""
        self.now_s += 2 * HOLD_S
        return self.pairs.heard([], self.bound, self.now_s)

    def steps(self, *sent: Sent) -> list[int]:
        """The 14-bit numbers that come of messages and the rest after them."""
        return [number(signal) for signal in (*self.hear(*sent), *self.rest())]


def number(signal: Signal) -> int:
    """The 14-bit number that a signal carries."""
    assert isinstance(signal.values[0], float)
    return round(signal.values[0] * 16383)


def halved(control: int, number: int, *, fine_first: bool = False) -> tuple[Sent, ...]:
    """The two messages of a number."""
    pair = (control, number >> 7), (control + 32, number & 127)
    return pair[::-1] if fine_first else pair


@pytest.mark.parametrize("way", [1, -1])
def test_a_pair_sweeps_without_jumps_over_the_coarse_halves(way: int) -> None:
    ear, wanted = Ear(FINE), list(range(1270, 1290))[::way]
    ear.steps(*halved(21, wanted[0]))
    found = [step for one in wanted for step in map(number, ear.hear(*halved(21, one)))]
    assert found == wanted


def test_a_coarse_half_that_changes_alone_before_many_fine_ones_waits_for_them() -> None:
    ear = Ear(FINE)
    ear.steps(*halved(21, 10 * 128 + 126))
    assert ear.steps((53, 127), (21, 11), (53, 0), (53, 1)) == [1407, 1408, 1409]


def test_a_slow_redraw_between_the_halves_changes_nothing() -> None:
    pairs = FinePairs()
    first = pairs.heard(signals((21, 10), at_s=0.0), [FINE], 0.001)
    late = pairs.heard(signals((53, 5), (21, 11), (53, 6), at_s=0.002), [FINE], 0.5)
    assert first == []
    assert [number(one) for one in late] == [10 * 128 + 5, 11 * 128 + 6]


def test_a_fine_half_that_comes_first_is_found_out() -> None:
    ear = Ear(FINE)
    for step in (1279, 1278):
        ear.steps(*halved(21, step, fine_first=True))
    wanted = list(range(1278, 1284))
    found = [
        number(signal) for one in wanted for signal in ear.hear(*halved(21, one, fine_first=True))
    ]
    assert found == wanted


def test_a_coarse_half_alone_sets_the_fine_one_to_nothing() -> None:
    ear = Ear(FINE)
    assert ear.steps(*halved(21, 1300))[-1] == 1300
    assert ear.steps((21, 11)) == [11 * 128]
    assert ear.steps((21, 12), (21, 13)) == [12 * 128, 13 * 128]


def test_a_controller_without_a_fine_half_reaches_both_ends_at_once() -> None:
    ear = Ear(FINE)
    assert ear.steps((21, 0)) == [0]
    assert [number(one) for one in ear.hear((21, 127), (21, 0))] == [16383, 0]


def test_two_halves_in_a_row_are_found_to_be_one_controller() -> None:
    ear = Ear()
    assert [one.source for one in ear.hear(*halved(21, 1300))] == [COARSE, FINE]
    assert [one.source for one in ear.hear(*halved(21, 1301))] == [FINE]
    ear.pairs.forget()
    assert [one.source for one in ear.hear((21, 3))] == [COARSE]


def test_two_knobs_that_rest_between_their_messages_are_two() -> None:
    ear = Ear()
    found = ear.hear((21, 3), (53, 4), (21, 5), (53, 6), rest_s=2 * HOLD_S)
    assert [one.source for one in found] == [COARSE, "midi/cc/1/53"] * 2


def test_halves_that_were_bound_before_still_come() -> None:
    ear = Ear(COARSE)
    found = [*ear.hear(*halved(21, 1300)), *ear.hear(*halved(21, 2600))]
    assert [one for one in found if one.source == COARSE] == signals((21, 10), (21, 20))
    assert "midi/cc/1/53" not in [one.source for one in found]


def test_parameters_with_a_number_are_sources_of_their_own() -> None:
    ear = Ear()
    found = ear.hear((99, 9), (98, 82), (6, 64), (38, 1), (6, 65), (38, 2))
    assert {one.source for one in found} == {"midi/nrpn/1/1234"}
    assert [number(one) for one in found] == [64 * 128 + 1, 65 * 128 + 2]
    assert ear.hear((98, 83), (6, 127)) == []  # only the half of the number that differs
    assert ear.rest() == [Signal("midi/nrpn/1/1235", (1.0,))]
    assert ear.hear((99, 127), (98, 127), (6, 1))[-1].source == "midi/cc/1/6"


def test_registered_parameters_end_the_ones_before() -> None:
    ear = Ear()
    ear.hear((99, 9), (98, 82), (6, 64))
    assert [one.source for one in ear.hear((101, 0), (100, 0), (6, 2))] == ["midi/cc/1/6"]


def test_a_knob_that_has_the_number_of_a_selector_still_is_a_knob() -> None:
    ear = Ear()
    assert ear.hear((98, 5)) == []
    assert ear.rest() == signals((98, 5))
    assert ear.hear((98, 6), (7, 1)) == signals((98, 6), (7, 1))
    bound = Ear("midi/cc/1/98")
    assert [*bound.hear((98, 5)), *bound.rest()] == signals((98, 5))


def test_what_is_no_controller_passes_and_pairs_are_bounded() -> None:
    pairs, odd = FinePairs(), Signal("midi/cc/1/5", (float("nan"),))
    others = [Signal("/psi", (0.5,)), Signal("midi/bend/1", (0.5,)), odd]
    assert pairs.heard(others, (), 0.0) == others
    flood = [(99, 1), (98, 1), (6, 1)]
    for index in range(2 * MAX_PAIRS):
        flood[0], flood[1] = (99, index >> 7), (98, index & 127)
        pairs.heard(signals(*flood), (), 0.0)
    assert len(pairs._pairs) <= MAX_PAIRS


def test_the_halves_of_a_source() -> None:
    assert halves(FINE) == {COARSE, "midi/cc/1/53"}
    assert "midi/cc/2/6" in halves("midi/nrpn/2/1234")
    assert halves(COARSE) == halves("/psi") == frozenset()
