"""Prompts with wildcards: what was typed is kept beside what was drawn.  Pure."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.recipe import MAX_SEED, Prompt, Recipe, TextPart
from renderer.recipe.wildcards import NO_LISTS, Drawn, Lists, drawn, escaped, names_in

TRIES = 32
"""Seeds that are tried for a drawing that differs from the current one."""


def typed(prompt: Prompt) -> str:
    """Return what its box shows: its template, or its text, in which nothing is a wildcard."""
    return prompt.template or escaped(prompt.text)


def draw(words: str, seed: int, row: int, lists: Lists = NO_LISTS) -> Drawn:
    """Return what prompt `row`, counted from 0, draws from what was typed."""
    return drawn(words, seed, str(row), lists)


def retyped(prompt: Prompt, words: str, seed: int, row: int, lists: Lists = NO_LISTS) -> Prompt:
    """`prompt` with `words` in its box; as it is where they are there already."""
    if words == typed(prompt):
        return prompt
    return replace(prompt, text=draw(words, seed, row, lists).text, template=words)


def plain(prompt: Prompt, text: str) -> Prompt:
    """`prompt` with a text in which nothing is a wildcard."""
    return replace(prompt, text=text, template="")


def with_seed(part: TextPart, seed: int, lists: Lists = NO_LISTS) -> TextPart:
    """`part` with its wildcards drawn by another seed."""
    rows = tuple(
        replace(one, text=draw(one.template, seed, row, lists).text) if one.template else one
        for row, one in enumerate(part.prompts)
    )
    return replace(part, wildcard_seed=seed, prompts=rows)


def drawn_again(part: TextPart, lists: Lists = NO_LISTS) -> TextPart:
    """`part` with the next seed that draws something else, where one does."""
    new = part
    for step in range(1, TRIES + 1):
        new = with_seed(part, (part.wildcard_seed + step) % (MAX_SEED + 1), lists)
        if new.prompts != part.prompts:
            return new
    return new


def completed(recipe: Recipe, lists: Lists) -> Recipe:
    """`recipe` with those prompts drawn again that name a list which was not known when they were
    drawn, such as one that came by OSC; nothing else changes."""
    part = recipe.text
    rows = tuple(
        replace(one, text=draw(one.template, part.wildcard_seed, row, lists).text)
        if one.template and not names_in(one.text).isdisjoint(lists)
        else one
        for row, one in enumerate(part.prompts)
    )
    return recipe if rows == part.prompts else replace(recipe, text=replace(part, prompts=rows))
