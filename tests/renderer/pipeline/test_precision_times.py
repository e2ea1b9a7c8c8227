"""Precisions are timed by drawing, and compared in a sentence."""

from __future__ import annotations

import pytest

from renderer.errors import Abandoned
from renderer.pipeline import precision_times
from renderer.pipeline.precision_times import FEWEST, ROUNDS, compared, measure, settled
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import Recipe
from tests.renderer.fakes import tiny_model


@pytest.fixture
def renderer() -> Renderer:
    model = tiny_model()
    return Renderer("cpu", load=lambda path, device, progress: model)


def test_each_precision_is_drawn_in_turn(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Recipe] = []
    render = renderer.render

    def noted(recipe: Recipe, *rest: object) -> object:
        drawn.append(recipe)
        return render(recipe)

    monkeypatch.setattr(renderer, "render", noted)
    monkeypatch.setattr(precision_times, "settled", lambda rounds: rounds[0])
    times = measure(renderer, Recipe(psi=0.5), ("float32", "bfloat16"), lambda: False)
    assert times.keys() == {"float32", "bfloat16"} and min(times.values()) > 0
    assert [recipe.precision for recipe in drawn[:4]] == ["float32", "bfloat16"] * 2
    assert 2 * FEWEST <= len(drawn) <= 2 * ROUNDS
    assert {recipe.psi for recipe in drawn} == {0.5}


def test_it_gives_up_when_something_else_is_wanted(renderer: Renderer) -> None:
    with pytest.raises(Abandoned):
        measure(renderer, Recipe(), ("float32", "bfloat16"), lambda: True)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (
            630.0,
            "bfloat16 is slower than float32 on this processor: 630 against 239 ms for a picture.",
        ),
        (120.4, "bfloat16 is faster than float32"),
        (245.0, "bfloat16 is about as fast as float32"),
        (3.14, "3.1 against 239 ms"),
    ],
)
def test_the_sentence_says_which_is_faster(own: float, words: str) -> None:
    assert words in compared({"float32": 239.0, "bfloat16": own}, "bfloat16")


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert compared({}, "bfloat16") == ""
    assert compared({"float32": 1.0}, "bfloat16") == ""
    assert compared({"float32": 1.0, "bfloat16": 1.0}, "float32") == ""


@pytest.mark.parametrize(
    ("halves", "expected"),
    [
        ((71.0, 70.0, 75.0), 70.0),
        ((15.0, 16.0, 14.0), 14.0),
        ((31.0, 30.0, 33.0), 30.0),
        ((20.0, 45.0, 19.0), None),
        ((71.0, 70.0, 12.0), None),
    ],
)
def test_rounds_that_contradict_one_another_settle_nothing(
    halves: tuple[float, ...], expected: float | None
) -> None:
    times = settled([{"float32": 31.0, "bfloat16": half} for half in halves])
    assert times == ({} if expected is None else {"float32": 31.0, "bfloat16": expected})
