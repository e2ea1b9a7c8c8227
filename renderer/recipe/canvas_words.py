"""A canvas as one types it: "16:9", or "2x1.5" in sides of the trained square.  Pure."""

from __future__ import annotations

import re

from renderer.recipe.parts.canvas import ASPECTS, MAX_AREA, Canvas
from renderer.recipe.recipe import RecipeError

CANVAS_HELP = "an aspect such as 16:9, 3:2, 2:1 or 9:16, or sides of the square such as 2x1.5"
_NUMBER = r"(\d{1,4}(?:\.\d{1,20})?)"
_ASPECT = re.compile(rf"{_NUMBER}:{_NUMBER}", re.ASCII)
_SIDES = re.compile(rf"{_NUMBER}x{_NUMBER}", re.ASCII)


def read_canvas(text: str) -> Canvas:
    """Read a canvas as it is typed; an aspect is the smallest that holds the square.

    Raises:
        RecipeError: it is none, or too large; one sentence.
    """
    text = text.strip().lower().replace("×", "x")
    if (found := _ASPECT.fullmatch(text)) is not None:
        across, down = float(found[1]), float(found[2])
        if across > 0 and down > 0:
            width, height = max(across / down, 1.0), max(down / across, 1.0)
            return _checked(width, height, text)
    elif (found := _SIDES.fullmatch(text)) is not None:
        return _checked(float(found[1]), float(found[2]), text)
    raise RecipeError(f"“{text[:40]}” is no canvas: give {CANVAS_HELP}.")


def _checked(width: float, height: float, text: str) -> Canvas:
    if min(width, height) < 1 or width * height > MAX_AREA * (1 + 1e-9):
        raise RecipeError(
            f"A canvas of {text[:40]} does not hold the trained square in at most {MAX_AREA:g} "
            "times its area."
        )
    return Canvas(width, height)


def canvas_in_words(canvas: Canvas) -> str:
    """A canvas as `read_canvas` reads it: its aspect where it has a name."""
    named = (name for name, known in ASPECTS if known == canvas)
    return next(named, f"{canvas.width!r}x{canvas.height!r}")
