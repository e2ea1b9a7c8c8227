"""Steps along directions as they are typed: "mapped/3=1.5", or a file's name in its place."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import replace

from renderer.files.direction_file import SUFFIXES, DirectionFileError, read
from renderer.recipe.move_words import MOVE_HELP, read_amount, read_direction
from renderer.recipe.recipe import Move, RecipeError
from visualizer.options.paths import typed_path

MOVE = f'{MOVE_HELP}, or a file: "smile.npy=1.5"'


def typed_direction(text: str) -> Move:
    """The direction that was typed, as a step of no length.

    Raises:
        RecipeError: it is none.
        DirectionFileError: its file cannot be used.
    """
    if text.strip().lower().endswith(SUFFIXES):
        return read(typed_path(text.strip()))
    return read_direction(text)


class MoveType(click.ParamType):
    """Reads "DIRECTION=K" as a `Move`."""

    name = "DIRECTION=K"

    def convert(self, value: Any, param: Any, ctx: Any) -> Move:
        """The step, or a usage error that says how it is written."""
        if isinstance(value, Move):
            return value
        direction, equals, amount = str(value).rpartition("=")
        if not equals:
            self.fail(f"{value!r} is not DIRECTION=K: give {MOVE}.", param, ctx)
        try:
            return replace(typed_direction(direction), amount=read_amount(amount))
        except (RecipeError, DirectionFileError) as error:
            self.fail(str(error), param, ctx)
