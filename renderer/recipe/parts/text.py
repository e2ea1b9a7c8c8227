"""The text side of w: prompts, their pad, and text arithmetic."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.recipe.parts.fields import (
    MAX_DIRECTIONS,
    MAX_PROMPTS,
    Number,
    Row,
    Seed,
    Share,
    Text,
)
from renderer.recipe.wildcards import escaped

TEMPLATES = {
    "text": "template",
    "prompt": "template",
    "plus": "plus_template",
    "minus": "minus_template",
    "neutral": "neutral_template",
}
"""The field that holds what was typed, for each that holds what was drawn from it."""


def without_idle_template(owner: Struct, field: str) -> None:
    """Leave the template of `field` away where it draws nothing but the text itself."""
    template = getattr(owner, TEMPLATES[field])
    if template and template == escaped(getattr(owner, field)):
        force_setattr(owner, TEMPLATES[field], "")


class Prompt(Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the prompt panel; rows are summed by weight.

    `text` is what the text tower reads.  Where wildcards were typed, `template` is what was typed,
    and `text` what was drawn from it, see `renderer.recipe.wildcards`.
    """

    text: Text = ""
    weight: Number = 1.0
    template: Text = ""

    def __post_init__(self) -> None:
        without_idle_template(self, "text")


class Pad(Struct, frozen=True, forbid_unknown_fields=True):
    """A place between four prompts: `x` from left to right, `y` from top to bottom.

    The first four rows are the corners: upper left, upper right, lower left, lower right.
    """

    x: Share = 0.5
    y: Share = 0.5

    def weights(self, count: int) -> tuple[float, ...]:
        """The shares of the first `count` corners, at most four; of four they sum to one."""
        x, y = self.x, self.y
        return ((1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y)[:count]


class Direction(Struct, frozen=True, forbid_unknown_fields=True):
    """Text arithmetic: `amount` times the way from the prompt `minus` to the prompt `plus` is added
    to the text of the rows of w from `start` up to but without `stop` (None: up to the last).

    Where wildcards were typed, `plus_template` and `minus_template` are what was typed.
    """

    name: Text = ""
    plus: Text = ""
    minus: Text = ""
    amount: Number = 0.0
    start: Row = 0
    stop: Row | None = None
    plus_template: Text = ""
    minus_template: Text = ""

    def __post_init__(self) -> None:
        without_idle_template(self, "plus")
        without_idle_template(self, "minus")


class TextPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """The text side of w: a weighted blend of prompts.

    `blend` "slerp" goes round the unit sphere, "lerp" sums.  With `normalize` the result is brought
    back to unit norm, the norm of every text embedding that the model was trained on.  With a `pad`
    the first four prompts take their weights from it.  `strength` interpolates from the embedding
    of the prompt `neutral` (0) to the blend (1) and beyond.  At the end each of `directions` is
    added.  `wildcard_seed` is what texts were drawn by, where they have templates, as `neutral` may
    have in `neutral_template`.
    """

    prompts: Annotated[tuple[Prompt, ...], Meta(min_length=1, max_length=MAX_PROMPTS)] = (Prompt(),)
    blend: Literal["lerp", "slerp"] = "lerp"
    normalize: bool = True
    pad: Pad | None = None
    strength: Number = 1.0
    neutral: Text = ""
    directions: Annotated[tuple[Direction, ...], Meta(max_length=MAX_DIRECTIONS)] = ()
    wildcard_seed: Seed = 0
    neutral_template: Text = ""

    def __post_init__(self) -> None:
        without_idle_template(self, "neutral")

    @property
    def weights(self) -> tuple[float, ...]:
        """Return what each prompt counts: its own weight, or that of its corner of the pad."""
        own = tuple(prompt.weight for prompt in self.prompts)
        if self.pad is None:
            return own
        corners = self.pad.weights(len(own))
        return corners + own[len(corners) :]
