"""Previews as panels get them: wished for while looked for, kept as textures, bounded."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.frame.preview import Granted, Wish
from renderer.recipe.recipe import LatentPart, ModelRef, Recipe
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread, renderers_with
from visualizer.services.previews import PreviewStore

pytestmark = pytest.mark.display


def seed(number: int, sha256: str = "") -> Recipe:
    """A recipe of its own."""
    return Recipe(model=ModelRef(sha256=sha256), latent=LatentPart(seed=number))


class Slow(FakeThread):
    """A thread that grants nothing by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: list[list[Recipe]] = []
        self.ready: list[Granted] = []

    def wish(self, wishes: object) -> None:
        """Remember each list of wishes."""
        assert isinstance(wishes, list)
        self.lists.append([wish.recipe for wish in wishes])

    def take_granted(self) -> list[Granted]:
        """What the test has made ready."""
        ready, self.ready = self.ready, []
        return ready


def pixels(side: int = 8) -> np.ndarray:
    return np.zeros((side, side, 3), np.uint8)


@pytest.fixture
def thread(ui: Driver) -> Slow:
    """Needs the window's OpenGL."""
    del ui
    return Slow()


def look(store: PreviewStore, *recipes: Recipe) -> list[bool]:
    """One UI frame that looks for previews; which of them were there."""
    store.begin()
    there = [store.get(recipe, 64) is not None for recipe in recipes]
    store.end()
    return there


def test_what_is_looked_for_is_wished_for_once_in_that_order(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    for _ in range(3):
        assert look(store, seed(2), seed(1)) == [False, False]
    assert thread.lists == [[seed(2), seed(1)]]
    store.close()


def test_a_preview_that_came_is_there_and_wished_for_no_more(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    look(store, seed(1), seed(2))
    thread.ready = [Granted(Wish(seed(1), 64), pixels())]
    for _ in range(2):
        assert look(store, seed(1), seed(2)) == [True, False]
    assert thread.lists == [[seed(1), seed(2)]], "the thread still has the other one to do"
    store.close()


def test_what_nobody_looks_for_any_more_is_withdrawn(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    look(store, seed(1))
    look(store)
    assert thread.lists == [[seed(1)], []]
    store.close()


def test_the_hash_of_the_model_makes_no_other_preview(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    look(store, seed(1))
    thread.ready = [Granted(Wish(seed(1), 64), pixels())]
    assert look(store, seed(1, "a" * 64)) == [True]
    store.close()


def test_without_a_picture_it_is_not_asked_again_until_something_changed(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    look(store, seed(1))
    thread.ready = [Granted(Wish(seed(1), 64), None)]
    look(store, seed(1))
    look(store, seed(1))
    assert thread.lists == [[seed(1)]]
    store.forget_refused()
    look(store, seed(1))
    assert thread.lists == [[seed(1)], [seed(1)]]
    store.close()


def test_textures_are_bounded_but_what_is_on_the_screen_stays(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread), max_bytes=3 * 8 * 8 * 4)
    for number in range(10):
        look(store, seed(number))
        thread.ready = [Granted(Wish(seed(number), 64), pixels())]
        assert look(store, seed(number)) == [True]
    assert look(store, *(seed(number) for number in range(10))).count(True) <= 5
    shown = [seed(number) for number in range(20, 30)]
    look(store, *shown)
    thread.ready = [Granted(Wish(recipe, 64), pixels()) for recipe in shown]
    there = [look(store, *shown) for _ in range(3)]
    assert all(there[-1]), "each of ten on the screen is more than the bound, and none flickers"
    store.close()


def test_many_at_once_come_over_several_frames(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    recipes = [seed(number) for number in range(40)]
    look(store, *recipes)
    thread.ready = [Granted(Wish(recipe, 64), pixels()) for recipe in recipes]
    first = look(store, *recipes).count(True)
    assert 0 < first < 40 and store.busy
    looks = [look(store, *recipes) for _ in range(5)]
    assert all(looks[-1]) and not store.busy
    assert thread.lists[-1] == []
    store.close()


def test_pictures_from_elsewhere_are_kept_by_key(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    store.begin()
    assert store.known("file") is None
    preview = store.put("file", np.zeros((5, 9, 3), np.uint8))
    assert (preview.width, preview.height) == (9, 5)
    assert store.known("file") == preview
    store.put("file", pixels())
    again = store.known("file")
    assert again is not None and again.width == 8
    store.close()
    assert store.known("file") is None


def test_while_one_drags_nothing_is_wished_for_and_then_what_is_looked_for(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))
    look(store, seed(1))
    assert thread.lists == [[seed(1)]]
    for number in (2, 3):
        store.begin()
        store.get(seed(number), 64)
        store.end(hold=True)
        assert store.wanting
    assert thread.lists == [[seed(1)], []], "what was wished for before is given up, once"
    look(store, seed(3))
    assert thread.lists[-1] == [seed(3)]
    store.close()


def test_a_place_shows_what_it_showed_until_the_new_picture_is_there(thread: Slow) -> None:
    store = PreviewStore(renderers_with(thread))

    def at(place: str, number: int) -> tuple[int, bool]:
        """The texture that a place shows, 0 for none, and whether it is the wanted one."""
        store.begin()
        shown, fresh = store.get_at(place, seed(number), 64)
        store.end()
        return (0 if shown is None else shown.texture), fresh

    assert at("left", 1) == (0, False)
    thread.ready = [Granted(Wish(seed(1), 64), pixels())]
    first, fresh = at("left", 1)
    assert first and fresh
    assert at("left", 2) == (first, False)
    assert at("right", 2) == (0, False)
    thread.ready = [Granted(Wish(seed(2), 64), pixels())]
    second, fresh = at("left", 2)
    assert second not in (0, first) and fresh
    thread.ready = [Granted(Wish(seed(3), 64), None)]
    assert at("left", 3) == (0, False), "what has no picture is not shown as another one"
    store.close()
