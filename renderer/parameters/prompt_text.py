"""The parameters of what is typed as prompts, where it may hold wildcards, and of their seed."""

from __future__ import annotations

from typing import Any

from renderer.parameters import ranges
from renderer.parameters.parameter import Inert, Parameter
from renderer.recipe.paths import Path, read, written
from renderer.recipe.recipe import Recipe
from renderer.recipe.templates import retyped, typed, with_seed


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


def wildcard_seed(at: str, path: Path, of: str) -> Parameter:
    """The seed by which wildcards are drawn: setting it draws them again."""

    def put(recipe: Recipe, seed: Any) -> Recipe:
        return written(recipe, path, with_seed(read(recipe, path), seed))

    def get(recipe: Recipe) -> int:
        return read(recipe, (*path, "wildcard_seed"))

    text = "What the wildcards of prompts are drawn by: another seed draws others."
    label = f"{of}Wildcard seed"
    return Parameter(f"{at}/wildcard/seed", label, ranges.SEED, 0, text, get, put)
