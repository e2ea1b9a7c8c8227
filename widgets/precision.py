"""Precision: the type that the synthesis computes in, and what it costs and gains."""

from __future__ import annotations

import msgspec

from renderer.recipe import Precision, Recipe
from widgets import row
from widgets.buttons import choice
from widgets.context import Context

DEFAULT: Precision = "float32"
OPTIONS: tuple[tuple[Precision, str, str], ...] = (
    ("float32", "float32", "Exact: the same picture on every start. Takes the most memory."),
    (
        "bfloat16",
        "bfloat16",
        "Half the memory. About eight times as fast on a graphics card, up to twice on a processor "
        "that knows it. Pixels move by a few grey levels.",
    ),
    (
        "float16",
        "float16",
        "Half the memory, and nearer to float32 than bfloat16: pixels hardly move. As fast as "
        "bfloat16 on a graphics card; on most processors no faster than float32.",
    ),
)
EXPLAINED = (
    "The type of the generator's weights and feature maps. Styles, normalisation and the sum that "
    "is the picture stay float32. A change takes a moment: the model is prepared anew."
)


def precision_row(context: Context, recipe: Recipe) -> Recipe:
    """The row of the Model section that edits `Recipe.precision`."""
    width = row.begin("Precision", EXPLAINED)
    wanted = choice("precision", OPTIONS, recipe.precision, width)
    if row.end(wanted != DEFAULT):
        wanted = DEFAULT
    return msgspec.structs.replace(recipe, precision=wanted)
