"""Words with wildcards: what was typed is kept beside what was drawn.  Pure.

They may stand wherever a prompt is typed: in prompts, at the ends of directions, as the neutral
prompt and in sources of mixing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from renderer.recipe.parts.text import TEMPLATES
from renderer.recipe.recipe import MAX_SEED, Prompt, Recipe, TextPart
from renderer.recipe.wildcards import NO_LISTS, Drawn, Lists, drawn, escaped, names_in

S = TypeVar("S", bound=Struct)
TRIES = 32
"""Seeds that are tried for a drawing that differs from the current one."""
NEUTRAL = "neutral"
Change = Callable[[Any, str, str], Any]
"""Gets the owner of some words, their field and their place; returns the owner as it is then."""


def place_of(kind: str, index: int, field: str = "") -> str:
    """The place of words, by which equal templates draw differently: "2" is that of a prompt."""
    return str(index) if kind == "prompts" else f"{kind}{index}{field}"


def typed(owner: Struct, field: str = "text") -> str:
    """Return what the box of some words shows: their template, or the text, in which nothing is a
    wildcard."""
    return getattr(owner, TEMPLATES[field]) or escaped(getattr(owner, field))


def draw(words: str, seed: int, row: int, lists: Lists = NO_LISTS) -> Drawn:
    """Return what prompt `row`, counted from 0, draws from what was typed."""
    return drawn(words, seed, place_of("prompts", row), lists)


def rewritten(
    owner: S, field: str, words: str, seed: int, place: str, lists: Lists = NO_LISTS
) -> S:
    """`owner` with `words` in the box of one of its fields; as it is where they are there already.

    Args:
        owner: a prompt, a direction, a text or a source of mixing.
        field: of `TEMPLATES`.
        words: what was typed.
        seed: draws the wildcards.
        place: see `place_of`.
        lists: what wildcards may name.
    """
    if words == typed(owner, field):
        return owner
    text = drawn(words, seed, place, lists).text
    return replace(owner, **{field: text, TEMPLATES[field]: words})


def retyped(prompt: Prompt, words: str, seed: int, row: int, lists: Lists = NO_LISTS) -> Prompt:
    """`prompt`, number `row` from 0, with `words` in its box; see `rewritten`."""
    return rewritten(prompt, "text", words, seed, place_of("prompts", row), lists)


def plain(prompt: Prompt, text: str) -> Prompt:
    """`prompt` with a text in which nothing is a wildcard."""
    return replace(prompt, text=text, template="")


def with_seed(part: TextPart, seed: int, lists: Lists = NO_LISTS) -> TextPart:
    """`part` with its wildcards drawn by another seed."""
    return replace(_text_changed(part, _drawing(seed, lists)), wildcard_seed=seed)


def with_wildcard_seed(recipe: Recipe, seed: int, lists: Lists = NO_LISTS) -> Recipe:
    """`recipe` with all wildcards drawn by another seed, those of mixing too."""
    recipe = replace(recipe, text=with_seed(recipe.text, seed, lists))
    return _mixing_changed(recipe, _drawing(seed, lists))


def drawn_again(recipe: Recipe, lists: Lists = NO_LISTS) -> Recipe:
    """`recipe` with the next seed that draws something else, where one does."""
    new, seed = recipe, recipe.text.wildcard_seed
    for step in range(1, TRIES + 1):
        new = with_wildcard_seed(recipe, (seed + step) % (MAX_SEED + 1), lists)
        same = replace(new, text=replace(new.text, wildcard_seed=seed)) == recipe
        if not same:
            return new
    return new


def completed(recipe: Recipe, lists: Lists) -> Recipe:
    """`recipe` with those words drawn again that name a list which was not known when they were
    drawn, such as ones that came by OSC; nothing else changes."""
    draw_one = _drawing(recipe.text.wildcard_seed, lists)

    def change(owner: Any, field: str, place: str) -> Any:
        unknown = names_in(getattr(owner, field)).isdisjoint(lists)
        return owner if unknown else draw_one(owner, field, place)

    text = _text_changed(recipe.text, change)
    new = recipe if text == recipe.text else replace(recipe, text=text)
    return _mixing_changed(new, change)


def _drawing(seed: int, lists: Lists) -> Change:
    def change(owner: Any, field: str, place: str) -> Any:
        template = getattr(owner, TEMPLATES[field])
        if not template:
            return owner
        return replace(owner, **{field: drawn(template, seed, place, lists).text})

    return change


def _text_changed(part: TextPart, change: Change) -> TextPart:
    prompts = tuple(
        change(one, "text", place_of("prompts", row)) for row, one in enumerate(part.prompts)
    )
    directions = []
    for index, one in enumerate(part.directions):
        for field in ("plus", "minus"):
            one = change(one, field, place_of("directions", index, field))
        directions.append(one)
    part = replace(part, prompts=prompts, directions=tuple(directions))
    return change(part, NEUTRAL, NEUTRAL)


def _mixing_changed(recipe: Recipe, change: Change) -> Recipe:
    sources = tuple(
        change(one, "prompt", place_of("sources", index))
        for index, one in enumerate(recipe.mixing.sources)
    )
    if sources == recipe.mixing.sources:
        return recipe
    return replace(recipe, mixing=replace(recipe.mixing, sources=sources))
