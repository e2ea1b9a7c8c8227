"""Moments of a timeline, frames of a clip, and what is no timeline."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from renderer.timeline.edits import (
    snapped,
    with_easing,
    with_key,
    with_loop,
)
from renderer.timeline.timeline import (
    LOOPS,
    Loop,
    Timeline,
    TimelineError,
    check_timeline,
    frame_count,
    frame_recipe,
    position,
    recipe_at,
)
from tests.renderer.timeline.lines import line, psi

quick = settings(max_examples=150, deadline=None, derandomize=True)


# -- moments -------------------------------------------------------------------------------------


def test_at_its_time_a_key_is_the_very_recipe() -> None:
    timeline = line((0.1, 0.0), (1.7, 1.0), (2.0, 0.5))
    for key in timeline.keys:
        assert recipe_at(timeline, key.time_s) is key.recipe
    assert recipe_at(timeline, 3 * 0.1 - 0.2) is timeline.keys[0].recipe  # 0.10000000000000003


def test_between_keys_the_easing_of_the_earlier_one_rules() -> None:
    timeline = with_easing(line((0.0, 0.0), (2.0, 1.0)), 0, "in")
    assert recipe_at(timeline, 1.0).psi == 0.25
    assert recipe_at(with_easing(timeline, 0, "hold"), 1.99).psi == 0.0


def test_outside_the_keys_the_nearest_one_stands() -> None:
    timeline = line((1.0, 0.25), (2.0, 1.0))
    assert recipe_at(timeline, 0.0).psi == recipe_at(timeline, -5.0).psi == 0.25
    assert recipe_at(timeline, 3.0).psi == recipe_at(timeline, 99.0).psi == 1.0


def test_a_loop_walks_on_from_its_last_key_over_the_end_to_the_first() -> None:
    timeline = line((1.0, 0.0), (3.0, 1.0), loop="loop")
    assert [recipe_at(timeline, t).psi for t in (3.5, 4.0, 0.0, 0.5)] == [0.75, 0.5, 0.5, 0.25]


def test_without_keys_there_is_no_picture() -> None:
    with pytest.raises(TimelineError, match="no key frames"):
        recipe_at(Timeline(), 0.0)
    with pytest.raises(TimelineError):
        recipe_at(line((0.0, 1.0)), math.nan)


def test_time_that_runs_on() -> None:
    assert [position(line(), t) for t in (-1.0, 3.0, 9.0)] == [0.0, 3.0, 4.0]
    assert [position(line(loop="loop"), t) for t in (0.0, 4.0, 9.0)] == [0.0, 0.0, 1.0]
    there_and_back = line(loop="ping-pong")
    assert [position(there_and_back, t) for t in (1.0, 5.0, 8.0, 9.0)] == [1.0, 3.0, 0.0, 1.0]


# -- frames --------------------------------------------------------------------------------------


def test_a_clip_that_plays_once_ends_on_its_last_key() -> None:
    timeline = replace(line((0.0, 0.0), (4.0, 1.0)), fps=25)
    assert frame_count(timeline) == 101
    assert frame_recipe(timeline, 100).psi == 1.0
    assert frame_recipe(timeline, 50).psi == 0.5


def test_a_loop_and_a_ping_pong_begin_again_without_a_doubled_frame() -> None:
    loop = line((0.0, 0.0), (2.0, 1.0), loop="loop")
    assert frame_count(loop) == 120
    assert frame_recipe(loop, frame_count(loop)) == frame_recipe(loop, 0)
    pong = with_loop(loop, "ping-pong")
    assert frame_count(pong) == 240
    seen = [frame_recipe(pong, index) for index in range(240)]
    assert seen[1] == seen[239] != seen[0]


@pytest.mark.parametrize("fps", [1, 7, 24, 25, 30, 60, 120])
def test_every_key_on_the_grid_is_a_frame_of_the_clip(fps: int) -> None:
    timeline = replace(Timeline(fps=fps, loop="once"), length_s=5.0)
    for frame in range(0, 5 * fps, max(1, fps // 3)):
        timeline = with_key(timeline, snapped(timeline, frame / fps + 1e-9), psi(frame))
    shown = {frame_recipe(timeline, index) for index in range(frame_count(timeline))}
    assert {key.recipe for key in timeline.keys} <= shown


@quick
@given(st.lists(st.floats(0, 4), min_size=1, max_size=6), st.sampled_from(LOOPS), st.floats(0, 4))
def test_time_makes_no_jumps(times_s: list[float], loop: Loop, at_s: float) -> None:
    timeline = Timeline(loop=loop)
    for number, time_s in enumerate(times_s):
        timeline = with_key(timeline, snapped(timeline, time_s), psi(number % 2))
    if timeline.length_s == 4.0 and timeline.times_s[-1] == 4.0 and loop == "loop":
        return  # a key at the very end of a loop leaves no time to lead back: that is a cut
    step_s = 1e-5
    here, there = (recipe_at(timeline, position(timeline, at)) for at in (at_s, at_s + step_s))
    assert abs(there.psi - here.psi) < 0.01


# -- soundness -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timeline", "words"),
    [
        (line((1.0, 0.0), (0.5, 0.0)), "order"),
        (line((1.0, 0.0), (1.0, 0.0)), "order"),
        (line((5.0, 0.0)), "after its end"),
        (line((math.nan, 0.0)), "finite"),
        (line(length_s=math.inf), "finite"),
        (line((1.0, math.nan)), "Key frame 1"),
    ],
)
def test_what_makes_no_sense_is_refused(timeline: Timeline, words: str) -> None:
    with pytest.raises(TimelineError, match=words):
        check_timeline(timeline)
