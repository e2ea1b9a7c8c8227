"""Latent mathematics by its properties."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor

from renderer.errors import PictureError
from renderer.pipeline import latents
from renderer.recipe import seed_plane
from renderer.recipe.recipe import (
    MAX_MORPHS,
    LatentPart,
    Morph,
    Pad,
    TransformPart,
    WeightedSeed,
)
from stylegan_t.fourier_input import SynthesisInput


def blended_prompts(
    embeddings: torch.Tensor,
    weights: Sequence[float],
    blend: latents.Blend = "lerp",
    normalize: bool = True,
) -> torch.Tensor:
    """As the text stage finishes a blend without strength and directions."""
    total = latents.weighted(embeddings, weights, blend)
    return (latents.unit(total) if normalize else total).float()


def gaussians(count: int, dim: int = 64, seed: int = 5) -> Tensor:
    return torch.randn(count, dim, generator=torch.Generator().manual_seed(seed))


def units(count: int, dim: int = 16, seed: int = 5) -> Tensor:
    return torch.nn.functional.normalize(gaussians(count, dim, seed), dim=1)


# -- seeds ---------------------------------------------------------------------------------------


def test_a_seed_is_always_the_same_latent() -> None:
    z = latents.seed_latent(7, 64)
    assert z.shape == (1, 64)
    assert z.dtype == torch.float32
    torch.manual_seed(123)  # the global generator has no say
    assert torch.equal(z, latents.seed_latent(7, 64))
    # Written down once: a recipe of today must be the same picture in the next version.
    torch.testing.assert_close(z[0, :3], torch.tensor([0.0663, 0.0470, 1.8365]), atol=1e-4, rtol=0)


def test_seeds_far_apart_are_different_latents() -> None:
    seeds = [0, 1, 2**32, 2**32 + 1, 2**40, 2**63 - 1]
    seen = {tuple(latents.seed_latent(seed, 8)[0].tolist()) for seed in seeds}
    assert len(seen) == len(seeds)


def test_latents_are_gaussian() -> None:
    z = torch.cat([latents.seed_latent(seed, 64) for seed in range(500)])
    assert abs(float(z.mean())) < 0.03
    assert abs(float(z.std()) - 1) < 0.03


def test_position_zero_is_the_seed_and_one_the_target() -> None:
    at = [latents.latent(LatentPart(3, 9, t), 64) for t in (0.0, 1.0)]
    assert torch.equal(at[0], latents.seed_latent(3, 64))
    torch.testing.assert_close(at[1], latents.seed_latent(9, 64))


# -- the plane of seeds, written latents, walks in walks -----------------------------------------

PLACES = [(x / 4, y / 4) for x in range(-4, 9) for y in range(-4, 9)]


def at(x: float, y: float, seed: int = 5000) -> Tensor:
    return latents.latent(LatentPart(seed, x=x, y=y), 32)


def test_whole_steps_lead_to_other_seeds() -> None:
    for x, y, seed in [
        (1, 0, 5001),
        (0, 1, 6000),
        (-3, -2, 2997),
        (0, -6, seed_plane.PLANE - 1000),
    ]:
        assert torch.equal(at(float(x), float(y)), latents.seed_latent(seed, 32))


@pytest.mark.parametrize("nudge", [(1e-6, 0.0), (0.0, 1e-6), (-1e-6, 1e-6)])
def test_the_plane_is_continuous_everywhere(nudge: tuple[float, float]) -> None:
    for x, y in PLACES:
        near = at(x + nudge[0], y + nudge[1])
        assert float((near - at(x, y)).norm()) < 1e-3, (x, y)


def test_the_plane_keeps_the_norm() -> None:
    for x, y in PLACES:
        low, high = math.floor(x), math.floor(y)
        around = [at(low + i, high + j).norm() for i in (0.0, 1.0) for j in (0.0, 1.0)]
        assert min(around) - 1e-4 <= at(x, y).norm() <= max(around) + 1e-4


def test_a_journey_ends_where_the_plane_is_the_same() -> None:
    part = LatentPart(5000, x=0.25, y=-0.375)
    for dx, dy in [(0.5, 0.25), (7.25, -2.125), (-1234.5, 600.0)]:
        there = latents.latent(seed_plane.travelled(part, dx, dy), 32)
        torch.testing.assert_close(there, at(part.x + dx, part.y + dy), atol=1e-5, rtol=1e-5)


def test_values_stand_in_place_of_seeds() -> None:
    own, goal = (1.0, -2.0, 0.5), (0.0, 3.0, 1.0)
    part = LatentPart(7, x=0.3, values=own, target_values=goal, blend="lerp")
    torch.testing.assert_close(latents.latent(part, 3), torch.tensor([own]))
    half = latents.latent(replace(part, position=0.5), 3)
    torch.testing.assert_close(half, (torch.tensor([own]) + torch.tensor([goal])) / 2)


@pytest.mark.parametrize(
    "part",
    [LatentPart(values=(1.0,) * 5), LatentPart(position=0.5, target_values=(1.0,) * 5)],
)
def test_values_of_another_model_are_a_sentence(part: LatentPart) -> None:
    with pytest.raises(PictureError, match="has 5 values, but the model takes 4"):
        latents.latent(part, 4)


def test_values_of_zero_are_finite_on_every_walk() -> None:
    for blend in ("slerp", "lerp"):
        for position in (-1.0, 0.5, 2.0):
            part = LatentPart(values=(0.0,) * 8, position=position, blend=blend)
            assert bool(torch.isfinite(latents.latent(part, 8)).all())


def test_a_morph_walks_to_a_whole_other_latent() -> None:
    a, b = LatentPart(3, 9, 0.25, x=0.5), LatentPart(4, 11, 0.75, y=0.5)
    start, end = latents.latent(a, 32), latents.latent(b, 32)
    for t in (0.0, 0.25, 1.0, 1.5):
        walked = latents.latent(replace(a, morph=Morph(b, t)), 32)
        torch.testing.assert_close(walked, latents.slerp(start, end, t))


def test_sixteen_walks_lie_in_one_another() -> None:
    part = LatentPart(0)
    for seed in range(1, MAX_MORPHS + 1):
        part = LatentPart(seed, morph=Morph(part, 0.5))
    assert bool(torch.isfinite(latents.latent(part, 32)).all())


# -- walks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("walk", [latents.slerp, latents.lerp])
def test_walks_meet_both_ends(walk: latents.Interpolation) -> None:
    a, b = gaussians(2, seed=1), gaussians(2, seed=2)
    torch.testing.assert_close(walk(a, b, 0.0), a, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(walk(a, b, 1.0), b, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(walk(a, b, 0.3), walk(b, a, 0.7), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("walk", [latents.slerp, latents.lerp])
def test_walks_refuse_ends_of_different_shape(walk: latents.Interpolation) -> None:
    with pytest.raises(ValueError, match="shape"):
        walk(gaussians(1, 8), gaussians(1, 9), 0.5)


@pytest.mark.parametrize("t", [-0.5, 0.1, 0.5, 0.9, 1.7])
def test_slerp_keeps_the_norm(t: float) -> None:
    a, b = units(3, seed=1), units(3, seed=2)
    torch.testing.assert_close(latents.slerp(a, b, t).norm(dim=1), torch.ones(3))


def test_slerp_keeps_the_norm_of_gaussians_where_lerp_shrinks_it() -> None:
    a, b = gaussians(200, seed=1), gaussians(200, seed=2)
    mean_norm = float(a.norm(dim=1).mean())
    assert float(latents.slerp(a, b, 0.5).norm(dim=1).mean()) == pytest.approx(mean_norm, rel=0.02)
    assert float(latents.lerp(a, b, 0.5).norm(dim=1).mean()) < 0.8 * mean_norm


@pytest.mark.parametrize("t", [-1.0, 0.25, 0.5, 1.5])
def test_slerp_turns_evenly(t: float) -> None:
    a, b = units(1, seed=1), units(1, seed=2)
    angle = math.acos(float((a * b).sum()))
    turned = math.acos(float((a * latents.slerp(a, b, t)).sum()))
    assert turned == pytest.approx(abs(t) * angle, abs=1e-3)


def test_slerp_of_equal_and_opposite_vectors_is_finite() -> None:
    a = units(2)
    torch.testing.assert_close(latents.slerp(a, a, 0.4), a)
    half = latents.slerp(a, -a, 0.5)
    torch.testing.assert_close(half.norm(dim=1), torch.ones(2))
    torch.testing.assert_close((half * a).sum(dim=1), torch.zeros(2), atol=1e-6, rtol=0)


def test_a_far_walk_stays_finite() -> None:
    z = latents.latent(LatentPart(1, 2, 1e4), 64)
    assert bool(torch.isfinite(z).all())
    assert 4 < float(z.norm()) < 14


# -- prompts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
def test_one_prompt_is_itself(blend: latents.Blend) -> None:
    e = units(1)
    torch.testing.assert_close(blended_prompts(e, [1.0], blend), e)
    torch.testing.assert_close(blended_prompts(e, [0.3], blend), e)


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_a_blend_has_unit_norm_and_ignores_order(blend: latents.Blend, count: int) -> None:
    e, weights = units(count), [0.5 + i for i in range(count)]
    blended = blended_prompts(e, weights, blend)
    assert float(blended.norm()) == pytest.approx(1, abs=1e-5)
    other = blended_prompts(e.flip(0), weights[::-1], blend)
    torch.testing.assert_close(blended, other, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
def test_a_prompt_of_weight_zero_has_no_say(blend: latents.Blend) -> None:
    e = units(3)
    with_it = blended_prompts(e, [1, 0, 2], blend)
    assert torch.equal(with_it, blended_prompts(e[[0, 2]], [1, 2], blend))


def test_without_normalising_lerp_sums() -> None:
    e = units(2)
    torch.testing.assert_close(
        blended_prompts(e, [2.0, -0.5], "lerp", normalize=False), (2 * e[0] - e[1] / 2)[None]
    )


def test_two_prompts_on_the_sphere_are_a_walk() -> None:
    e = units(2)
    blended = blended_prompts(e, [1.0, 3.0], "slerp")
    torch.testing.assert_close(blended, latents.slerp(e[:1], e[1:], 0.75))


def test_the_mean_on_the_sphere_is_balanced() -> None:
    """Seen from the mean, the weighted directions to all prompts cancel out."""
    e, weights = units(4), torch.tensor([1.0, 2.0, 0.5, 1.0])
    mean = blended_prompts(e, weights.tolist(), "slerp").double()
    cos = (e * mean).sum(dim=1, keepdim=True)
    side = e - cos * mean
    logs = side / side.norm(dim=1, keepdim=True) * torch.acos(cos)
    assert float((weights[:, None] * logs).sum(dim=0).norm()) < 1e-4


@pytest.mark.parametrize("blend", ["lerp", "slerp"])
@pytest.mark.parametrize("weights", [[0.0, 0.0], [1.0, -1.0], [1e4, -1e4], [1e-12, 0.0]])
def test_weights_that_cancel_give_finite_numbers(
    blend: latents.Blend, weights: list[float]
) -> None:
    e = units(1).repeat(2, 1)
    assert bool(torch.isfinite(blended_prompts(e, weights, blend)).all())


# -- mixing --------------------------------------------------------------------------------------


def rows_of_w(count: int = 2) -> list[Tensor]:
    """Rows of w of some pictures, [10, 12] each."""
    drawn = torch.randn(count, 10, 12, generator=torch.Generator().manual_seed(1))
    return list(drawn.unbind(0))


@pytest.mark.parametrize("keep_norm", [False, True])
def test_weights_of_zero_change_nothing(keep_norm: bool) -> None:
    a, b = rows_of_w()
    assert torch.equal(latents.mix_rows(a, [], [], keep_norm), a)
    assert torch.equal(latents.mix_rows(a, [b * math.inf], [[0.0] * 10], keep_norm), a)


@pytest.mark.parametrize("keep_norm", [False, True])
def test_weights_of_one_take_the_source(keep_norm: bool) -> None:
    a, b = rows_of_w()
    assert torch.equal(latents.mix_rows(a, [b], [[1.0] * 10], keep_norm), b)


def test_only_the_named_rows_change() -> None:
    a, b = rows_of_w()
    weights = [0.0] * 3 + [0.5] * 3 + [0.0] * 4
    mixed = latents.mix_rows(a, [b], [weights])
    assert (mixed != a).any(dim=1).tolist() == [3 <= row < 6 for row in range(10)]
    torch.testing.assert_close(mixed[3:6], (a + b)[3:6] / 2)


@pytest.mark.parametrize("weight", [-0.5, 0.25, 0.5, 1.5])
def test_one_source_is_a_straight_walk(weight: float) -> None:
    a, b = rows_of_w()
    mixed = latents.mix_rows(a, [b], [[weight] * 10])
    assert torch.equal(mixed, torch.lerp(a, b, weight))


@pytest.mark.parametrize("weights", [[0.3, 0.4, -0.2], [0.9, 0.8, 0.7], [1.5, 1.0, -0.5]])
@pytest.mark.parametrize("keep_norm", [False, True])
def test_the_order_of_sources_does_not_matter(weights: list[float], keep_norm: bool) -> None:
    a, *sources = rows_of_w(4)
    each = [[weight] * 10 for weight in weights]
    mixed = latents.mix_rows(a, sources, each, keep_norm)
    other = latents.mix_rows(a, sources[::-1], each[::-1], keep_norm)
    torch.testing.assert_close(mixed, other, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("weights", "taken"),
    [
        ([0.25, 0.5], [0.25, 0.5]),
        ([1.0, 1.0], [0.5, 0.5]),
        ([0.75, 0.75, 0.5], [0.375, 0.375, 0.25]),
        ([2.0, 0.5], [1.6, 0.4]),
        ([1.0, 1.0, -1.0], [0.5, 0.5, -0.5]),
        ([-2.0, 0.5], [-2.0, 0.5]),
        ([-1.0, -1.0], [-1.0, -1.0]),
    ],
)
def test_sources_share_the_place(weights: list[float], taken: list[float]) -> None:
    a, *sources = rows_of_w(1 + len(weights))
    mixed = latents.mix_rows(a, sources, [[weight] * 10 for weight in weights])
    expected = a + sum(w * (b - a) for w, b in zip(taken, sources, strict=True))
    torch.testing.assert_close(mixed, expected)


def test_each_row_takes_from_its_own_sources() -> None:
    a, b, c = rows_of_w(3)
    weights = [[1.0] * 4 + [0.0] * 6, [0.0] * 2 + [1.0] * 4 + [0.0] * 4]
    mixed = latents.mix_rows(a, [b, c], weights)
    assert torch.equal(mixed[:2], b[:2])
    torch.testing.assert_close(mixed[2:4], (b + c)[2:4] / 2)
    assert torch.equal(mixed[4:6], c[4:6])
    assert torch.equal(mixed[6:], a[6:])


@pytest.mark.parametrize("weights", [[-0.5], [0.25], [1.5], [0.25, 0.5], [1.0, 1.0], [2.0, -1.0]])
def test_mixed_text_keeps_unit_norm(weights: list[float]) -> None:
    a, *sources = (torch.nn.functional.normalize(x, dim=1) for x in rows_of_w(1 + len(weights)))
    mixed = latents.mix_rows(a, sources, [[w] * 10 for w in weights], keep_norm=True)
    torch.testing.assert_close(mixed.norm(dim=1), torch.ones(10))


def test_the_norm_of_a_mix_lies_between_those_of_its_parts() -> None:
    a, b, c = (torch.nn.functional.normalize(x, dim=1) for x in rows_of_w(3))
    for weights in ([0.5, 0.5], [0.2, 0.3], [3.0, 2.0], [-1.0, 0.5]):
        mixed = latents.mix_rows(a, [2 * b, 3 * c], [[w] * 10 for w in weights], keep_norm=True)
        assert bool((mixed.norm(dim=1) >= 1 - 1e-5).all())
        assert bool((mixed.norm(dim=1) <= 3 + 1e-5).all())


def test_mixing_leaves_its_arguments_alone() -> None:
    a, b = rows_of_w()
    before = a.clone()
    latents.mix_rows(a, [b], [[1.0] * 5 + [0.5] * 5])
    assert torch.equal(a, before)


# -- placement -----------------------------------------------------------------------------------


def features(part: TransformPart, size: int = 32) -> Tensor:
    """What the generator's input layer makes of a transform, [C, size, size]."""
    torch.manual_seed(3)
    layer = SynthesisInput(4, 6, size)
    return layer(torch.zeros(1, 4), latents.transform_matrix(part))[0]


