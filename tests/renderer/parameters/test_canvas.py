"""The addresses of the canvas."""

from __future__ import annotations

from renderer.parameters.parameters import parameters_of
from renderer.recipe.parts.canvas import Canvas
from renderer.recipe.recipe import Recipe

KNOWN = parameters_of(Recipe(), None)


def test_a_form_is_set_by_its_name() -> None:
    outcome = KNOWN.set(Recipe(), "/canvas/form", "16:9")
    assert outcome.recipe.canvas == Canvas(16 / 9, 1.0)
    assert "such as 16:9" in KNOWN.set(Recipe(), "/canvas/form", "wide").refusal


def test_the_side_that_is_set_last_counts_and_the_other_gives_way() -> None:
    wide = KNOWN.set(Recipe(), "/canvas/width", 2.0).recipe
    high = KNOWN.set(wide, "/canvas/height", 3.0).recipe
    assert high.canvas == Canvas(4 / 3, 3.0)
    assert KNOWN.set(high, "/canvas/width", 4.0).recipe.canvas == Canvas(4.0, 1.0)
    assert KNOWN.set(wide, "/canvas/height", 0.5).refusal.startswith("/canvas/height takes 1 to 4")
