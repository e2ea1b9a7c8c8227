"""The canvas as a value: whole cells, the square within, and an end of its area."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.recipe.parts.canvas import ASPECTS, MAX_AREA, Canvas
from renderer.recipe.recipe import Recipe, RecipeError, check, from_json, to_json

SIDES = st.floats(1.0, MAX_AREA)


@given(SIDES, SIDES, st.sampled_from([4, 8, 16]))
def test_every_canvas_holds_the_square_in_whole_cells(w: float, h: float, grid: int) -> None:
    canvas = Canvas(w, h)
    assert canvas.width * canvas.height <= MAX_AREA * (1 + 1e-9)
    rows, columns = canvas.cells(grid)
    assert min(rows, columns) >= grid
    assert rows * columns <= MAX_AREA * grid**2
    assert abs(columns / grid - canvas.width) <= 1 / grid
    recipe = Recipe(canvas=canvas)
    check(recipe)
    assert from_json(to_json(recipe)) == recipe


def test_usual_forms_are_told_in_pixels() -> None:
    forms = dict(ASPECTS)
    assert forms["16:9"].size_px(8, 128) == (224, 128)
    assert forms["9:16"].size_px(8, 128) == (128, 224)
    assert forms["2:1"].size_px(16, 1024) == (2048, 1024)
    assert Canvas(2.0, 2.0).size_px(4, 256) == (512, 512)
    assert forms["1:1"] == Canvas()


@pytest.mark.parametrize(
    ("form", "sides"),
    [
        ((1920, 1080), (16 / 9, 1.0)),
        ((9, 16), (1.0, 16 / 9)),
        ((5, 5), (1.0, 1.0)),
        ((9, 1), (4, 1)),
    ],
)
def test_the_smallest_canvas_of_a_form(form: tuple[int, int], sides: tuple[float, float]) -> None:
    canvas = Canvas.of_form(*form)
    assert (canvas.width, canvas.height) == pytest.approx(sides)


@pytest.mark.parametrize("body", ['{"width": 0.5}', '{"width": 9}', '{"depth": 1}'])
def test_what_no_canvas_is_cannot_be_read(body: str) -> None:
    with pytest.raises(RecipeError, match="damaged"):
        from_json(f'{{"stylegan_t_recipe": 5, "recipe": {{"canvas": {body}}}}}')
    with pytest.raises(RecipeError):
        check(Recipe(canvas=Canvas(math.nan, 1.0)))
