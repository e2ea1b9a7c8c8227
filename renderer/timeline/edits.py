"""Edits of a timeline: add, replace, move and remove key frames.  Pure: each gives a new timeline.

Keys lie on the grid of the video's frames, so that every key is a frame of the video.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from msgspec.structs import replace

from renderer.recipe.recipe import Canvas, Recipe
from renderer.timeline.easing import Easing
from renderer.timeline.take import Sample, Take, steps
from renderer.timeline.timeline import (
    MAX_KEYS,
    MAX_LENGTH_S,
    MIN_LENGTH_S,
    SAME_S,
    KeyFrame,
    Loop,
    Timeline,
    TimelineError,
)

TAKE_PLAYS = "A take plays on this timeline: remove it to set key frames."
TAKE_FPS = 60
MOST_KEYS = 100
"""A take of more samples plays as it is: so many pictures lie over one another on the screen."""
STRIDE_S = 2.0
"""Seconds after the last key at which the next one goes, where the playhead stands on a key
already."""


def snapped(timeline: Timeline, time_s: float) -> float:
    """The frame nearest to a moment, in seconds; never beyond the end."""
    last = math.floor(timeline.length_s * timeline.fps + SAME_S)
    return min(max(round(time_s * timeline.fps), 0), last) / timeline.fps


def place_for_key(timeline: Timeline, playhead_s: float) -> float:
    """Return where a new key goes: at the playhead, or after the last key where one stands there.

    Raises:
        TimelineError: the timeline is full, or plays a take.
    """
    if timeline.take is not None:
        raise TimelineError(TAKE_PLAYS)
    here = snapped(timeline, playhead_s)
    if timeline.key_at(here) is None:
        return here
    grid_s = math.ceil(STRIDE_S * timeline.fps) / timeline.fps
    after = round((timeline.keys[-1].time_s + grid_s) * timeline.fps) / timeline.fps
    if after > MAX_LENGTH_S:
        raise TimelineError("The timeline is full: there is no time left after the last key frame.")
    return after


def with_key(
    timeline: Timeline, time_s: float, recipe: Recipe, easing: Easing | None = None
) -> Timeline:
    """With a key of `recipe` at `time_s`; one that is there already gets the new recipe.

    A timeline that is too short grows; one that loops keeps a stride to lead back to the start.

    Raises:
        TimelineError: there are as many keys as a timeline holds, or it plays a take.
    """
    if timeline.take is not None:
        raise TimelineError(TAKE_PLAYS)
    here = timeline.key_at(time_s)
    if here is not None:
        old = timeline.keys[here]
        new = replace(old, recipe=recipe, easing=easing or old.easing)
        return replace(timeline, keys=_put(timeline.keys, here, new))
    if len(timeline.keys) >= MAX_KEYS:
        raise TimelineError(f"A timeline holds at most {MAX_KEYS} key frames.")
    key = KeyFrame(time_s, recipe, easing or "both")
    keys = tuple(sorted((*timeline.keys, key), key=lambda item: item.time_s))
    return replace(timeline, keys=keys, length_s=_length(timeline, time_s))


def _length(timeline: Timeline, time_s: float) -> float:
    if timeline.loop == "loop" and time_s >= timeline.length_s - SAME_S:
        return min(time_s + STRIDE_S, MAX_LENGTH_S)
    return max(timeline.length_s, time_s)


def without_key(timeline: Timeline, index: int) -> Timeline:
    """Without one key."""
    return replace(timeline, keys=timeline.keys[:index] + timeline.keys[index + 1 :])


def moved_key(timeline: Timeline, index: int, time_s: float) -> tuple[Timeline, int]:
    """With one key at another moment: on the nearest frame within the timeline that no other key
    has.  Keys may change their order.

    Returns:
        The timeline, and the key's new index.
    """
    rest = without_key(timeline, index)
    moved = replace(timeline.keys[index], time_s=_free(rest, snapped(timeline, time_s)))
    keys = sorted((*rest.keys, moved), key=lambda item: item.time_s)
    return replace(timeline, keys=tuple(keys)), keys.index(moved)


def _free(timeline: Timeline, time_s: float) -> float:
    """The frame nearest to `time_s` without a key; there are more frames than keys."""
    frame = round(time_s * timeline.fps)
    last = math.floor(timeline.length_s * timeline.fps + SAME_S)
    for distance in range(last + 1):
        for candidate in (frame - distance, frame + distance):
            at_s = candidate / timeline.fps
            if 0 <= candidate <= last and timeline.key_at(at_s) is None:
                return at_s
    return time_s


def with_easing(timeline: Timeline, index: int, easing: Easing) -> Timeline:
    """With another way of going on from one key."""
    key = replace(timeline.keys[index], easing=easing)
    return replace(timeline, keys=_put(timeline.keys, index, key))


def with_length(timeline: Timeline, length_s: float) -> Timeline:
    """With another length, never shorter than its last key or its take."""
    least = max(MIN_LENGTH_S, timeline.least_s)
    return replace(timeline, length_s=min(max(length_s, least), MAX_LENGTH_S))


def with_loop(timeline: Timeline, loop: Loop) -> Timeline:
    """With another way of going on at the end."""
    return replace(timeline, loop=loop)


def stretched(timeline: Timeline, length_s: float) -> Timeline:
    """Of another length, with all keys moved in proportion: the whole faster or slower."""
    length_s = min(max(length_s, MIN_LENGTH_S), MAX_LENGTH_S)
    factor = length_s / timeline.length_s
    keys = tuple(replace(key, time_s=min(key.time_s * factor, length_s)) for key in timeline.keys)
    take = timeline.take and Take(
        tuple(
            Sample(min(sample.time_s * factor, length_s), sample.recipe)
            for sample in timeline.take.samples
        )
    )
    return replace(timeline, keys=keys, length_s=length_s, take=take)


def _put(keys: tuple[KeyFrame, ...], index: int, key: KeyFrame) -> tuple[KeyFrame, ...]:
    return (*keys[:index], key, *keys[index + 1 :])


def with_recipes(timeline: Timeline, change: Callable[[Recipe], Recipe]) -> Timeline:
    """With every recipe changed."""
    keys = tuple(replace(key, recipe=change(key.recipe)) for key in timeline.keys)
    take = timeline.take and Take(
        tuple(Sample(time_s, change(recipe)) for time_s, recipe in timeline.take.samples)
    )
    return replace(timeline, keys=keys, take=take)


def of_form(timeline: Timeline, width: float, height: float) -> Timeline:
    """With every picture on a canvas of that form: the model draws more around its square."""
    canvas = Canvas.of_form(width, height)
    return with_recipes(timeline, lambda recipe: replace(recipe, canvas=canvas))


def timeline_of_take(take: Take) -> Timeline:
    """A timeline that plays a take once: as key frames where they can be told apart, else as it is.

    Both give the same pictures.
    """
    length_s = min(max(take.length_s, MIN_LENGTH_S), MAX_LENGTH_S)
    bare = Timeline(length_s=length_s, fps=TAKE_FPS, loop="once")
    if len(take.samples) > MOST_KEYS:
        return replace(bare, take=take)
    following = [*take.samples[1:], take.samples[-1]]
    keys = tuple(
        KeyFrame(one.time_s, one.recipe, "hold" if steps(one.recipe, after.recipe) else "linear")
        for one, after in zip(take.samples, following, strict=True)
    )
    return replace(bare, keys=keys)
