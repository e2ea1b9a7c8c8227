"""Random walks: the same path however it is asked for, without a jump in place or velocity."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.recipe.random_walk import RandomWalk

seeds = st.integers(0, 2**63 - 1)
smooth = st.floats(0.0, 1.0)
distances = st.floats(0.0, 200.0)


@given(seeds, smooth, st.lists(distances, min_size=1, max_size=20))
@settings(max_examples=60)
def test_the_path_does_not_depend_on_how_often_it_is_asked_for(
    seed: int, smoothness: float, asked: list[float]
) -> None:
    walked = RandomWalk(seed, smoothness)
    assert [walked.at(d) for d in asked] == [RandomWalk(seed, smoothness).at(d) for d in asked]


@given(seeds, smooth, distances)
@settings(max_examples=200)
def test_place_and_velocity_never_jump(seed: int, smoothness: float, distance: float) -> None:
    walk, step = RandomWalk(seed, smoothness), 1e-4
    places = [walk.at(distance + i * step) for i in range(3)]
    velocities = [
        ((b[0] - a[0]) / step, (b[1] - a[1]) / step) for a, b in itertools.pairwise(places)
    ]
    assert math.dist(places[0], places[1]) <= 1.0001 * step
    # The velocity turns by at most two lengths of its own over one stride.
    assert math.dist(*velocities) <= 2 * step + 1e-6


@given(seeds, st.integers(1, 50))
def test_the_ends_of_a_stride_meet(seed: int, index: int) -> None:
    before, after = RandomWalk(seed).at(math.nextafter(index, 0)), RandomWalk(seed).at(index)
    assert math.dist(before, after) < 1e-9


def test_it_begins_where_it_stands_and_goes_on() -> None:
    walk = RandomWalk(7)
    assert walk.at(0.0) == (0.0, 0.0)
    assert len({walk.at(float(d)) for d in range(500)}) == 500


def test_a_smooth_walk_comes_further_than_one_that_turns() -> None:
    def reach(smoothness: float) -> float:
        return (
            sum(math.dist((0, 0), RandomWalk(seed, smoothness).at(60.0)) for seed in range(40)) / 40
        )

    assert reach(1.0) > 2 * reach(0.0)


def test_other_seeds_walk_other_ways() -> None:
    assert len({RandomWalk(seed).at(5.0) for seed in range(100)}) == 100
