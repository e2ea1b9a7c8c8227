"""The time that each block of a picture took: the clock is read between blocks."""

from __future__ import annotations

import time
from collections.abc import Callable

BlockMs = tuple[tuple[int, float], ...]
"""(resolution, milliseconds) of each block, coarsest first; 0.0 for one that was kept."""


class BlockTimes:
    """Measures the blocks of one picture; it starts when it is made.

    Args:
        wait: called before the clock is read, where the device works on its own.
        clock: seconds, of which only differences count.
    """

    def __init__(
        self,
        wait: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._wait, self._clock = wait, clock
        self._times: list[tuple[int, float]] = []
        self._last_s = clock()

    def done(self, resolution: int) -> None:
        """The block of `resolution` is drawn, or was kept."""
        if self._wait is not None:
            self._wait()
        now_s = self._clock()
        self._times.append((resolution, (now_s - self._last_s) * 1e3))
        self._last_s = now_s

    @property
    def count(self) -> int:
        """Return how many blocks are done."""
        return len(self._times)

    def told(self, drawn: int | None = None) -> BlockMs:
        """The times.

        Args:
            drawn: how many blocks were really drawn, the finest ones; the others count as 0.0.
                None: all of them.
        """
        kept = 0 if drawn is None else max(0, len(self._times) - drawn)
        return tuple(
            (resolution, 0.0 if index < kept else ms)
            for index, (resolution, ms) in enumerate(self._times)
        )
