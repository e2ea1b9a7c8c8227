"""The moment at which a picture in work makes way for a newer recipe."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 0.1
"""A picture that takes no longer than this is always finished."""
LONG_S = 1.0
"""A picture that takes longer than this is given up as often as a newer recipe comes."""


class Patience:
    """Decides whether the picture in work should make way for a newer recipe.

    A drag sends recipes faster than pictures are made.  Giving up every picture would show nothing
    until the hand rests; giving up none would make a slow model follow seconds late.  So a picture
    is given up once it has taken `PATIENCE_S`, unless it is about to be done or the one before was
    given up already; pictures that take `LONG_S` are given up as often as a newer recipe comes.
    Of a slow model, too, little may be new, as where only the last block hears what is dragged: the
    share that is done tells how long this picture takes.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._start = 0.0
        self._usual_s = 0.0
        self._owed = False
        self._share = 0.0

    def begin(self) -> None:
        """A picture is begun."""
        self._start, self._share = self._clock(), 0.0

    def told(self, share: float) -> None:
        """Take the share of the picture in work that is done, from 0 to 1."""
        self._share = share

    def finished(self) -> None:
        """The picture was finished, whether it shows or fails."""
        # Pictures that came from a cache say little of the next one: they count slowly.
        self._usual_s = max(self._elapsed(), 0.9 * self._usual_s)
        self._owed = False

    def given_up(self) -> None:
        """The picture was given up."""
        self._usual_s = max(self._elapsed(), self._usual_s)
        self._owed = True

    def over(self) -> bool:
        """Return whether the picture in work should be given up for a newer one."""
        elapsed = self._elapsed()
        if elapsed <= PATIENCE_S:
            return False
        expected = elapsed / self._share if self._share else self._usual_s
        if max(elapsed, expected) > LONG_S:
            return True
        about_done = abs(expected - elapsed) < PATIENCE_S
        return not (self._owed or about_done)

    def _elapsed(self) -> float:
        return self._clock() - self._start
