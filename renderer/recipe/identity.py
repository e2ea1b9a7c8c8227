"""Which recipes are one picture, and which need the same things loaded.

A model's hash becomes known only when its file has been read, so a recipe has none at first.  Here,
and nowhere else, is what that means for comparing recipes.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from renderer.recipe.names import model_key
from renderer.recipe.recipe import ModelRef, Precision, Recipe


def unhashed(recipe: Recipe) -> Recipe:
    """`recipe` without its model's hash: what two recipes of one picture have in common."""
    return with_hash(recipe, "")


def same_picture(first: Recipe, second: Recipe) -> bool:
    """Return whether two recipes are equal but for what is known of their model's hash."""
    return first is second or with_hash(first, second.model.sha256) == second


def with_hash(recipe: Recipe, sha256: str) -> Recipe:
    """`recipe` with the hash of its model, 64 hexadecimal digits, or empty for none."""
    if recipe.model.sha256 == sha256:
        return recipe
    return replace(recipe, model=replace(recipe.model, sha256=sha256))


def hash_learnt(recipe: Recipe, known: ModelRef) -> Recipe:
    """`recipe` with the hash in `known`, if that is its model and its hash was not known yet."""
    model = recipe.model
    if model.sha256 or (model.path, model.tower) != (known.path, known.tower):
        return recipe
    return with_hash(recipe, known.sha256)


class Needs(NamedTuple):
    """What must be loaded for a recipe: its model, its text tower, in which precision."""

    model: str
    tower: str
    precision: Precision


def needs(recipe: Recipe) -> Needs:
    """Return what must be loaded for a recipe, whichever way the path of its model is written."""
    return Needs(model_key(recipe.model.path), recipe.model.tower, recipe.precision)
