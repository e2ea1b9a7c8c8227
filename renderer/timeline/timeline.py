"""The timeline: key frames of whole recipes, and the recipe of any moment between them.

A timeline is one frozen value like a recipe.  `recipe_at` is pure: the frames of a video depend on
the timeline alone, not on how fast a machine draws them.
"""

from __future__ import annotations

import bisect
import math
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from renderer.errors import RendererError
from renderer.recipe.recipe import Recipe, RecipeError, check
from renderer.timeline.easing import Easing, eased
from renderer.timeline.interpolation import between
from renderer.timeline.take import Take, take_recipe

MIN_LENGTH_S, MAX_LENGTH_S = 0.1, 3600.0
MAX_KEYS = 1000
MAX_FPS = 120
MIN_SIDE, MAX_SIDE = 16, 8192
"""Of a video's frames, in pixels."""
SAME_S = 1e-6
"""Moments nearer than this are one: frame 3 of 30 a second is at 0.1, whatever rounding says."""

Loop = Literal["once", "loop", "ping-pong"]
"""Stop at the end; go on from the last key to the first and begin again; turn back."""
LOOPS: tuple[Loop, ...] = get_args(Loop)
Seconds = Annotated[float, Meta(ge=0.0, le=MAX_LENGTH_S)]


class TimelineError(RendererError, ValueError):
    """A timeline cannot be read or makes no sense; the message is for the user."""


class KeyFrame(Struct, frozen=True, forbid_unknown_fields=True):
    """At `time_s` the picture is exactly `recipe`; `easing` is how it goes on to the next key."""

    time_s: Seconds
    recipe: Recipe
    easing: Easing = "both"


FrameRate = Annotated[int, Meta(ge=1, le=MAX_FPS)] | Annotated[float, Meta(ge=1, le=MAX_FPS)]
"""Whole rates stay whole numbers in files, as they always were."""


