"""The ends of a latent's walk."""

from __future__ import annotations

import torch
from msgspec.structs import replace

from renderer.pipeline.latents import latent
from renderer.recipe import latent_ends
from renderer.recipe.recipe import WILD, LatentPart, Morph, Recipe, check

DIM = 16
KEPT = (0.5, -0.25) * 8


def test_a_seed_takes_the_place_of_offset_values_and_morph() -> None:
    part = LatentPart(
        seed=3, x=0.2, y=-0.1, values=KEPT, morph=Morph(LatentPart(seed=9), 0.5), position=0.3
    )
    assert latent_ends.start_at_seed(part, 5) == LatentPart(seed=5, position=0.3)


def test_targets() -> None:
    part = latent_ends.aim_at_values(LatentPart(), KEPT)
    assert part.target_values == KEPT
    assert latent_ends.aim_at_seed(part, 8) == LatentPart(target_seed=8)


def test_swapping_twice_changes_nothing() -> None:
    part = LatentPart(seed=3, target_seed=8, position=0.3, blend="lerp", target_values=KEPT)
    once = latent_ends.swapped(part)
    assert (once.seed, once.values, once.target_seed) == (8, KEPT, 3)
    assert latent_ends.swapped(once) == part


def test_swapping_keeps_the_latent() -> None:
    part = LatentPart(seed=3, target_seed=8, position=0.3)
    assert torch.allclose(latent(part, DIM), latent(latent_ends.swapped(part), DIM), atol=1e-5)


def test_swapping_a_start_between_seeds_keeps_the_latent() -> None:
    part = LatentPart(seed=3, x=0.3, y=0.1, target_seed=8, position=0.3)
    assert latent_ends.between_seeds(part)
    start = tuple(latent(latent_ends.start_only(part), DIM)[0].tolist())
    swapped = latent_ends.swapped(part, start)
    assert not latent_ends.between_seeds(swapped)
    assert torch.allclose(latent(part, DIM), latent(swapped, DIM), atol=1e-5)


def test_settling_keeps_the_latent_and_the_target() -> None:
    morph = Morph(LatentPart(seed=4), 0.5)
    part = LatentPart(seed=3, target_seed=8, position=0.3, morph=morph)
    now = latent(part, DIM)
    settled = latent_ends.settled(part, tuple(now[0].tolist()))
    assert torch.equal(latent(settled, DIM), now)
    assert settled == replace(LatentPart(seed=3, target_seed=8), values=settled.values)


def test_a_walk_from_far_away_stays_one_that_a_recipe_may_hold() -> None:
    far = latent_ends.swapped(LatentPart(position=-WILD))
    check(Recipe(latent=far))
    assert far.position == WILD
