"""Between two recipes: exact ends, sound results, no jumps; and the rules one by one."""

from __future__ import annotations

import itertools
import math
import zlib
from typing import Any, get_args

import msgspec
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from renderer.pipeline import latents
from renderer.recipe.parts.moves import Space
from renderer.recipe.recipe import (
    MAX_BENDS,
    MAX_MORPHS,
    Bend,
    Canvas,
    Direction,
    LatentPart,
    LayoutLock,
    MixingPart,
    MixSource,
    MixTrack,
    ModelBlend,
    ModelRef,
    Morph,
    Move,
    NoisePart,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    WeightedSeed,
    check,
)
from renderer.recipe.seed_plane import PLANE
from renderer.timeline.interpolation import between, mixing_between, noise_between
from renderer.timeline.latent_interpolation import latent_between
from renderer.timeline.text_interpolation import text_between
from tests.renderer.strategies import MODEST, recipes

Z = 4
quick = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def embedding(text: str) -> torch.Tensor:
    """A unit vector that stands for a text."""
    generator = torch.Generator().manual_seed(zlib.crc32(text.encode()))
    row = torch.randn(1, 16, generator=generator, dtype=torch.float64)
    return row / row.norm()


def voice(part: TextPart) -> torch.Tensor:
    """The embedding of a blend of prompts."""
    rows = torch.cat([embedding(prompt.text) for prompt in part.prompts])
    total = latents.weighted(rows, part.weights, part.blend)
    return (latents.unit(total) if part.normalize else total).float()


def z(part: LatentPart) -> torch.Tensor:
    """The latent of a model with four values."""
    return latents.latent(part, Z)


def mixed(part: MixingPart) -> torch.Tensor:
    """How much of each source the rows of six blocks with a row each take: [16 * 6]."""
    taken = torch.zeros(16, 6).double()
    for source in part.sources:
        for track, kind in ((source.latent, "z"), (source.text, "text")):
            rows = torch.tensor([[track.of_row(i, i) for i in range(6)]]).double()
            taken += embedding(f"{kind}{source.seed}{source.values}{source.prompt}").T @ rows
    return taken.flatten()


def numbers(recipe: Recipe) -> torch.Tensor:
    """What of a recipe is plain numbers with an effect on the picture."""
    noise = recipe.noise
    loud = 0.0 if noise.mode == "none" else 1.0
    turns = recipe.transform
    spaces = get_args(Space)
    moves = torch.zeros(len(spaces), 3).double()
    for move in recipe.moves:
        moves[spaces.index(move.space), move.component] += move.amount
    turned = torch.zeros(16).double()
    for item in recipe.text.directions:
        what = f"{item.plus}-{item.minus}-{item.start}-{item.stop}"
        turned += item.amount * embedding(what)[0]
    values = [
        recipe.text.strength,
        *(recipe.psi_of_block(index) for index in range(5)),
        *(loud * noise.of_block(index) for index in range(5)),
        *(turns.rotate_deg, turns.x, turns.y, math.log(turns.zoom)),
    ]
    rest = torch.tensor(values, dtype=torch.float64)
    return torch.cat([rest, moves.flatten(), turned, mixed(recipe.mixing)])


# -- properties ----------------------------------------------------------------------------------


@pytest.mark.slow
@quick
@given(recipes(), recipes(), st.floats(0.0, 1.0))
def test_what_lies_between_is_always_a_sound_recipe(a: Recipe, b: Recipe, t: float) -> None:
    check(between(a, b, t))


@pytest.mark.slow
@quick
@given(recipes(), recipes())
def test_the_ends_are_the_very_recipes(a: Recipe, b: Recipe) -> None:
    assert between(a, b, 0.0) is a
    assert between(a, b, 1.0) == b
    assert between(a, b, -3.0) is a
    assert between(a, b, 7.0) == b
    assert between(a, a, 0.3) == a


