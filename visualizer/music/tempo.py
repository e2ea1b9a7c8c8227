"""The tempo: which beat it is at a time, typed, tapped or following a clock.

A beat is counted from the time that passed since an anchor, never added up: it does not drift.
"""

from __future__ import annotations

import math

from renderer.parameters.lfo import TEMPO

MIN_BPM, MAX_BPM = map(float, TEMPO.kind.limits)
DEFAULT_BPM = TEMPO.default
REST_S = 2.5
"""A longer pause between two taps begins a new tempo."""
MAX_TAPS = 8


class Tempo:
    """Counts beats.  All times are of one monotonic clock, in seconds.

    Args:
        now_s: when beat 0 is.
        bpm: beats per minute.
    """

    def __init__(self, now_s: float, bpm: float = DEFAULT_BPM) -> None:
        self.bpm = within(bpm)
        self._beat, self._since_s = 0.0, now_s
        self._taps: list[float] = []

    def beat_at(self, now_s: float) -> float:
        """Return the beat at a time, with its fraction."""
        return self._beat + (now_s - self._since_s) * self.bpm / 60

    def next_beat_s(self, now_s: float) -> float:
        """Return when the next whole beat is."""
        return now_s + (math.floor(self.beat_at(now_s)) + 1 - self.beat_at(now_s)) * 60 / self.bpm

    def set(self, bpm: float, now_s: float) -> None:
        """Go on from the current beat in another tempo; one that is no number is not taken."""
        if math.isfinite(bpm) and within(bpm) != self.bpm:
            self.follow(bpm, self.beat_at(now_s), now_s)

    def follow(self, bpm: float, beat: float, now_s: float) -> None:
        """Be at `beat` now, as a clock says, and go on from there."""
        if math.isfinite(bpm) and math.isfinite(beat):
            self.bpm, self._beat, self._since_s = within(bpm), beat, now_s

    def tap(self, now_s: float) -> None:
        """A beat is now; from the second tap on they say the tempo, too."""
        if self._taps and not 0 < now_s - self._taps[-1] <= REST_S:
            self._taps.clear()
        self._taps = [*self._taps, now_s][-MAX_TAPS:]
        bpm = self.bpm
        if len(self._taps) > 1:
            bpm = 60 * (len(self._taps) - 1) / (self._taps[-1] - self._taps[0])
        self.follow(bpm, round(self.beat_at(now_s)), now_s)

    def restart(self, now_s: float) -> None:
        """Beat 0, the first of a bar, is now."""
        self.follow(self.bpm, 0.0, now_s)


def within(bpm: float) -> float:
    """Return the nearest tempo that can be played; the default for what is no number."""
    return min(max(bpm, MIN_BPM), MAX_BPM) if math.isfinite(bpm) else DEFAULT_BPM
