"""Tempo: beats from the time, taps, and what is no tempo."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from visualizer.music.tempo import DEFAULT_BPM, MAX_BPM, MIN_BPM, Tempo, within


def test_ten_minutes_do_not_drift() -> None:
    tempo, now_s = Tempo(1000.0, 127.3), 1000.0
    chance = random.Random(4)
    while now_s < 1600.0:  # redraws at any pace; asking changes nothing
        tempo.beat_at(now_s)
        now_s += chance.uniform(0.001, 0.1)
    exact = Fraction(600) * Fraction(127.3) / 60
    assert abs(Fraction(tempo.beat_at(1600.0)) - exact) * 60 / Fraction(127.3) < 1e-6


def test_another_tempo_goes_on_from_the_beat() -> None:
    tempo = Tempo(0.0, 120.0)
    tempo.set(60.0, 1.0)
    assert (tempo.beat_at(1.0), tempo.beat_at(3.0)) == (2.0, 4.0)


def test_taps_give_the_tempo_and_the_beat() -> None:
    tempo = Tempo(0.0)
    for tap in range(5):
        tempo.tap(10.1 + tap * 0.4)
    assert tempo.bpm == pytest.approx(150.0)
    assert tempo.beat_at(11.7) == round(tempo.beat_at(11.7))
    tempo.tap(20.0)  # after a rest: a beat, but the same tempo
    assert tempo.bpm == pytest.approx(150.0)
    tempo.tap(21.0)
    assert tempo.bpm == pytest.approx(60.0)


@pytest.mark.parametrize("bpm", [0.0, -5.0, 1e-300, math.inf, -math.inf, math.nan, 1e300])
def test_impossible_tempos_count_on(bpm: float) -> None:
    tempo = Tempo(0.0)
    tempo.set(bpm, 1.0)
    tempo.follow(bpm, 2.0, 1.0)
    assert MIN_BPM <= tempo.bpm <= MAX_BPM and math.isfinite(tempo.beat_at(2.0))
    assert MIN_BPM <= within(bpm) <= MAX_BPM


def test_two_taps_at_one_moment_are_one() -> None:
    tempo = Tempo(0.0)
    tempo.tap(1.0)
    tempo.tap(1.0)
    assert tempo.bpm == DEFAULT_BPM


def test_the_next_beat_and_a_new_first_one() -> None:
    tempo = Tempo(0.0, 120.0)
    assert tempo.next_beat_s(0.2) == pytest.approx(0.5)
    tempo.restart(0.2)
    assert tempo.beat_at(0.2) == 0.0