@pytest.mark.slow
@quick
@given(
    recipes(MODEST, zooms=st.floats(0.5, 2.0)),
    recipes(MODEST, zooms=st.floats(0.5, 2.0)),
    st.sampled_from([0.0, 1e-7, 0.25, 0.5, 0.9999, 1.0 - 1e-7]),
)
def test_no_number_jumps(a: Recipe, b: Recipe, t: float) -> None:
    step = 1e-7
    here, there = numbers(between(a, b, t)), numbers(between(a, b, t + step))
    assert torch.isfinite(here).all()
    assert float((there - here).abs().max()) < 1e-3


@pytest.mark.slow
@quick
@given(
    recipes(MODEST, weights=st.sampled_from([0.25, 1.0, 2.0])),
    recipes(MODEST, weights=st.sampled_from([0.25, 1.0, 2.0])),
    st.sampled_from([0.0, 0.5, 1.0 - 1e-7]),
    st.booleans(),
)
def test_no_prompt_jumps(a: Recipe, b: Recipe, t: float, slerp: bool) -> None:
    kind = {"blend": "slerp" if slerp else "lerp", "normalize": True}
    first, second = (replace(part.text, **kind) for part in (a, b))
    here = voice(text_between(first, second, t))
    there = voice(text_between(first, second, t + 1e-7))
    assert float((there - here).abs().max()) < 1e-3


VALUES = LatentPart(values=(0.5, -1.0, 2.0, 0.1))
LATENTS = (
    LatentPart(7),
    LatentPart(8),
    LatentPart(7, x=0.5, y=-0.25),
    LatentPart(1008, x=-0.5),
    LatentPart(8, x=0.75, y=20.0),
    LatentPart(7, 8, 0.5),
    LatentPart(7, 9, 0.5, "lerp", 0.5),
    LatentPart(7, 8, 1.5, "lerp"),
    VALUES,
    LatentPart(7, morph=Morph(VALUES, 0.5)),
    LatentPart(7, morph=Morph(LatentPart(50), 0.25)),
    LatentPart(7, 8, 0.5, "lerp", morph=Morph(VALUES, 1.0)),
    LatentPart(40, 3, 0.5, morph=Morph(LatentPart(2, morph=Morph(VALUES, 0.5)), 0.5)),
    LatentPart(8, morph=Morph(VALUES, 0.0)),
)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0 - 1e-7])
def test_no_latent_jumps(t: float) -> None:
    for a, b in itertools.product(LATENTS, LATENTS):
        here, there = (z(latent_between(a, b, s)) if s < 1 else z(b) for s in (t, t + 1e-7))
        if t == 0.0:
            here = z(a)
        assert float((there - here).abs().max()) < 1e-3, (a, b)


# -- text ----------------------------------------------------------------------------------------


def words(*rows: tuple[str, float], **rest: object) -> TextPart:
    return replace(TextPart(tuple(Prompt(*row) for row in rows)), **rest)


def test_equal_prompts_change_their_weights() -> None:
    middle = text_between(words(("x", 1.0), ("y", 0.0)), words(("x", 0.0), ("y", 2.0)), 0.25)
    assert middle.prompts == (Prompt("x", 0.75), Prompt("y", 0.5))


def test_other_prompts_fade_over_each_side_as_loud_as_the_other() -> None:
    middle = text_between(words(("x", 3.0), ("y", 1.0)), words(("z", 0.5)), 0.5)
    assert middle.prompts == (Prompt("x", 0.375), Prompt("y", 0.125), Prompt("z", 0.5))


def test_a_prompt_that_both_have_stands_there_once() -> None:
    middle = text_between(words(("x", 1.0)), words(("y", 1.0), ("x", 1.0)), 0.5)
    assert middle.prompts == (Prompt("x", 0.75), Prompt("y", 0.25))


def test_equal_prompts_on_one_side_all_count() -> None:
    middle = text_between(words(("x", 1.0), ("x", 1.0)), words(("y", 1.0)), 0.5)
    assert middle.prompts == (Prompt("x", 0.25), Prompt("x", 0.25), Prompt("y", 0.5))


def test_a_raw_sum_keeps_its_size() -> None:
    raw = words(("x", 3.0), normalize=False)
    assert text_between(raw, words(("y", 2.0), normalize=False), 0.5).prompts == (
        Prompt("x", 1.5),
        Prompt("y", 1.0),
    )


