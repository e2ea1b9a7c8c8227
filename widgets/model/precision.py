"""Precision: the type that the synthesis computes in, and what it costs and gains."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from renderer.pipeline.precision_times import SLOWER, compared
from renderer.recipe.recipe import Precision, Recipe
from widgets import theme
from widgets.context import Context
from widgets.controls import labelled_row
from widgets.controls.buttons import choice

DEFAULT: Precision = "float32"
OPTIONS: tuple[tuple[Precision, str, str], ...] = (
    ("float32", "float32", "Exact: the same picture on every run. Takes the most memory."),
    (
        "bfloat16",
        "bfloat16",
        "Half the memory. About eight times as fast on a graphics card, up to twice as fast on a "
        "processor that supports it. Pixels change by a few grey levels.",
    ),
    (
        "float16",
        "float16",
        "Half the memory, and closer to float32 than bfloat16: pixels hardly change. As fast as "
        "bfloat16 on a graphics card; on most processors no faster than float32.",
    ),
)
EXPLAINED = (
    "The data type of the generator's weights and feature maps. Styles, normalisation and the sum "
    "that makes the picture stay in float32. Changing it takes a moment, because the model is "
    "prepared again."
)


@dataclass(frozen=True)
class PrecisionView:
    """Times measured on this machine for the model that is shown: (precision, milliseconds)."""

    times: tuple[tuple[Precision, float], ...] = ()


def precision_row(context: Context, recipe: Recipe) -> Recipe:
    """The row of the Model section that edits `Recipe.precision`, and what was measured of it."""
    times = dict(context.see(PrecisionView).times)
    options = [
        (name, label, " ".join(filter(None, (text, compared(times, name)))))
        for name, label, text in OPTIONS
    ]
    with labelled_row.row("Precision", EXPLAINED, offers=(context, "/precision")) as row:
        wanted = choice("precision", options, recipe.precision, row.width)
        if row.reset(wanted != DEFAULT):
            wanted = DEFAULT
    if said := compared(times, recipe.precision):
        slow = times[recipe.precision] > SLOWER * times[DEFAULT]
        theme.wrapped(said, theme.WARNING if slow else theme.DIM)
    return msgspec.structs.replace(recipe, precision=wanted)
