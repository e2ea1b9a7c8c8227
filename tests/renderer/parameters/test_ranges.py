"""What parameters take."""

from __future__ import annotations

import pytest

from renderer.parameters import ranges
from renderer.parameters.kinds import Choice, Number, Whole
from renderer.recipe.recipe import MAX_ZOOM, MIN_ZOOM, NoisePart

NUMBERS = {name: kind for name, kind in vars(ranges).items() if isinstance(kind, Number | Whole)}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_sweep_lies_within_the_limits_and_marks_lie_on_it(name: str) -> None:
    kind = NUMBERS[name]
    assert kind.limits[0] <= kind.low < kind.high <= kind.limits[1]
    assert all(kind.low <= place <= kind.high for place, _ in kind.marks)
    assert not kind.logarithmic or kind.low > 0


def test_choices_and_limits_are_the_recipe_s_own() -> None:
    assert ranges.options_of(NoisePart, "mode") == Choice(("const", "random", "none"))
    assert ranges.ZOOM.limits == (MIN_ZOOM, MAX_ZOOM)
