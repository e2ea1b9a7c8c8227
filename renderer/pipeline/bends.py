"""A recipe's bends as the networks take them."""

from __future__ import annotations

from renderer.frame.frame import ModelInfo
from renderer.pipeline.latents import fold_seed
from renderer.recipe.quoting import one_line
from renderer.recipe.recipe import Recipe
from stylegan_t.inference.bending import Bends, Effect


def bends_of(recipe: Recipe, info: ModelInfo) -> Bends:
    """Return what `recipe` does to the layers of a model; bends of layers that it lacks, and those
    that change nothing, are left out."""
    sides = {layer.name: layer.resolution for layer in info.layers}
    found: dict[str, tuple[Effect, ...]] = {}
    for bend in recipe.bends:
        if bend.acts and bend.layer in sides:
            effect = Effect(
                bend.kind,
                bend.amount,
                bend.vertical,
                fold_seed(bend.seed),
                bend.channels,
                sides[bend.layer],
            )
            found[bend.layer] = (*found.get(bend.layer, ()), effect)
    return found


def bend_notes(recipe: Recipe, info: ModelInfo) -> tuple[str, ...]:
    """Return what is said of bends that have no effect because the model lacks their layers."""
    known = {layer.name for layer in info.layers}
    lacking = dict.fromkeys(bend.layer for bend in recipe.bends if bend.acts and bend.layer)
    return tuple(
        f"This model has no layer {one_line(name[:80])}, so its bend has no effect."
        for name in lacking
        if name not in known
    )
