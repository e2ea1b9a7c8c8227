"""Listening: tones, beats and rubbish come out as values of 0 to 1."""

from __future__ import annotations

import math

import numpy as np
import pytest

from renderer.parameters.hearing import NAMES, Hearing
from visualizer.music.spectrum import Listener

RATE = 48_000.0
AT_ONCE = Hearing(attack_s=0.0, release_s=0.0)


def tone(hz: float, seconds: float = 0.2, level: float = 1.0) -> np.ndarray:
    """A sine in two channels."""
    wave = level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)
    return np.stack([wave, wave], 1).astype(np.float32)


def heard(samples: np.ndarray, how: Hearing = AT_ONCE) -> list[dict[str, float]]:
    """The values after each block."""
    listener = Listener(RATE)
    return [listener.hear(samples[at : at + 512], how) for at in range(0, len(samples), 512)]


@pytest.mark.parametrize(("hz", "band"), [(80.0, "low"), (700.0, "mid"), (5000.0, "high")])
def test_a_tone_is_in_its_band(hz: float, band: str) -> None:
    last = heard(tone(hz))[-1]
    others = {"low", "mid", "high"} - {band}
    assert last[band] == pytest.approx(0.95, abs=0.03)  # -3 dB
    assert all(last[other] < 0.35 for other in others)
    assert last["level"] == pytest.approx(0.95, abs=0.03)


def test_gain_and_gate() -> None:
    quiet = tone(700.0, level=0.01)
    plain = heard(quiet)[-1]["level"]
    assert heard(quiet, Hearing(gain_db=20.0, attack_s=0.0))[-1]["level"] == pytest.approx(
        plain + 1 / 3, abs=0.01
    )
    assert heard(quiet, Hearing(gate=0.5, attack_s=0.0))[-1]["level"] == 0.0


def test_values_rise_and_fall_in_their_time() -> None:
    listener, how = Listener(RATE), Hearing(attack_s=0.1, release_s=0.5)
    up = down = 0.0
    for _ in range(int(0.1 * RATE / 480)):
        up = listener.hear(tone(700.0, 0.01), how)["level"]
    assert up == pytest.approx(0.95 * (1 - math.exp(-1)), abs=0.05)
    for _ in range(int(0.5 * RATE / 480)):
        down = listener.hear(np.zeros((480, 2), np.float32), how)["level"]
    assert down == pytest.approx(up * math.exp(-1), abs=0.05)


def test_each_drum_is_one_onset_and_a_steady_tone_is_none() -> None:
    drum = tone(80.0, 0.1) * np.linspace(1, 0, int(0.1 * RATE))[:, None] ** 2
    bar = np.concatenate([drum, np.zeros((int(0.4 * RATE), 2))])
    onsets = [values["onset"] for values in heard(np.tile(bar, (4, 1)))]
    assert sum(value == 1.0 for value in onsets) == 4
    steady = [values["onset"] for values in heard(tone(80.0, 2.0))]
    assert sum(value == 1.0 for value in steady) == 1


def test_rubbish_is_silence() -> None:
    listener = Listener(RATE)
    for bad in (math.nan, math.inf, -math.inf, 1e38):
        values = listener.hear(np.full((512, 2), bad, np.float32), Hearing())
        assert set(values) == set(NAMES)
        assert all(0.0 <= value <= 1.0 for value in values.values())
    for empty in (np.zeros((0, 2)), np.zeros((8, 0)), np.zeros(0)):
        listener.hear(empty, Hearing())
    last = heard(np.full((48_000, 1), np.nan, np.float32))[-1]
    assert all(value == 0.0 for value in last.values())
