"""Following a MIDI clock: 24 pulses a quarter note, whose jitter is taken out by a straight line
through the last pulses.

Source: "MIDI 1.0 Detailed Specification" (1995), System Real Time Messages and Song Position.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from visualizer.music.tempo import MAX_BPM, MIN_BPM

PULSES = 24
"""Pulses per quarter note."""
PULSES_A_SIXTEENTH = 6
WINDOW = 96
"""Pulses that the line goes through: a bar of four quarters."""
LATEST = 8
"""Pulses that must agree that the clock has jumped or changed its tempo."""
JUMP_S = 0.006
SILENCE_S = 1.0
"""A clock that is silent for longer has stopped."""


@dataclass(frozen=True)
class Heard:
    """One message of a clock: its kind as mido names it, when it came, and the song position in
    sixteenths where it is one."""

    kind: str
    time_s: float
    position: int = 0


class MidiClock:
    """Follows the pulses of one clock."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=WINDOW)
        self._last = -1
        """The number of the last pulse; beat 0 is pulse 0."""
        self._line: tuple[float, float] | None = None

    def hear(self, heard: Heard) -> None:
        """Take one message in; what is no message of a clock is ignored."""
        if not math.isfinite(heard.time_s):
            return
        if heard.kind == "clock":
            self._pulse(heard.time_s)
        elif heard.kind == "start":
            self._last = -1
        elif heard.kind == "songpos":
            self._last = max(heard.position, 0) * PULSES_A_SIXTEENTH - 1

    def alive(self, now_s: float) -> bool:
        """Return whether its pulses come, in a tempo that can be played."""
        return self._fit() is not None and now_s - self._times[-1] <= SILENCE_S

    def at(self, now_s: float) -> tuple[float, float] | None:
        """Return tempo and beat now, or None while it is not alive."""
        line = self._fit()
        if line is None or not self.alive(now_s):
            return None
        start_s, step_s = line
        beat = (self._last + (now_s - start_s) / step_s) / PULSES
        return 60 / (step_s * PULSES), beat

    def _pulse(self, time_s: float) -> None:
        if self._times and not 0 <= time_s - self._times[-1] <= SILENCE_S:
            self._times.clear()
        self._times.append(time_s)
        self._last += 1
        self._line = None
        if len(self._times) >= 3 * LATEST and self._jumped():
            latest = list(self._times)[-LATEST:]
            self._times.clear()
            self._times.extend(latest)

    def _jumped(self) -> bool:
        """Return whether the latest pulses are all elsewhere than the earlier ones foretell."""
        times = list(self._times)
        start_s, step_s = line_through(times[:-LATEST])
        off = [time_s - start_s - step_s * (i + 1) for i, time_s in enumerate(times[-LATEST:])]
        return abs(sum(off) / LATEST) > JUMP_S

    def _fit(self) -> tuple[float, float] | None:
        """Return when the last pulse was due, and the time from pulse to pulse; None while that is
        not known."""
        if self._line is None and len(self._times) >= LATEST:
            self._line = line_through(list(self._times))
        if self._line is None:
            return None
        step_s = self._line[1]
        good = 60 / (MAX_BPM * PULSES) * 0.98 <= step_s <= 60 / (MIN_BPM * PULSES) * 1.02
        return self._line if good else None


def line_through(times: Sequence[float]) -> tuple[float, float]:
    """The straight line that is nearest to times at equal steps, two at least: its value at the
    last, and its slope."""
    count, last = len(times), times[-1]
    middle = (count - 1) / 2
    mean = sum(time_s - last for time_s in times) / count
    spread = count * (count * count - 1) / 12
    slope = sum((i - middle) * (time_s - last) for i, time_s in enumerate(times)) / spread
    return last + mean + slope * middle, slope
