"""Reading and writing one value inside a recipe, by the way that leads to it.

A path is a tuple of field names and of places in tuples: `("text", "prompts", 1, "weight")`.
Places beyond the end of a tuple read as what the recipe says of them ("blocks beyond the end count
as 1"), and are filled up with that when they are written.
"""

from __future__ import annotations

from typing import Any

import msgspec

from renderer.recipe.recipe import Bend, Direction, LayoutLock, MixSource, Pad, Prompt, WeightedSeed

Path = tuple[str | int, ...]
FILLERS: dict[str, Any] = {
    "prompts": Prompt(),
    "directions": Direction(),
    "sources": MixSource(),
    "seeds": WeightedSeed(),
    "weights": 0.0,
    "blocks": 1.0,
    "psi_blocks": None,
    "bends": Bend(),
}
"""Values that stand beyond the end of a tuple, by the tuple's field."""
ABSENT: dict[str, Any] = {"pad": Pad(), "layout": LayoutLock()}
"""The value that a field that is None is taken for on the way to a value inside it."""
NUMBERS = ("weights", "blocks", "psi_blocks")
"""Tuples of plain values: at their end, what says nothing is left out."""


def read(owner: Any, path: Path) -> Any:
    """The value that `path` leads to from `owner`, a recipe or a part of one."""
    field = ""
    for step in path:
        if isinstance(step, int):
            owner = owner[step] if step < len(owner) else FILLERS[field]
            continue
        if owner is None:
            owner = ABSENT[field]
        owner, field = getattr(owner, step), step
    return owner


def written(owner: Any, path: Path, value: Any, field: str = "") -> Any:
    """A copy of `owner` in which `path` leads to `value`.

    Args:
        owner: a recipe, a part of one, or a tuple in one.
        path: the way from there.
        value: what is to stand there; nothing is checked.
        field: the name of the field that holds `owner`, where it is not a whole recipe.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = [*owner, *[FILLERS[field]] * (step + 1 - len(owner))]
        items[step] = written(items[step], rest, value, field)
        while field in NUMBERS and items and items[-1] == FILLERS[field]:
            items.pop()
        return tuple(items)
    owner = ABSENT[field] if owner is None else owner
    return msgspec.structs.replace(
        owner, **{step: written(getattr(owner, step), rest, value, step)}
    )
