"""Random walks over the plane of seeds: endless, smooth, and the same for the same seed.

A walk goes in strides of about one seed.  At the end of each it takes a new heading, chosen by the
walk's seed and the stride's number alone; in between, its velocity goes evenly from one heading to
the next, so that neither place nor velocity ever jumps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SHARPEST_TURN = 0.75 * math.pi
"""The largest turn from one stride to the next, when nothing is smoothed, in radians."""
GENTLEST_TURN = 0.1 * math.pi
_MASK = 2**64 - 1


@dataclass(frozen=True)
class Stride:
    """Stride number `index` begins at `x`, `y`, in seeds to the right and rows down, with
    `heading`, in radians."""

    index: int
    x: float
    y: float
    heading: float


class RandomWalk:
    """A path over the plane, as a function of the distance walked alone.

    Where the path is asked for in small steps or large ones, it is the same.  What is kept of it
    is one stride, however far it goes.

    Args:
        seed: which walk; a whole number.
        smoothness: 0 turns on its heel, 1 hardly turns.
    """

    def __init__(self, seed: int, smoothness: float = 0.5) -> None:
        self._seed = seed
        share = min(max(smoothness, 0.0), 1.0)
        self._turn = SHARPEST_TURN + (GENTLEST_TURN - SHARPEST_TURN) * share
        self._first = Stride(0, 0.0, 0.0, 2 * math.pi * _chance(seed, 0))
        self._stride = self._first

    def at(self, distance: float) -> tuple[float, float]:
        """Return where the walk is after `distance` seeds, 0 or more, from where it began.

        Returns:
            Seeds to the right and rows down.  At most `distance` away from (0, 0).
        """
        whole = max(math.floor(distance), 0)
        if whole < self._stride.index:
            self._stride = self._first
        while self._stride.index < whole:
            self._stride = self._after(self._stride)
        here, t = self._stride, max(distance - whole, 0.0)
        (ax, ay), (bx, by) = _unit(here.heading), _unit(self._heading_after(here))
        # The integral of a velocity that goes evenly from a to b.
        return (
            here.x + ax * t + (bx - ax) * t * t / 2,
            here.y + ay * t + (by - ay) * t * t / 2,
        )

    def _after(self, stride: Stride) -> Stride:
        heading = self._heading_after(stride)
        (ax, ay), (bx, by) = _unit(stride.heading), _unit(heading)
        return Stride(stride.index + 1, stride.x + (ax + bx) / 2, stride.y + (ay + by) / 2, heading)

    def _heading_after(self, stride: Stride) -> float:
        turn = self._turn * (2 * _chance(self._seed, stride.index + 1) - 1)
        return (stride.heading + turn) % (2 * math.pi)


def _unit(heading: float) -> tuple[float, float]:
    return math.cos(heading), math.sin(heading)


def _chance(seed: int, index: int) -> float:
    """A number from [0, 1) that looks drawn by chance.  Source: SplitMix64 (Steele, Lea, Flood
    2014, "Fast splittable pseudorandom number generators")."""
    value = (seed * 0xD1342543DE82EF95 + (index + 1) * 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((value ^ (value >> 31)) >> 11) / 2**53
