"""MIDI clock: jitter is taken out, stops and jumps are noticed."""

from __future__ import annotations

import math
import random

import pytest

from visualizer.music.midi_clock import SILENCE_S, Heard, MidiClock


def play(
    clock: MidiClock, begin_s: float, count: int, bpm: float = 120.0, jitter_s: float = 0.0
) -> float:
    """Send pulses, late by chance as USB sends them; returns when the next one is due."""
    chance = random.Random(1)
    for pulse in range(count):
        late_s = chance.uniform(-jitter_s, jitter_s)
        clock.hear(Heard("clock", begin_s + pulse * 2.5 / bpm + late_s))
    return begin_s + count * 2.5 / bpm


def test_jitter_is_below_five_milliseconds_over_ten_minutes() -> None:
    clock, chance = MidiClock(), random.Random(7)
    clock.hear(Heard("start", 0.0))
    worst_s = 0.0
    for pulse in range(28_800):
        due_s = 50.0 + pulse / 48
        clock.hear(Heard("clock", due_s + chance.uniform(-0.005, 0.005)))
        if pulse >= 48 and (found := clock.at(due_s + 0.01)):
            worst_s = max(worst_s, abs(found[1] - (due_s + 0.01 - 50.0) * 2) / 2)
    assert 0.0 < worst_s < 0.005
    found = clock.at(650.0)
    assert found is not None and found[0] == pytest.approx(120.0, abs=0.5)


def test_start_continue_and_song_position() -> None:
    clock = MidiClock()
    clock.hear(Heard("start", 0.0))
    end_s = play(clock, 0.0, 49)
    assert clock.at(end_s - 2.5 / 120) == pytest.approx((120.0, 2.0))
    clock.hear(Heard("stop", end_s))
    clock.hear(Heard("songpos", end_s, 64))  # 16 quarters
    clock.hear(Heard("continue", end_s))
    end_s = play(clock, end_s, 25)
    assert clock.at(end_s - 2.5 / 120) == pytest.approx((120.0, 17.0))


def test_a_clock_that_stops_is_not_alive() -> None:
    clock = MidiClock()
    end_s = play(clock, 0.0, 48)
    assert clock.alive(end_s)
    assert not clock.alive(end_s + SILENCE_S) and clock.at(end_s + SILENCE_S) is None
    end_s = play(clock, end_s + 10, 24)
    assert clock.alive(end_s)


def test_another_tempo_is_followed_within_a_beat() -> None:
    clock = MidiClock()
    end_s = play(clock, 0.0, 200, 120.0, 0.003)
    end_s = play(clock, end_s, 24, 90.0, 0.003)
    found = clock.at(end_s)
    assert found is not None and found[0] == pytest.approx(90.0, abs=3.0)


def test_floods_and_nonsense_are_no_tempo() -> None:
    clock = MidiClock()
    for _ in range(10_000):
        clock.hear(Heard("clock", 5.0))
    assert clock.at(5.0) is None
    for time_s in (math.nan, math.inf, -math.inf):
        clock.hear(Heard("clock", time_s))
    clock.hear(Heard("songpos", 5.0, -3))
    clock.hear(Heard("reset", 5.0))
    end_s = play(clock, 6.5, 48)  # and a good one after it works
    assert clock.alive(end_s)
    play(clock, 0.0, 24)  # times that run backwards