def test_no_transform_is_the_identity() -> None:
    assert torch.equal(latents.transform_matrix(TransformPart()), torch.eye(3))


def test_a_quarter_turn_is_counter_clockwise() -> None:
    still, turned = features(TransformPart()), features(TransformPart(rotate_deg=90))
    torch.testing.assert_close(turned, torch.rot90(still, 1, dims=(1, 2)), atol=1e-4, rtol=0)


def test_x_moves_right_and_y_up() -> None:
    still = features(TransformPart())
    right, up = features(TransformPart(x=0.25)), features(TransformPart(y=0.25))
    torch.testing.assert_close(right[:, :, 8:], still[:, :, :-8], atol=1e-4, rtol=0)
    torch.testing.assert_close(up[:, :-8, :], still[:, 8:, :], atol=1e-4, rtol=0)


def test_zoom_enlarges_about_the_middle() -> None:
    still, zoomed = features(TransformPart(), 64), features(TransformPart(zoom=2), 32)
    # Twice the size on half the grid: the pixels are the middle quarter of the fine grid.
    torch.testing.assert_close(zoomed, still[:, 16:48, 16:48], atol=1e-4, rtol=0)


def test_turning_then_moving_moves_along_the_picture() -> None:
    turned = features(TransformPart(rotate_deg=30))
    moved = features(TransformPart(rotate_deg=30, x=0.25))
    torch.testing.assert_close(moved[:, :, 8:], turned[:, :, :-8], atol=1e-4, rtol=0)


