"""Numbers of the line become recipes and models again, and only those that are known."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.names import missing_sentence
from renderer.remote.arrivals import SUBMITS_KEPT, Arrivals
from renderer.remote.bands import Bands
from tests.renderer.fakes import recipe
from tests.renderer.remote.test_hostile_renderer import PICTURE


def test_a_picture_is_of_the_recipe_that_its_number_was_sent_with() -> None:
    arrivals = Arrivals(elsewhere=True)
    arrivals.submit(1, recipe("a"))
    arrivals.submit(2, recipe("b"))
    frames = [arrivals.picture(replace(PICTURE, number=number)) for number in (2, 1, 3)]
    assert [frame and frame.recipe for frame in frames] == [recipe("b"), recipe("a"), None]


def test_recipes_sent_long_ago_are_forgotten() -> None:
    arrivals = Arrivals(elsewhere=True)
    for number in range(1, SUBMITS_KEPT + 2):
        arrivals.submit(number, recipe("a"))
    assert arrivals.picture(PICTURE) is None
    assert arrivals.picture(replace(PICTURE, number=2)) is not None


def test_a_model_that_is_missing_there_is_not_looked_for_here() -> None:
    wanted = recipe("a", model="/models/a.pkl")
    sentence = missing_sentence(wanted.model)
    missing = replace(PICTURE, pixels=None, error=sentence, fault="missing")
    told = []
    for elsewhere in (True, False):
        arrivals = Arrivals(elsewhere=elsewhere)
        arrivals.submit(1, wanted)
        frame = arrivals.picture(missing)
        assert frame is not None
        told.append((frame.fault, frame.error))
    there = "The model a.pkl is not at /models/a.pkl: open another model, or upload it."
    assert told == [("missing there", there), ("missing", sentence)]


def test_bands_follow_a_picture_but_not_an_early_one() -> None:
    for early in (0, 1):
        arrivals = Arrivals(elsewhere=True)
        arrivals.submit(1, recipe("a"))
        frame = arrivals.picture(replace(PICTURE, exact=False, early=early))
        assert frame is not None
        band = Bands(frame, 1).next(2, None)
        assert (arrivals.band(band) is None) == bool(early)