def test_two_pads_over_the_same_prompts_move_and_one_becomes_weights() -> None:
    rows = (("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0))
    left, right = words(*rows, pad=Pad(0.0, 0.0)), words(*rows, pad=Pad(1.0, 0.5))
    assert text_between(left, right, 0.5).pad == Pad(0.5, 0.25)
    loose = text_between(left, words(*rows), 0.5)
    assert loose.pad is None
    assert [row.weight for row in loose.prompts] == [1.0, 0.5, 0.5, 0.5]


def test_how_one_blends_is_taken_from_the_side_where_it_matters() -> None:
    alone, two = words(("x", 1.0)), words(("x", 1.0), ("y", 1.0), blend="slerp")
    assert text_between(alone, two, 0.1).blend == "slerp"
    assert text_between(two, alone, 0.9).blend == "slerp"
    weak = words(("x", 1.0), strength=0.5, neutral="a picture")
    assert text_between(alone, weak, 0.1).neutral == "a picture"


def test_more_prompts_than_a_recipe_holds_step_at_the_end() -> None:
    many, others = (words(*((f"{name}{i}", 1.0) for i in range(700))) for name in "ab")
    assert text_between(many, others, 0.5).prompts == many.prompts


def test_directions_are_matched_by_what_they_do() -> None:
    warm = Direction("warm", "summer", "winter", 1.0)
    same = Direction("hot", "summer", "winter", 3.0)
    old = Direction("old", "ancient", "new", 2.0)
    middle = text_between(TextPart(directions=(warm,)), TextPart(directions=(old, same)), 0.5)
    assert [(item.name, item.amount) for item in middle.directions] == [("warm", 2.0), ("old", 1.0)]


# -- latents -------------------------------------------------------------------------------------


def test_two_bare_seeds_are_the_walk_of_the_latent_panel() -> None:
    assert latent_between(LatentPart(3), LatentPart(90), 0.25) == LatentPart(3, 90, 0.25)


def test_a_blend_of_seeds_changes_its_weights_and_another_one_is_a_morph() -> None:
    def blend(*weights: float, pad: Pad | None = None, first: int = 3) -> Recipe:
        seeds = tuple(WeightedSeed(first + i, weight) for i, weight in enumerate(weights))
        return Recipe(latent=LatentPart(seeds=seeds, pad=pad))

    assert between(blend(0.0, 1.0), blend(1.0, 0.5), 0.5) == blend(0.5, 0.75)
    on_pads = between(blend(1, 1, pad=Pad(0.0, 0.0)), blend(1, 1, pad=Pad(1.0, 0.5)), 0.5)
    assert on_pads.latent.pad == Pad(0.5, 0.25)
    one = between(blend(1, 1, pad=Pad(0.0, 0.0)), blend(0.0, 1.0), 0.5)
    assert one == blend(0.5, 0.5)
    other = between(blend(1.0), blend(1.0, first=9), 0.5).latent
    assert other.morph == Morph(blend(1.0, first=9).latent, 0.5)


def test_about_one_seed_the_offset_moves() -> None:
    a, b = LatentPart(3, x=-1.0, y=2.0), LatentPart(3, x=3.0, y=0.0)
    assert latent_between(a, b, 0.5) == LatentPart(3, x=1.0, y=1.0)


def test_places_nearby_on_the_plane_are_joined_by_a_journey_also_over_the_edge() -> None:
    a, b = LatentPart(3, x=0.25), LatentPart(1005, y=0.5)
    middle = latent_between(a, b, 0.5)
    assert (middle.seed, middle.x, middle.y, middle.morph) == (3, 1.125, 0.75, None)
    over = latent_between(LatentPart(PLANE - 1, x=0.5), LatentPart(1), 0.5)
    assert (over.seed, over.x, over.y) == (PLANE - 1, 1.25, 0.0)


def test_the_target_of_a_walk_that_has_not_begun_is_no_difference() -> None:
    a, b = LatentPart(3, 77), LatentPart(3, 5, 0.5)
    assert latent_between(a, b, 0.5) == LatentPart(3, 5, 0.25)
    assert latent_between(b, a, 0.5) == LatentPart(3, 5, 0.25)


def test_anything_else_is_a_morph_as_direct_as_can_be() -> None:
    a, b = LatentPart(3, 4, 0.5), LatentPart(values=(1.0, 2.0, 3.0, 4.0))
    assert latent_between(a, b, 0.25) == replace(a, morph=Morph(b, 0.25))
    walking = LatentPart(9, morph=Morph(b, 0.5))
    assert latent_between(walking, a, 0.25) == replace(a, morph=Morph(walking, 0.75))
    assert torch.allclose(
        z(latent_between(walking, a, 0.25)), latents.slerp(z(walking), z(a), 0.25)
    )


def test_between_two_walks_the_way_is_whole() -> None:
    a = LatentPart(9, morph=Morph(LatentPart(values=(1.0, 2.0, 3.0, 4.0)), 0.5))
    b = LatentPart(30, 4, 0.5, morph=Morph(LatentPart(50, 51, 0.3), 0.7))
    places = [z(latent_between(a, b, step / 200)) for step in range(201)]
    assert torch.equal(places[0], z(a))
    assert torch.equal(places[-1], z(b))
    assert max(float((q - p).norm()) for p, q in itertools.pairwise(places)) < 0.1


def test_walks_within_walks_have_an_end() -> None:
    part = LatentPart(1000, 2, 0.5)
    for seed in range(200):
        part = latent_between(part, LatentPart(seed * 31, 5, 0.5, x=0.5), 0.5)
        check(Recipe(latent=part))
    depth, inner = 0, part
    while inner.morph is not None:
        inner, depth = inner.morph.to, depth + 1
    assert 1 < depth <= MAX_MORPHS


# -- the rest ------------------------------------------------------------------------------------


def test_numbers_go_straight_and_zoom_by_factors() -> None:
    a = Recipe(psi=0.0, transform=TransformPart(0.0, 0.0, 1.0, 1.0))
    b = Recipe(psi=1.0, transform=TransformPart(720.0, 0.5, 0.0, 4.0))
    middle = between(a, b, 0.5)
    assert middle.psi == 0.5
    assert middle.transform == TransformPart(360.0, 0.25, 0.5, 2.0)


def test_a_block_s_own_truncation_comes_from_the_common_one() -> None:
    middle = between(Recipe(psi=1.0), Recipe(psi=0.0, psi_blocks=(None, 3.0)), 0.5)
    assert middle.psi_blocks == (None, 2.0)
    assert middle.psi_of_block(0) == 0.5


def test_what_truncation_goes_towards_holds_until_the_next_key_frame() -> None:
    a, b = Recipe(psi_cutoff=4), Recipe(psi=0.5, psi_towards="nearest")
    middle = between(a, b, 0.9)
    assert (middle.psi_cutoff, middle.psi_towards) == (4, "average")


def test_noise_comes_from_silence_in_the_kind_that_it_will_have() -> None:
    silent, random = NoisePart("none"), NoisePart("random", 5, 2.0, (0.5,))
    assert noise_between(silent, random, 0.5) == NoisePart("random", 5, 1.0, (0.75,))
    assert noise_between(random, silent, 0.5) == NoisePart("random", 5, 1.0, (0.75,))
    assert noise_between(NoisePart(seed=1), NoisePart(seed=2), 0.99).seed == 1


def test_moves_are_matched_by_their_component() -> None:
    a = Recipe(moves=(Move("mapped", 0, 1.0), Move("style", 0, 4.0, 3)))
    b = Recipe(moves=(Move("mapped", 0, 3.0, 9), Move("style", 0, 2.0, 4)))
    assert between(a, b, 0.5).moves == (
        Move("mapped", 0, 2.0),
        Move("style", 0, 2.0, 3),
        Move("style", 0, 1.0, 4),
    )


def test_the_canvas_holds_until_the_next_key_frame() -> None:
    a, b = Recipe(canvas=Canvas(2.0, 1.0)), Recipe(psi=0.5)
    assert between(a, b, 0.99).canvas == a.canvas
    assert between(a, b, 1.0).canvas == b.canvas


def test_bends_are_matched_by_what_they_change_and_fade_in_from_nothing() -> None:
    some = ((0, 3, 1),)
    a = Recipe(bends=(Bend("x", "gain", 3.0), Bend("x", "scale", 4.0), Bend("y", "blur", 0.1)))
    b = Recipe(
        bends=(
            Bend("x", "scale", 1.0),
            Bend("x", "gain", 2.0),
            Bend("x", "gain", 2.0, channels=some),
            Bend("y", "blur", 0.2, on=False),
        )
    )
    assert between(a, b, 0.5).bends == (
        Bend("x", "gain", 2.5),
        Bend("x", "scale", 2.0),
        Bend("y", "blur", 0.05),
        Bend("x", "gain", 1.5, channels=some),
    )
    off = Recipe(bends=(Bend("y", "blur", 0.2, on=False),))
    assert between(off, Recipe(psi=0.5, bends=off.bends), 0.5).bends == off.bends
    many = tuple(Bend("x", "gain", 2.0, channels=((n, n, 1),)) for n in range(MAX_BENDS))
    assert between(Recipe(bends=many), a, 0.5).bends == many, "no room for both"


def test_mixing_sources_are_matched_by_what_they_are() -> None:
    one = MixSource(4, latent=MixTrack((0.0, 1.0), ((2, 1.0),)))
    more = MixSource(4, latent=MixTrack((1.0,), ((2, 0.0),)))
    other = MixSource(5, text=MixTrack((1.0,)))
    middle = mixing_between(MixingPart((one,)), MixingPart((other, more)), 0.5)
    assert middle.sources[0].latent == MixTrack((0.5, 0.5), ((2, 0.5),))
    assert middle.sources[1] == MixSource(5, text=MixTrack((0.5,)))


def test_a_layer_that_only_one_side_sets_is_faded_over_without_knowing_its_block() -> None:
    one = MixSource(4, latent=MixTrack((1.0, 1.0, 1.0)))
    own = MixSource(4, latent=MixTrack((1.0, 1.0, 1.0), ((1, 0.0),)))
    middle = mixing_between(MixingPart((one,)), MixingPart((own,)), 0.25)
    taken = [sum(source.latent.of_row(row, row) for source in middle.sources) for row in range(3)]
    assert taken == pytest.approx([1.0, 0.75, 1.0])


def test_a_free_layout_counts_as_locked_to_itself() -> None:
    free = Recipe(latent=LatentPart(3), psi=0.5)
    locked = Recipe(latent=LatentPart(3), psi=0.5, layout=LayoutLock(latent=LatentPart(40)))
    middle = between(free, locked, 0.25).layout
    assert middle == LayoutLock(latent=LatentPart(3, 40, 0.25), psi=0.625)


def test_the_weights_of_two_models_go_straight_and_a_second_one_fades_in() -> None:
    def blended(*blend: Any) -> Recipe:
        return Recipe(model=ModelRef("/a", blend=ModelBlend(*blend)))

    half = between(blended("/b", "", 0.0, (1.0,)), blended("/b", "", 1.0, (0.5, 2.0)), 0.5)
    assert half == blended("/b", "", 0.5, (0.75, 1.0))
    assert between(blended(), blended("/b", "", 1.0, (1.0,)), 0.25) == blended(
        "/b", "", 0.25, (0.25,)
    )
    assert between(blended("/b", "", 1.0), blended(), 0.75) == blended("/b", "", 0.25)
    for other in (blended("/c", "", 1.0), Recipe(model=ModelRef("/d"))):
        assert between(blended("/b", "", 0.5), other, 0.9) == blended("/b", "", 0.5)


def test_what_cannot_be_halved_steps_at_the_end() -> None:
    a = Recipe()
    b = msgspec.structs.replace(a, precision="float16", psi=0.0)
    assert between(a, b, 0.999).precision == "float32"
    assert between(a, b, 1.0).precision == "float16"
