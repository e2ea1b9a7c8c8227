"""A cross-fade from the picture that is shown to another one, which yields to the user's hands.

Pure: where a fade is follows from the time since it began, so it is the same at any frame rate.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from renderer.recipe.identity import needs
from renderer.recipe.recipe import Recipe
from renderer.timeline.easing import Easing, eased
from renderer.timeline.interpolation import between

MAX_FADE_S = 600.0
WHOLE = (".model", ".latent", ".layout")
"""Parts that are written in another way between two recipes than at either end: unless all that is
not a number is the same there, a change of them is one of the whole part.  So it is in lists."""


class CrossFade(Struct, frozen=True):
    """From the recipe `start` to `end` within `seconds`, along `easing`."""

    start: Recipe
    end: Recipe
    seconds: float
    easing: Easing = "both"

    def at(self, gone_s: float) -> Recipe:
        """The recipe `gone_s` seconds after the fade began; from the end on the very `end`."""
        if gone_s >= self.seconds:
            return self.end
        return between(self.start, self.end, eased(self.easing, gone_s / self.seconds))

    def keeping(self, shown: Recipe, wanted: Recipe) -> CrossFade:
        """The fade that leaves the values alone in which `wanted` differs from `shown`, what the
        fade showed: the user has changed them, and has them from now on."""
        start, end = (_kept(shown, wanted, one, "") for one in (self.start, self.end))
        return replace(self, start=start, end=end)


def is_cut(a: Recipe, b: Recipe) -> bool:
    """Return whether nothing lies between two recipes, because they need other models loaded."""
    return needs(a) != needs(b)


def _kept(shown: Any, wanted: Any, other: Any, path: str) -> Any:
    """`other` with the values in which `wanted` differs from `shown`."""
    if shown == wanted:
        return other
    if not (type(shown) is type(wanted) is type(other)):
        return wanted
    alike = _words(shown) == _words(wanted) == _words(other)
    if isinstance(shown, Struct) and (alike or path not in WHOLE):
        fields = {
            name: _kept(
                getattr(shown, name), getattr(wanted, name), getattr(other, name), f"{path}.{name}"
            )
            for name in shown.__struct_fields__
        }
        return replace(other, **fields)
    if isinstance(shown, tuple) and alike:
        items = zip(shown, wanted, other, strict=True)
        return tuple(_kept(*three, path) for three in items)
    return wanted


def _words(value: Any) -> Hashable:
    """Everything in a value but its decimal numbers: the same where two differ in these alone."""
    if isinstance(value, float):
        return float
    if isinstance(value, Struct):
        return tuple(_words(getattr(value, name)) for name in value.__struct_fields__)
    return tuple(map(_words, value)) if isinstance(value, tuple) else value
