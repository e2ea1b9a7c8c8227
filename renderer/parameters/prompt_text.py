"""The parameters of what is typed as prompts, where it may hold wildcards, and of their seed."""

from __future__ import annotations

from typing import Any

from renderer.parameters import ranges
from renderer.parameters.parameter import Inert, Parameter
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import Recipe
from renderer.recipe.templates import retyped, rewritten, typed, with_seed, with_wildcard_seed


def prompt_text(
    at: str, path: Path, of: str, index: int, adds: bool, inert: tuple[Inert, ...]
) -> Parameter:
    """The words of prompt `index`, as they are typed; arguments as in the registry."""
    number, row = index + 1, (*path, "prompts", index)

    def put(recipe: Recipe, words: Any) -> Recipe:
        seed = read(recipe, (*path, "wildcard_seed"))
        return written(recipe, row, retyped(read(recipe, row), words, seed, index))

    def get(recipe: Recipe) -> str:
        return typed(read(recipe, row))

    text = f"The text of prompt {number}." + (" Setting it adds the prompt." if adds else "")
    address, label = f"{at}/prompt/{number}", f"{of}Prompt {number}"
    return Parameter(address, label, ranges.LINE, "", text, get, put, adds, inert=inert)


def typed_words(
    address: str,
    label: str,
    text: str,
    path: Path,
    place: str,
    *,
    seed: Path = ("text", "wildcard_seed"),
    short: str = "",
    inert: tuple[Inert, ...] = (),
) -> Parameter:
    """Words that may hold wildcards, at a path in the recipe.

    Args:
        address, label, text, short, inert: as of any parameter.
        path: leads to the words that were drawn.
        place: see `renderer.recipe.templates.place_of`.
        seed: leads to the seed that they are drawn by.
    """
    owner, field = path[:-1], str(path[-1])

    def put(recipe: Recipe, words: Any) -> Recipe:
        new = rewritten(read(recipe, owner), field, words, read(recipe, seed), place)
        return written(recipe, owner, new)

    def get(recipe: Recipe) -> str:
        return typed(read(recipe, owner), field)

    return Parameter(address, label, ranges.LINE, "", text, get, put, short=short, inert=inert)


def wildcard_seed(at: str, path: Path, of: str) -> Parameter:
    """The seed by which wildcards are drawn: setting it draws them again."""

    def put(recipe: Recipe, seed: Any) -> Recipe:
        if path == ("text",):
            return with_wildcard_seed(recipe, seed)
        return written(recipe, path, with_seed(read(recipe, path), seed))

    def get(recipe: Recipe) -> int:
        return read(recipe, (*path, "wildcard_seed"))

    text = "What the wildcards of prompts are drawn by: another seed draws others."
    label = f"{of}Wildcard seed"
    return Parameter(f"{at}/wildcard/seed", label, ranges.SEED, 0, text, get, put)
