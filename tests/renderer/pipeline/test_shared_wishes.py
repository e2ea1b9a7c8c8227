"""Previews dealt out to several renderers: each is made once, the newest list counts."""

from __future__ import annotations

from dataclasses import replace

from renderer.frame.preview import Wish
from renderer.pipeline.shared_wishes import AHEAD
from renderer.recipe.recipe import ModelRef, Recipe
from tests.renderer.pipeline.test_pool import Crew, recipe


def wishes(count: int, start: int = 0) -> list[Wish]:
    return [Wish(recipe(start + n), 32) for n in range(count)]


def met(workers: int = 1) -> Crew:
    """A crew whose workers are there."""
    crew = Crew(workers)
    crew.pool.wish(wishes(1, 900))
    for hand in crew.hands:
        hand.arrive()
    return crew


def seeds(given: list[Wish]) -> list[int]:
    return [one.recipe.latent.seed for one in given]


def test_without_workers_the_first_gets_all() -> None:
    crew = Crew(0)
    crew.pool.wish(wishes(3 * AHEAD))
    assert crew.first.wished == wishes(3 * AHEAD)
    crew.first.grant()
    assert [one.wish for one in crew.pool.take_granted()] == wishes(1)


def test_all_work_at_the_most_wanted_and_get_more_when_they_have_done_some() -> None:
    crew = met()
    crew.pool.wish(wishes(3 * AHEAD))
    assert seeds(crew.first.wished) == list(range(0, 2 * AHEAD, 2))
    assert seeds(crew.hands[0].wished) == list(range(1, 2 * AHEAD, 2))
    assert all(one.loads for one in crew.hands[0].wished)
    crew.hands[0].grant()
    assert [one.wish for one in crew.pool.take_granted()] == [wishes(2)[1]]
    assert seeds(crew.hands[0].wished)[-1] == 2 * AHEAD
    assert len(crew.hands[0].wished) == AHEAD


def test_each_is_made_once_and_nobody_is_told_the_same_twice() -> None:
    crew, made = met(2), list[int]()
    crew.pool.wish(wishes(40))
    told = crew.first.wishes_told
    assert crew.pool.take_granted() == []
    assert crew.first.wishes_told == told
    for _ in range(40):
        for hand in (crew.first, *crew.hands):
            if hand.wished:
                hand.grant()
        made += seeds([one.wish for one in crew.pool.take_granted()])
    assert sorted(made) == list(range(40))


def test_the_newest_list_takes_the_place_of_the_one_before() -> None:
    crew = met()
    crew.pool.wish(wishes(20))
    crew.hands[0].grant()
    crew.pool.wish(wishes(2, 100))
    assert seeds(crew.first.wished + crew.hands[0].wished) == [100, 101]
    assert crew.pool.take_granted() == []
    crew.pool.wish([])
    assert crew.first.wished == crew.hands[0].wished == []


def test_a_worker_helps_the_first_which_has_no_time() -> None:
    crew = met()
    crew.pool.wish(wishes(4))
    while crew.hands[0].wished:
        crew.hands[0].grant()
    crew.pool.take_granted()
    assert seeds(crew.first.wished) == [0]
    assert seeds(crew.hands[0].wished) == [2]


def test_what_a_worker_leaves_undone_is_made_by_the_others() -> None:
    crew = met()
    crew.pool.wish(wishes(4))
    crew.hands[0].die()
    assert crew.pool.take_granted() == []
    assert sorted(seeds(crew.first.wished)) == [0, 1, 2, 3]
    assert crew.hands[0].wished == []


def test_only_the_first_can_say_that_there_is_no_picture() -> None:
    crew = met()
    crew.pool.wish(wishes(2))
    crew.hands[0].grant(refused=True)
    assert crew.pool.take_granted() == []
    assert seeds(crew.first.wished) == [1]
    assert seeds(crew.hands[0].wished) == [0]
    crew.first.grant(refused=True)
    [granted] = crew.pool.take_granted()
    assert (granted.wish, granted.pixels) == (wishes(2)[1], None)


def test_a_model_that_is_not_in_use_is_loaded_only_where_that_is_wished() -> None:
    crew = met()
    other = Recipe(model=ModelRef("other.pkl"))
    crew.pool.wish([Wish(other, 32), replace(Wish(other, 64), loads=True)])
    assert crew.first.wished[0] == Wish(other, 32)
    assert crew.hands[0].wished == [Wish(other, 64, loads=True)]


def test_before_the_first_picture_the_first_is_asked_alone() -> None:
    crew = Crew(1)
    crew.first.current = None
    crew.pool.wish(wishes(3))
    assert crew.hands == []
    assert crew.first.wished == wishes(3)
