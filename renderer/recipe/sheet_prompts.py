"""Prompts of a sheet's axis, which may hold wildcards: each line is drawn by a seed of its own.

Pure.  The axis keeps what was drawn, so a sheet is drawn again without the lists of words.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from renderer.recipe.contact_sheet import Axis
from renderer.recipe.recipe import MAX_SEED
from renderer.recipe.templates import draw
from renderer.recipe.wildcards import NO_LISTS, Lists, escaped


def typed_prompts(axis: Axis) -> tuple[str, ...]:
    """Return the lines that were typed."""
    if len(axis.templates) == len(axis.prompts):
        return axis.templates
    return tuple(map(escaped, axis.prompts))


def with_prompts(axis: Axis, lines: Sequence[str], seed: int, lists: Lists = NO_LISTS) -> Axis:
    """The axis with these lines as its prompts.

    Args:
        axis: of any kind.
        lines: as they were typed; none take the recipe's own prompts.
        seed: draws the first one's wildcards, the next number the second one's.
        lists: what wildcards may name.
    """
    found = tuple(
        draw(line, (seed + index) % (MAX_SEED + 1), 0, lists).text
        for index, line in enumerate(lines)
    )
    plain = all(escaped(text) == line for text, line in zip(found, lines, strict=True))
    return replace(axis, prompts=found, templates=() if plain else tuple(lines))