# -- blends of seeds -------------------------------------------------------------------------------


def seeds_of(*weights: float, **fields: Any) -> LatentPart:
    """Seeds 5, 6, 7, ... with these weights."""
    seeds = tuple(WeightedSeed(5 + i, weight) for i, weight in enumerate(weights))
    return LatentPart(seeds=seeds, **fields)


def test_one_seed_of_a_blend_is_exactly_its_own_latent() -> None:
    for part in (seeds_of(2.0), seeds_of(1.0, 0.0), seeds_of(1, 1, 1, 1, pad=Pad(0.0, 0.0))):
        assert torch.equal(latents.latent(part, 64), latents.seed_latent(5, 64))
    corner = seeds_of(1, 1, 1, 1, pad=Pad(1.0, 1.0))
    assert torch.equal(latents.latent(corner, 64), latents.seed_latent(8, 64))


@pytest.mark.parametrize("blend", ["slerp", "lerp"])
def test_two_seeds_are_the_way_between_them(blend: Any) -> None:
    between = latents.latent(LatentPart(5, 6, 0.3, blend), 64)
    for weights in ((0.7, 0.3), (7.0, 3.0)):
        blended = latents.latent(seeds_of(*weights, blend=blend), 64)
        assert torch.allclose(blended, between, atol=1e-5)


def test_a_blend_of_many_keeps_the_norm_of_a_latent() -> None:
    norm = float(latents.latent(seeds_of(*[1.0] * 8), 64).norm())
    ends = [float(latents.seed_latent(5 + i, 64).norm()) for i in range(8)]
    assert min(ends) <= norm <= max(ends)
    assert float(latents.latent(seeds_of(*[1.0] * 8, blend="lerp"), 64).norm()) < 0.6 * norm


def test_a_blend_goes_on_to_a_target_and_is_finite_where_weights_cancel_out() -> None:
    arrived = latents.latent(seeds_of(1.0, 1.0, target_seed=9, position=1.0), 64)
    assert torch.allclose(arrived, latents.seed_latent(9, 64), atol=1e-5)
    for part in (seeds_of(1.0, -1.0), seeds_of(0.0, 0.0), seeds_of(-1.0, 3.0)):
        assert torch.isfinite(latents.latent(part, 64)).all()


def test_a_blend_without_seeds_has_no_pad_and_values_stand_in_its_place() -> None:
    assert LatentPart(pad=Pad(0.1, 0.2)) == LatentPart()
    assert seeds_of(1.0, values=(1.0,)) == LatentPart(values=(1.0,))
