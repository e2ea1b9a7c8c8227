"""Takes: what was played, as recipes with their times, and the recipe of any moment of it.  Pure.

Between two samples that differ in numbers alone the picture moves on evenly; where anything else
changed (other words, another seed) it stays and steps.  So a take can be drawn at any rate of
frames, whatever the rate at which it was recorded.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from renderer.recipe.recipe import Recipe
from renderer.timeline.interpolation import between
from renderer.timeline.latent_interpolation import journey

TOLERANCE = 1e-5
"""Numbers of a recipe nearer than this look alike: a hard edge between black and white that moves
by so much of the picture's width changes a pixel of 256 by less than one grey level."""


class Sample(NamedTuple):
    """At `time_s` seconds since a take was begun the picture was `recipe`."""

    time_s: float
    recipe: Recipe


class Take(Struct, frozen=True, eq=False):
    """Samples, one at least, in the order of time; a take equals itself alone."""

    samples: tuple[Sample, ...]

    @property
    def length_s(self) -> float:
        """Return when its last sample is, in seconds."""
        return self.samples[-1].time_s


def take_recipe(take: Take, time_s: float) -> Recipe:
    """The recipe of a moment of a take; at a sample, and outside its ends, the very recipe.

    Args:
        take: with one sample at least.
        time_s: seconds since it was begun.
    """
    after = bisect.bisect_right(take.samples, time_s, key=_time)
    if after == 0:
        return take.samples[0].recipe
    if after == len(take.samples):
        return take.samples[-1].recipe
    first, second = take.samples[after - 1], take.samples[after]
    if time_s == first.time_s or steps(first.recipe, second.recipe):
        return first.recipe
    return _moving(first, second, time_s)


def steps(first: Recipe, second: Recipe) -> bool:
    """Return whether one recipe follows the other at once: more than numbers changed.

    Places on the plane of seeds that lie near each other are one journey, whichever of the seeds
    they are counted from.
    """
    if first.latent.seed != second.latent.seed and journey(first.latent, second.latent):
        second = replace(second, latent=replace(second.latent, seed=first.latent.seed))
    return _difference(first, second) == math.inf


def thinned(samples: Iterable[Sample], tolerance: float = TOLERANCE) -> tuple[Sample, ...]:
    """Samples without those that the others give anyway, to within `tolerance` in every number.

    The first and the last stay.  From each sample that is kept it is tried how far one can go, in
    strides that double; so this takes a few comparisons for each sample.
    """
    rest = tuple(samples)
    if len(rest) < 3:
        return rest
    kept, here = [rest[0]], 0
    while here < len(rest) - 1:
        reach, stride = here + 1, 1
        while reach < len(rest) - 1:
            further = min(reach + stride, len(rest) - 1)
            if not _spans(rest[here : further + 1], tolerance):
                break
            reach, stride = further, 2 * stride
        kept.append(rest[reach])
        here = reach
    return tuple(kept)


def _time(sample: Sample) -> float:
    return sample.time_s


def _moving(first: Sample, second: Sample, time_s: float) -> Recipe:
    share = (time_s - first.time_s) / (second.time_s - first.time_s)
    return between(first.recipe, second.recipe, share)


def _spans(samples: Sequence[Sample], tolerance: float) -> bool:
    """Return whether the first and the last of these give all between them."""
    first, last = samples[0], samples[-1]
    stays = first.recipe == last.recipe or steps(first.recipe, last.recipe)
    return all(
        _difference(first.recipe if stays else _moving(first, last, one.time_s), one.recipe)
        <= tolerance
        for one in samples[1:-1]
    )


def _difference(first: Any, second: Any) -> float:
    """The largest difference between numbers of two values; infinite where anything else does."""
    if first is second:
        return 0.0
    if type(first) is not type(second):
        return 0.0 if first == second else math.inf
    if isinstance(first, float):
        return abs(first - second)
    if isinstance(first, Struct):
        names = first.__struct_fields__
        return max(_difference(getattr(first, name), getattr(second, name)) for name in names)
    if isinstance(first, tuple):
        pairs = zip(first, second, strict=False)
        return (
            max((_difference(a, b) for a, b in pairs), default=0.0)
            if len(first) == len(second)
            else math.inf
        )
    return 0.0 if first == second else math.inf
