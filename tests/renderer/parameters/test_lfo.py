"""Oscillators: their shapes, their ranges, and that they do not drift."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import msgspec
import pytest

from renderer.parameters.lfo import MAX_LFOS, SHAPES, Lfo, free_number, numbered


@pytest.mark.parametrize(
    ("shape", "quarters"),
    [
        ("sine", [0.5, 1.0, 0.5, 0.0]),
        ("triangle", [0.5, 1.0, 0.5, 0.0]),
        ("saw", [0.0, 0.25, 0.5, 0.75]),
        ("square", [1.0, 1.0, 0.0, 0.0]),
    ],
)
def test_a_turn_takes_its_period(shape: str, quarters: list[float]) -> None:
    lfo = msgspec.convert({"shape": shape, "period": 8.0}, Lfo)
    assert [lfo.at(2.0 * i, 99.0) for i in range(4)] == pytest.approx(quarters, abs=1e-12)
    assert lfo.at(16.0, 0.0) == pytest.approx(lfo.at(0.0, 0.0))


def test_seconds_phase_depth_and_centre() -> None:
    lfo = Lfo("saw", 2.0, "seconds", phase=0.5, depth=0.5, centre=0.75)
    assert (lfo.at(0.0, 0.0), lfo.at(7.0, 0.5)) == (0.75, 0.875)
    assert Lfo("square", centre=0.9).at(0.0, 0.0) == 1.0  # it stays within its range


def test_random_ones_hold_or_drift_and_differ() -> None:
    held, drift = Lfo("random", 1.0), Lfo("drift", 1.0)
    values = [held.at(float(i), 0.0) for i in range(200)]
    assert len(set(values)) == 200 and min(values) < 0.1 and max(values) > 0.9
    assert held.at(3.0, 0.0) == held.at(3.9, 0.0) != Lfo("random", 1.0, number=1).at(3.0, 0.0)
    steps = [drift.at(i / 100, 0.0) for i in range(2000)]
    assert max(abs(a - b) for a, b in pairwise(steps)) < 0.03


@pytest.mark.parametrize("shape", SHAPES)
def test_all_stay_within_0_and_1_whatever_the_time(shape: str) -> None:
    lfo = msgspec.convert({"shape": shape}, Lfo)
    for beat in (-1e18, -3.7, 0.0, 1e-300, 12.34, 1e18, math.inf, -math.inf, math.nan):
        assert 0.0 <= lfo.at(beat, beat) <= 1.0


def test_numbers_are_kept_and_given_once() -> None:
    found = numbered([Lfo(), Lfo(number=3), Lfo(number=3), Lfo()])
    assert [lfo.number for lfo in found] == [1, 3, 2, 4]
    assert numbered(found[1:]) == found[1:]
    assert [lfo.number for lfo in numbered([Lfo()] * 10_000)] == list(range(1, MAX_LFOS + 1))
    assert free_number(found) == 5
    assert free_number(found[1:]) == 1
    assert free_number(found[1:], {1}) == 5
    everything = set(range(1, MAX_LFOS + 1))
    assert free_number((), everything) == 1
    assert free_number([Lfo(number=number) for number in everything]) == 0


def test_ten_minutes_do_not_drift() -> None:
    lfo = Lfo("saw", 0.7, "seconds")
    exact = Fraction(600) / Fraction(0.7) % 1
    assert abs(Fraction(lfo.at(0.0, 600.0)) - exact) * Fraction(0.7) < 1e-6


@pytest.mark.parametrize(
    "bad", [{"period": 0}, {"period": 1e9}, {"depth": -1}, {"phase": 7}, {"shape": "x"}, {"z": 1}]
)
def test_files_with_other_values_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, Lfo)
