"""Steps along components in words, as addresses have them: "mapped/3=1.5", "block/2/1=-1"."""

from __future__ import annotations

import math
import re

from renderer.recipe.parts.fields import MAX_ROWS, WILD
from renderer.recipe.parts.moves import Space
from renderer.recipe.recipe import Move, RecipeError

MOVE_HELP = (
    '"mapped/3=1.5" (component 3 of the whole picture), "style/5/1=2" or "weights/5/1=2" (the row '
    'of w and a number), "block/2/1=2" (the block from 0 and a number)'
)
MAX_NUMBER = 4096
_PLACE = re.compile(r"mapped/(\d{1,4})|(style|weights|block)/(\d{1,3})/(\d{1,4})", re.ASCII)


def read_direction(text: str) -> Move:
    """The direction that is called "mapped/3" or "block/2/1", as a step of no length.

    Raises:
        RecipeError: it is none.
    """
    found = _PLACE.fullmatch(text.strip())
    number = int(found[1] or found[4]) if found else 0
    if found is None or not 1 <= number <= MAX_NUMBER or int(found[3] or 0) >= MAX_ROWS:
        raise RecipeError(f"{text[:80]!r} is not a direction: give {MOVE_HELP}, or a file.")
    space: Space = "mapped"
    for one in ("style", "weights", "block"):
        space = one if found[2] == one else space
    return Move(space, number - 1, row=int(found[3] or 0))


def read_amount(text: str) -> float:
    """Read how far a step goes.

    Raises:
        RecipeError: it is no number from -WILD to WILD.
    """
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not abs(amount) <= WILD:
        raise RecipeError(f"{text[:80]!r} is not a number from {-WILD:g} to {WILD:g}.")
    return amount


def direction_in_words(move: Move) -> str:
    """Return what `read_direction` reads; of a vector, its name."""
    if move.space == "vector":
        return move.name or "a direction"
    row = "" if move.space == "mapped" else f"{move.row}/"
    return f"{move.space}/{row}{move.component + 1}"


def move_in_words(move: Move) -> str:
    """A step with its amount."""
    return f"{direction_in_words(move)}={move.amount!r}"
