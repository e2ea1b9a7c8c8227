"""Listening to sound: level, three bands and onsets, as numbers of 0 to 1.

Pure: samples in, values out; time is counted in samples.
"""

from __future__ import annotations

import math

import numpy as np

from renderer.parameters.hearing import BANDS_HZ, NAMES, Hearing

WINDOW = 2048
"""Samples that the bands are measured in: 43 ms at 48 kHz."""
FLOOR_DB = -60.0
"""Quieter than this is 0; full scale is 1."""
ONSET_RISE, ONSET_TIMES, ONSET_REST_S = 0.15, 2.0, 0.1
"""An onset is a rise of the bands by this much, and by this many times the usual rise; not two
within this time."""
ONSET_FADE_S, USUAL_S = 0.15, 1.0


class Listener:
    """Follows a stream of samples.

    Args:
        rate_hz: samples a second.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._window = np.zeros(WINDOW, np.float32)
        self._taper = np.hanning(WINDOW).astype(np.float32)
        places_hz = np.fft.rfftfreq(WINDOW, 1 / rate_hz)
        self._bands = [(places_hz >= low) & (places_hz < high) for low, high in BANDS_HZ.values()]
        self._smooth = np.zeros(1 + len(BANDS_HZ))
        self._raw = np.zeros(len(BANDS_HZ))
        self._usual = self._onset = 0.0
        self._rest_s = math.inf

    def hear(self, block: np.ndarray, how: Hearing) -> dict[str, float]:
        """Take the next samples in, and return the values of `NAMES`, 0 to 1.

        Args:
            block: [N, channels] or [N], full scale is 1; what is not finite counts as silence.
            how: the settings.
        """
        samples = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
        if samples.ndim > 1:
            samples = samples.mean(axis=1) if samples.shape[1] else samples[:, :0].sum(axis=1)
        count = len(samples)
        if not count:
            return self._values()
        gain = 10 ** (how.gain_db / 20)
        samples = np.clip(samples * gain, -1.0, 1.0)
        self._window = np.concatenate([self._window, samples])[-WINDOW:]
        now = np.array([_share(float(np.sqrt(np.mean(samples**2)))), *self._in_bands()])
        now[now < how.gate] = 0.0
        past_s = count / self._rate_hz
        self._strike(now[1:], past_s)
        for place, value in enumerate(now):
            time_s = how.attack_s if value > self._smooth[place] else how.release_s
            step = 1 - math.exp(-past_s / time_s) if time_s > 0 else 1.0
            self._smooth[place] += (value - self._smooth[place]) * step
        return self._values()

    def _in_bands(self) -> list[float]:
        """The level of each band: by Parseval's theorem, as if the others were filtered out."""
        power = np.abs(np.fft.rfft(self._window * self._taper)) ** 2
        scale = 2 / (WINDOW * float(np.sum(self._taper**2)))
        return [_share(math.sqrt(float(power[band].sum()) * scale)) for band in self._bands]

    def _strike(self, bands: np.ndarray, past_s: float) -> None:
        rise = float(np.maximum(bands - self._raw, 0.0).max())
        self._raw = bands
        self._rest_s += past_s
        self._onset *= math.exp(-past_s / ONSET_FADE_S)
        if rise > max(ONSET_RISE, ONSET_TIMES * self._usual) and self._rest_s >= ONSET_REST_S:
            self._onset, self._rest_s = 1.0, 0.0
        self._usual += (rise - self._usual) * min(past_s / USUAL_S, 1.0)

    def _values(self) -> dict[str, float]:
        return dict(zip(NAMES, (*map(float, self._smooth), self._onset), strict=True))


def _share(level: float) -> float:
    """A level, full scale 1, as a share of the decibels above the floor."""
    if level <= 0.0:
        return 0.0
    return min(max(1 - 20 * math.log10(level) / FLOOR_DB, 0.0), 1.0)
