"""Exports and previews shared among renderers, whichever of them stops in the meantime."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.pipeline.pool import MAX_STOPS, Pool
from renderer.recipe.recipe import LatentPart, Recipe
from tests.renderer.pipeline.crew import Hand


class Crew:
    """A pool with workers that the test holds in its hand."""

    def __init__(self, workers: int = 2) -> None:
        self.first, self.hands, self.woken = Hand(), list[Hand](), 0

        def make(name: str) -> Callable[[Callable[[], None]], Hand]:
            def made(wake: Callable[[], None]) -> Hand:
                self.hands.append(Hand(name, wake))
                return self.hands[-1]

            return made

        self.pool = Pool(self.first, [make(f"cpu {n}") for n in range(workers)], self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def draws(self, count: int) -> list[Future[Frame]]:
        return [self.pool.draw(recipe(n), f"picture {n}") for n in range(count)]


def recipe(seed: int) -> Recipe:
    return Recipe(latent=LatentPart(seed))


def seeds(hand: Hand) -> list[int]:
    return [one.latent.seed for one, _ in hand.asked]


def test_workers_begin_with_the_first_work_and_end_with_the_pool() -> None:
    crew = Crew()
    assert crew.hands == []
    assert (crew.pool.workers, crew.pool.width) == ((2, 0), 2)
    crew.draws(1)
    assert [hand.started for hand in crew.hands] == [True, True]
    assert crew.pool.workers[1] == 0
    crew.hands[0].arrive()
    assert (crew.pool.workers, crew.pool.width, crew.woken) == ((2, 1), 4, 1)
    assert crew.pool.stop()
    assert [hand.stopped for hand in crew.hands] == [True, True]
    assert not crew.first.stopped


def test_pictures_are_dealt_to_the_least_busy_and_never_more_than_they_take() -> None:
    crew = Crew()
    futures = crew.draws(8)
    assert seeds(crew.first) == [0, 1]
    for hand in crew.hands:
        hand.arrive()
    assert [seeds(hand) for hand in crew.hands] == [[2, 3], [4, 5]]
    crew.hands[1].finish()
    assert seeds(crew.hands[1]) == [5, 6]
    for hand in (crew.first, *crew.hands) * 4:
        while hand.asked:
            hand.finish()
    assert [one.result().recipe.latent.seed for one in futures] == list(range(8))


def test_what_a_worker_leaves_undone_is_drawn_by_others_and_told_once() -> None:
    crew = Crew(1)
    futures = crew.draws(5)
    crew.hands[0].arrive()
    assert seeds(crew.hands[0]) == [2, 3]
    crew.hands[0].die()
    assert crew.pool.workers[1] == 0
    for _ in range(5):
        crew.first.finish()
    assert [one.result().recipe.latent.seed for one in futures] == list(range(5))
    assert crew.pool.take_notes() == [
        "The worker on cpu 0 stopped and is started again; the others draw its pictures."
    ]
    crew.draws(4)
    crew.hands[0].arrive()
    assert len(seeds(crew.hands[0])) == 2
    crew.hands[0].die()
    assert crew.pool.take_notes() == []


def test_a_picture_that_stops_every_worker_is_given_up() -> None:
    crew = Crew(1)
    crew.first.width = 0
    [future] = crew.draws(1)
    for _ in range(MAX_STOPS):
        assert not future.done()
        crew.hands[0].arrive()
        crew.hands[0].die()
    with pytest.raises(PictureError, match="every time"):
        future.result(0)


def test_a_picture_that_is_given_up_is_given_up_where_it_is_drawn() -> None:
    crew = Crew(0)
    futures = crew.draws(3)
    asked = crew.first.asked[0][1]
    assert futures[0].cancel()
    assert asked.cancelled()
    assert futures[2].cancel()
    while crew.first.asked:
        crew.first.finish()
    assert futures[1].result().recipe == recipe(1)
    assert crew.pool.draw(recipe(9), "again").cancel()


def test_an_error_of_the_renderer_is_the_answer() -> None:
    crew = Crew(0)
    [future] = crew.draws(1)
    crew.first.asked[0][1].set_exception(PictureError("No."))
    with pytest.raises(PictureError, match="No"):
        future.result(0)


def test_a_pool_that_ends_gives_up_what_waits() -> None:
    crew = Crew(1)
    futures = crew.draws(4)
    crew.pool.stop(why="Over.")
    assert [future.done() for future in futures] == [False, False, True, True]
    with pytest.raises(PictureError, match="Over"):
        futures[3].result()
    assert not crew.pool.draw(recipe(1), "late").done()


def test_what_renderers_have_to_say_is_said_once() -> None:
    crew = Crew(1)
    crew.draws(1)
    crew.first.notes, crew.hands[0].notes = ["One."], ["Two."]
    assert crew.pool.take_notes() == ["One.", "Two."]
    assert crew.pool.take_notes() == []
