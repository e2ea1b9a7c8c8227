"""The parameters of the canvas: its sides, and its shape by a name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from renderer.parameters.kinds import Number, ParameterError, Text, Value
from renderer.parameters.parameter import Parameter
from renderer.recipe.canvas_words import CANVAS_HELP, canvas_in_words, read_canvas
from renderer.recipe.parts.canvas import MAX_AREA, Canvas
from renderer.recipe.recipe import Recipe, RecipeError

SIDES = Number(1.0, 2.0, (1.0, MAX_AREA), "×")


def canvas() -> Iterator[Parameter]:
    """Width, height, and the shape by a name."""
    for name in ("width", "height"):
        yield _side(name)
    yield _shape()


def _side(name: str) -> Parameter:
    def get(recipe: Recipe) -> Value:
        return getattr(recipe.canvas, name)

    def put(recipe: Recipe, value: Any) -> Recipe:
        wanted = {"width": recipe.canvas.width, "height": recipe.canvas.height, name: value}
        other = "height" if name == "width" else "width"
        wanted[other] = min(wanted[other], max(MAX_AREA / value, 1.0)) if value >= 1 else 1.0
        return replace(recipe, canvas=Canvas(**wanted))

    text = (
        f"The {name} of the picture in sides of the square that the model was trained on; the "
        f"square lies in the middle. At most {MAX_AREA:g} times its area."
    )
    label = f"Canvas {name}"
    return Parameter(f"/canvas/{name}", label, SIDES, 1.0, text, get, put, short=name.title())


def _shape() -> Parameter:
    def get(recipe: Recipe) -> Value:
        return canvas_in_words(recipe.canvas)

    def put(recipe: Recipe, value: Any) -> Recipe:
        try:
            return replace(recipe, canvas=read_canvas(value))
        except RecipeError as error:
            raise ParameterError(str(error)) from error

    text = f"The shape of the picture: {CANVAS_HELP}."
    return Parameter("/canvas/form", "Canvas", Text(), "1:1", text, get, put)