class Timeline(Struct, frozen=True, forbid_unknown_fields=True):
    """Key frames in the order of time, or a `take`, within `length_s`; `fps` are the frames of a
    video a second.

    Before the first key the picture is the first key's, after the last one the last's; but with
    `loop` "loop" the time from the last key over the end to the first leads back to the first, so
    that the video closes.  A take plays as it was recorded: after its end its last picture stays,
    and nothing leads back to the first.
    """

    keys: Annotated[tuple[KeyFrame, ...], Meta(max_length=MAX_KEYS)] = ()
    length_s: Annotated[float, Meta(ge=MIN_LENGTH_S, le=MAX_LENGTH_S)] = 4.0
    fps: FrameRate = 30
    loop: Loop = "loop"
    take: Take | None = None

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to play."""
        return not self.keys and self.take is None

    @property
    def least_s(self) -> float:
        """Return when its last key frame is, or the take ends: it is no shorter than that."""
        last_s = self.keys[-1].time_s if self.keys else 0.0
        return max(last_s, self.take.length_s if self.take is not None else 0.0)

    @property
    def times_s(self) -> tuple[float, ...]:
        """Return when each key is."""
        return tuple(key.time_s for key in self.keys)

    def key_at(self, time_s: float) -> int | None:
        """The index of the key at that moment, or None."""
        index = bisect.bisect_left(self.times_s, time_s - SAME_S)
        if index < len(self.keys) and self.keys[index].time_s <= time_s + SAME_S:
            return index
        return None


def recipe_at(timeline: Timeline, time_s: float) -> Recipe:
    """The recipe of a moment on the timeline; at a key frame the very recipe of the key.

    Args:
        timeline: with one key at least, or a take.
        time_s: 0 to `length_s`; what lies outside counts as the nearer end.  For a time that runs
            on and on see `position`.

    Raises:
        TimelineError: there is neither, or the time is not a number.
    """
    if timeline.empty:
        raise TimelineError("The timeline has no key frames yet.")
    if math.isnan(time_s):
        raise TimelineError("That is not a time on a timeline.")
    time_s = min(max(time_s, 0.0), timeline.length_s)
    if timeline.take is not None:
        return take_recipe(timeline.take, time_s)
    here = timeline.key_at(time_s)
    if here is not None:
        return timeline.keys[here].recipe
    after = bisect.bisect_right(timeline.times_s, time_s)
    if 0 < after < len(timeline.keys):
        start, end = timeline.keys[after - 1], timeline.keys[after]
        return _walk(start, end.recipe, time_s - start.time_s, end.time_s - start.time_s)
    return _outside(timeline, time_s)


def _outside(timeline: Timeline, time_s: float) -> Recipe:
    """Before the first key or after the last."""
    first, last = timeline.keys[0], timeline.keys[-1]
    if timeline.loop != "loop":
        return first.recipe if time_s < first.time_s else last.recipe
    span = timeline.length_s - last.time_s + first.time_s
    gone = time_s - last.time_s
    if time_s < first.time_s:  # on the other side of the end
        gone += timeline.length_s
    return _walk(last, first.recipe, gone, span)


def _walk(start: KeyFrame, end: Recipe, gone_s: float, span_s: float) -> Recipe:
    return between(start.recipe, end, eased(start.easing, gone_s / span_s))


def position(timeline: Timeline, time_s: float) -> float:
    """Return where on the timeline a time that runs on and on is, 0 to `length_s`.

    Args:
        timeline: what is played.
        time_s: seconds since it was begun at 0.
    """
    length_s = timeline.length_s
    if timeline.loop == "once":
        return min(max(time_s, 0.0), length_s)
    if timeline.loop == "loop":
        return time_s % length_s
    there = time_s % (2 * length_s)
    return min(there, 2 * length_s - there)


def frame_count(timeline: Timeline) -> int:
    """Return how many frames a video of the whole timeline has.

    Frame i shows the moment i / fps.  A video that plays once has its last frame at the end; a loop
    and a ping-pong end one frame before they would begin again.
    """
    last = _last_frame(timeline)
    return {"once": last + 1, "loop": last, "ping-pong": 2 * last}[timeline.loop]


def frame_recipe(timeline: Timeline, index: int) -> Recipe:
    """The recipe of frame `index` of a video.

    Raises:
        TimelineError: there is no key.
    """
    last = _last_frame(timeline)
    # Whole numbers are folded rather than times: there and back are the same moments exactly.
    if timeline.loop == "ping-pong":
        index = last - abs(last - index % (2 * last))
    elif timeline.loop == "loop":
        index %= last
    return recipe_at(timeline, index / timeline.fps)


def _last_frame(timeline: Timeline) -> int:
    """The frame at the end of the timeline, or the last before it."""
    return max(1, math.floor(timeline.length_s * timeline.fps + SAME_S))


def check_timeline(timeline: Timeline) -> None:
    """Raise `TimelineError` when keys are out of order or outside, or hold impossible values; the
    recipes of a take are checked where it is read and written."""
    check_times(timeline)
    for number, key in enumerate(timeline.keys, 1):
        try:
            check(key.recipe)
        except RecipeError as error:
            raise TimelineError(f"Key frame {number}: {error}") from error


def check_times(timeline: Timeline) -> None:
    """Raise `TimelineError` when keys are out of order or outside; recipes are not looked at."""
    for name, value in (("length", timeline.length_s), *(("time", t) for t in timeline.times_s)):
        if not math.isfinite(value):
            raise TimelineError(f"A {name} on this timeline is not a finite number.")
    if any(
        b - a <= 2 * SAME_S for a, b in zip(timeline.times_s, timeline.times_s[1:], strict=False)
    ):
        raise TimelineError("The key frames of this timeline are not in the order of time.")
    if timeline.least_s > timeline.length_s + SAME_S:
        raise TimelineError("A key frame of this timeline lies after its end.")
    if timeline.keys and timeline.take is not None:
        raise TimelineError("This timeline has both key frames and a take.")
