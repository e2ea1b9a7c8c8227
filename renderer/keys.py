"""Cache keys: the part of a recipe that each stage depends on, without what has no effect."""

from __future__ import annotations

from collections.abc import Hashable

from renderer.recipe import LatentPart, MixingPart, NoisePart, Recipe


def latent_key(part: LatentPart) -> Hashable:
    """The latent: at position 0 the walk's goal does not matter."""
    return part if part.position else part.seed


def mixing_key(part: MixingPart) -> Hashable:
    """The mixing, or None when nothing is mixed; a source that no track takes does not matter."""
    if not (part.latent.active or part.text.active):
        return None
    seed = part.seed if part.latent.active else None
    prompt = part.prompt if part.text.active else None
    return seed, prompt, part.latent, part.text


def w_key(recipe: Recipe) -> Hashable:
    """All rows of w."""
    return latent_key(recipe.latent), recipe.text, recipe.psi, mixing_key(recipe.mixing)


def noise_key(part: NoisePart) -> Hashable:
    """The noise: only fresh noise has a seed, and no noise has no strength."""
    if part.mode == "none":
        return part.mode
    return part.mode, part.strength, part.seed if part.mode == "random" else None


def drawing_key(recipe: Recipe) -> Hashable:
    """What the synthesis depends on beside w."""
    return noise_key(recipe.noise), recipe.transform, recipe.precision
