"""Identity of recipes: those of one picture, and those that need the same things loaded.

A model's hash becomes known only when its file has been read, so a recipe has none at first.  Here,
and nowhere else, is what that means for comparing recipes.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from renderer.recipe.names import model_key
from renderer.recipe.recipe import ModelBlend, ModelRef, Precision, Recipe


def unhashed(recipe: Recipe) -> Recipe:
    """`recipe` without its models' hashes: what two recipes of one picture have in common."""
    return with_hash(recipe, "", "")


def same_picture(first: Recipe, second: Recipe) -> bool:
    """Return whether two recipes are equal but for what is known of their models' hashes."""
    known = second.model
    return first is second or with_hash(first, known.sha256, known.blend.sha256) == second


def with_hash(recipe: Recipe, sha256: str, second: str | None = None) -> Recipe:
    """`recipe` with the hash of its model, 64 hexadecimal digits, or empty for none; and with that
    of the second one it is blended with, where one is given."""
    model = hashed(recipe.model, sha256, second)
    return recipe if model is recipe.model else replace(recipe, model=model)


def hashed(model: ModelRef, sha256: str, second: str | None = None) -> ModelRef:
    """A model with its hash; arguments as those of `with_hash`."""
    if second is not None and model.blend.sha256 != second:
        model = replace(model, blend=replace(model.blend, sha256=second))
    return model if model.sha256 == sha256 else replace(model, sha256=sha256)


def hash_learnt(recipe: Recipe, known: ModelRef) -> Recipe:
    """`recipe` with the hashes in `known`, where those are its models and their hashes were not
    known yet."""
    model = recipe.model
    own, second = model.sha256, model.blend.sha256
    if not own and (model.path, model.tower) == (known.path, known.tower):
        own = known.sha256
    if not second and model.blend.path == known.blend.path:
        second = known.blend.sha256
    return with_hash(recipe, own, second)


def blended_with(blend: ModelBlend, path: str, sha256: str = "") -> ModelBlend:
    """`blend` with the second model at `path`, whose hash may not be known yet."""
    return replace(blend, path=path, sha256=sha256)


def second_of(model: ModelRef) -> ModelRef:
    """The second model that a model is blended with, as a model of its own."""
    return ModelRef(model.blend.path, model.blend.sha256)


class Needs(NamedTuple):
    """The things that must be loaded for a recipe: its model, its text tower, in which precision;
    and the second model that it is blended with, or nothing."""

    model: str
    tower: str
    precision: Precision
    second: str


def needs(recipe: Recipe) -> Needs:
    """Return what must be loaded for a recipe, whichever way the path of its model is written."""
    model, second = recipe.model, recipe.model.blend.path
    second = model_key(second) if second else ""
    return Needs(model_key(model.path), model.tower, recipe.precision, second)
