"""Moments: numbered recipes that are recalled on stage, whole or a part of the picture alone.

A moment always keeps a whole recipe; the parts that it holds say how much of that a recall changes.
Plain values, bounded, and never changed in place: each edit gives new moments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import force_setattr, replace

from renderer.recipe.differences import title
from renderer.recipe.recipe import Recipe

MAX_MOMENTS = 99
MAX_NAME = 60
Part = Literal["prompts", "latent", "psi", "mixing", "noise", "view", "layout", "bends", "model"]
PARTS: tuple[Part, ...] = get_args(Part)
FIELDS: Mapping[Part, tuple[str, ...]] = {
    "prompts": ("text",),
    "latent": ("latent", "moves"),
    "psi": ("psi", "psi_blocks", "psi_cutoff", "psi_towards"),
    "mixing": ("mixing",),
    "noise": ("noise",),
    "view": ("transform", "canvas"),
    "layout": ("layout",),
    "bends": ("bends",),
    "model": ("model", "precision"),
}
"""The fields of a recipe that each part stands for; every field belongs to one part."""

MomentNumber = Annotated[int, Meta(ge=1, le=MAX_MOMENTS)]
MomentName = Annotated[str, Meta(max_length=MAX_NAME)]
Parts = Annotated[tuple[Part, ...], Meta(max_length=len(PARTS))]


class Moment(Struct, frozen=True):
    """A recipe under a number.  `parts` are what a recall changes, in the order of `PARTS`; none
    stands for all of them.  Without a `name` it is called by its prompt and its seed."""

    number: MomentNumber
    recipe: Recipe
    name: MomentName = ""
    parts: Parts = ()

    def __post_init__(self) -> None:
        force_setattr(self, "parts", in_order(self.parts))

    @property
    def shown(self) -> str:
        """Return its name, or what its picture is called."""
        return self.name or title(self.recipe)

    def applied(self, recipe: Recipe) -> Recipe:
        """`recipe` with the parts that this moment holds in place of its own."""
        if not self.parts:
            return self.recipe
        fields = (field for part in self.parts for field in FIELDS[part])
        return replace(recipe, **{field: getattr(self.recipe, field) for field in fields})


class Moments(Struct, frozen=True):
    """The moments by number, each number once; of several of one number the last counts."""

    items: tuple[Moment, ...] = ()

    def __post_init__(self) -> None:
        numbered = {moment.number: moment for moment in self.items}
        force_setattr(self, "items", tuple(numbered[number] for number in sorted(numbered)))

    def find(self, number: int) -> Moment | None:
        """The moment of a number, or None."""
        return next((moment for moment in self.items if moment.number == number), None)

    def stored(self, moment: Moment) -> Moments:
        """With `moment`, in place of the one that has its number."""
        return Moments((*self.items, moment))

    def without(self, number: int) -> Moments:
        """Without the moment of a number."""
        return Moments(tuple(moment for moment in self.items if moment.number != number))

    def moved(self, number: int, to: int) -> Moments:
        """With a moment under another number; the one that is there takes its place."""
        places = {number: to, to: number}
        return Moments(
            tuple(replace(one, number=places.get(one.number, one.number)) for one in self.items)
        )

    def neighbour(self, number: int, step: int) -> int | None:
        """The number of the next moment (`step` 1) or the previous one (-1) that is there; from
        the last on to the first.  None when there is no moment."""
        numbers = [moment.number for moment in self.items]
        if not numbers:
            return None
        if step > 0:
            return next((one for one in numbers if one > number), numbers[0])
        return next((one for one in reversed(numbers) if one < number), numbers[-1])


NO_MOMENTS = Moments()


def in_order(parts: Iterable[Part]) -> tuple[Part, ...]:
    """`parts` in one order only, each once; all of them are none, which stands for all."""
    wanted = set(parts)
    return () if wanted.issuperset(PARTS) else tuple(part for part in PARTS if part in wanted)


def plain_name(text: str) -> str:
    """`text` as the name of a moment: on one line, and not too long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:MAX_NAME].strip()
