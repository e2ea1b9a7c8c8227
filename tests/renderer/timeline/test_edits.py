"""Edits of key frames: whatever is done, the timeline stays sound."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.recipe.recipe import Recipe
from renderer.timeline.edits import (
    STRIDE_S,
    moved_key,
    place_for_key,
    stretched,
    with_easing,
    with_key,
    with_length,
    without_key,
)
from renderer.timeline.timeline import (
    LOOPS,
    MAX_KEYS,
    MAX_LENGTH_S,
    KeyFrame,
    Loop,
    Timeline,
    TimelineError,
    check_timeline,
    recipe_at,
)
from tests.renderer.timeline.lines import line, psi

quick = settings(max_examples=150, deadline=None, derandomize=True)


def test_a_new_key_goes_to_the_playhead_or_after_the_last_one() -> None:
    timeline = Timeline()
    for value in range(4):
        at_s = place_for_key(timeline, 0.0)
        timeline = with_key(timeline, at_s, psi(value))
    assert timeline.times_s == (0.0, STRIDE_S, 2 * STRIDE_S, 3 * STRIDE_S)
    assert [key.recipe.psi for key in timeline.keys] == [0, 1, 2, 3]
    assert timeline.length_s == 4 * STRIDE_S  # a loop keeps time to lead back
    assert place_for_key(timeline, 1.51) == pytest.approx(1.5, abs=1 / 30)


def test_a_key_that_is_there_gets_the_new_recipe_and_keeps_its_easing() -> None:
    timeline = with_easing(line((0.0, 0.0), (2.0, 1.0)), 0, "hold")
    again = with_key(timeline, 0.0, psi(5))
    assert [key.recipe.psi for key in again.keys] == [5, 1]
    assert again.keys[0].easing == "hold"


def test_a_timeline_that_plays_once_grows_just_as_far_as_its_last_key() -> None:
    assert with_key(line(length_s=1.0), 3.0, psi(1)).length_s == 3.0


def test_moving_a_key_past_others_changes_the_order_and_never_lands_on_one() -> None:
    timeline = line((0.0, 0.0), (1.0, 1.0), (2.0, 2.0))
    moved, index = moved_key(timeline, 0, 1.5)
    assert index == 1
    assert [key.recipe.psi for key in moved.keys] == [1, 0, 2]
    onto, index = moved_key(timeline, 0, 1.0)
    check_timeline(onto)
    assert abs(onto.keys[index].time_s - 1.0) == pytest.approx(1 / 30)
    assert moved_key(timeline, 2, 99.0)[0].times_s == (0.0, 1.0, 4.0)


def test_the_length_never_cuts_a_key_off() -> None:
    timeline = line((0.0, 0.0), (2.0, 1.0))
    assert with_length(timeline, 0.5).length_s == 2.0
    assert with_length(timeline, 1e9).length_s == MAX_LENGTH_S
    assert with_length(Timeline(), 0.0).length_s == 0.1


def test_stretching_moves_all_keys_in_proportion() -> None:
    slower = stretched(line((0.0, 0.0), (1.0, 1.0), (4.0, 2.0)), 8.0)
    assert slower.times_s == (0.0, 2.0, 8.0)
    check_timeline(slower)


def test_a_key_can_go_and_a_full_timeline_says_so() -> None:
    assert without_key(line((0.0, 0.0), (2.0, 1.0)), 0).times_s == (2.0,)
    full = Timeline(tuple(KeyFrame(i / 10, Recipe()) for i in range(MAX_KEYS)), 200.0)
    with pytest.raises(TimelineError, match="at most"):
        with_key(full, 150.0, Recipe())
    with pytest.raises(TimelineError, match="full"):
        place_for_key(Timeline((KeyFrame(MAX_LENGTH_S, Recipe()),), MAX_LENGTH_S), MAX_LENGTH_S)


EDITS = st.tuples(st.sampled_from("amdls"), st.floats(0.0, 10.0), st.integers(0, 99))


@quick
@given(st.lists(EDITS, max_size=25), st.sampled_from(LOOPS), st.sampled_from([1, 24, 30, 60]))
def test_whatever_is_done_the_timeline_stays_sound(
    edits: list[tuple[str, float, int]], loop: Loop, fps: int
) -> None:
    timeline = Timeline(fps=fps, loop=loop)
    for what, at_s, number in edits:
        if what == "a":
            timeline = with_key(timeline, place_for_key(timeline, at_s), psi(number))
        elif what == "l":
            timeline = with_length(timeline, at_s)
        elif what == "s":
            timeline = stretched(timeline, max(at_s, 1.0 + len(timeline.keys) / fps))
        elif timeline.keys:
            index = number % len(timeline.keys)
            moved = moved_key(timeline, index, at_s)[0]
            timeline = moved if what == "m" else without_key(timeline, index)
        check_timeline(timeline)
        if timeline.keys:
            recipe_at(timeline, at_s)
