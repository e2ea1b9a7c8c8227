"""The share of a redraw that programs outside may take: OSC, MIDI and scripts never stop it."""

from __future__ import annotations

from collections.abc import Callable

WORK_S = 0.008
"""Longest that one of them is worked for between two redraws; the rest waits for the next."""


class Budget:
    """The time that is left for what came in; it begins to run when it is made.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._end_s = clock, clock() + WORK_S

    def spent(self) -> bool:
        """Say whether the rest has to wait; to be asked after each small piece of work."""
        return self._clock() >= self._end_s
