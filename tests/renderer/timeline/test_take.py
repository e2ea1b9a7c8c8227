"""Takes: the recipe of any moment, what steps and what moves, and thinning that changes nothing."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import (
    LatentPart,
    ModelRef,
    NoisePart,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
)
from renderer.recipe.seed_plane import travelled
from renderer.timeline.edits import MOST_KEYS, TAKE_PLAYS, stretched, timeline_of_take, with_key
from renderer.timeline.take import Sample, Take, steps, take_recipe, thinned
from renderer.timeline.timeline import Timeline, TimelineError, check_times, recipe_at

HZ = 60


def psis(*samples: tuple[float, float]) -> Take:
    return Take(tuple(Sample(time_s, Recipe(psi=psi)) for time_s, psi in samples))


def test_numbers_move_evenly_between_samples() -> None:
    take = psis((0.0, 0.0), (1.0, 1.0), (3.0, 0.0))
    assert [take_recipe(take, t).psi for t in (0.0, 0.25, 1.0, 2.0)] == [0.0, 0.25, 1.0, 0.5]
    assert take_recipe(take, -1.0) is take.samples[0].recipe
    assert take_recipe(take, 9.0) is take.samples[-1].recipe


@pytest.mark.parametrize(
    "other",
    [
        Recipe(text=TextPart((Prompt("a boat"),))),
        Recipe(latent=LatentPart(seed=500)),
        Recipe(noise=NoisePart(mode="none")),
        Recipe(psi_cutoff=2),
    ],
)
def test_anything_but_numbers_steps_at_its_moment(other: Recipe) -> None:
    assert steps(Recipe(), other)
    take = Take((Sample(0.0, Recipe()), Sample(1.0, other)))
    assert take_recipe(take, 0.999) == Recipe()
    assert take_recipe(take, 1.0) == other


def test_a_journey_over_the_plane_of_seeds_goes_on_where_it_is_counted_from_the_next() -> None:
    before = LatentPart(seed=5, x=0.4)
    after = travelled(before, 0.2, 0.0)
    assert (after.seed, steps(Recipe(latent=before), Recipe(latent=after))) == (6, False)
    take = Take((Sample(0.0, Recipe(latent=before)), Sample(1.0, Recipe(latent=after))))
    assert take_recipe(take, 0.5).latent.x == pytest.approx(0.5)


def test_what_goes_straight_or_stays_is_two_samples() -> None:
    straight = [Sample(i / HZ, Recipe(psi=i / 300)) for i in range(300)]
    still = [Sample(i / HZ, Recipe()) for i in range(300)]
    assert thinned(straight) == (straight[0], straight[-1])
    assert thinned(still) == (still[0], still[-1])
    assert thinned(straight[:1]) == (straight[0],)
    assert thinned(()) == ()


def test_a_rest_before_a_step_stays_a_rest() -> None:
    last = Recipe(text=TextPart((Prompt("a boat"),)))
    played = [Sample(i / HZ, Recipe()) for i in range(100)] + [Sample(100 / HZ, last)]
    take = Take(thinned(played))
    assert len(take.samples) <= 3
    assert take_recipe(take, 99.9 / HZ) == Recipe()


def played(random: Random, count: int) -> list[Sample]:
    """Knobs that move, rest and jump, words and seeds that change, as on an evening."""
    recipe, samples = Recipe(ModelRef("demo")), list[Sample]()
    rates = [0.0] * 5
    for index in range(count):
        if random.random() < 0.08:
            rates = [random.choice((0.0, random.uniform(-0.01, 0.01))) for _ in rates]
        if random.random() < 0.03:
            latent = replace(recipe.latent, seed=random.randrange(9999))
            recipe = replace(recipe, latent=latent)
        place = recipe.transform
        recipe = replace(
            recipe,
            psi=recipe.psi + rates[0],
            latent=travelled(recipe.latent, rates[1], rates[2]),
            transform=TransformPart(
                place.rotate_deg + 30 * rates[3], x=place.x + rates[4], zoom=place.zoom * 1.001
            ),
        )
        samples.append(Sample(index / HZ, recipe))
    return samples


@pytest.mark.slow
def test_a_thinned_take_draws_the_same_pictures() -> None:
    """To within one grey level, on the small demo model, between the samples as well."""
    samples = played(Random(4), 240)
    whole, thin = Take(tuple(samples)), Take(thinned(samples))
    assert len(thin.samples) < len(samples)
    renderer = Renderer("cpu")
    for index in range(0, 12):
        at_s = whole.length_s * (index + 0.5) / 12
        first, second = (
            renderer.render(take_recipe(take, at_s)).pixels().astype(int) for take in (whole, thin)
        )
        assert np.abs(first - second).max() <= 1


def test_few_samples_become_key_frames_that_give_the_same_recipes() -> None:
    samples = thinned(played(Random(2), 90))[: MOST_KEYS - 1]
    take = Take(samples)
    keyed, whole = timeline_of_take(take), Timeline(take=take, length_s=9.0, loop="once")
    assert len(keyed.keys) == len(samples)
    assert keyed.take is None
    check_times(keyed)
    for number in range(200):
        at_s = take.length_s * number / 199
        assert recipe_at(keyed, at_s) == recipe_at(whole, at_s)


def test_many_samples_stay_a_take_and_take_no_key_frames() -> None:
    take = Take(tuple(Sample(i / HZ, Recipe(psi=i % 2)) for i in range(MOST_KEYS + 1)))
    timeline = timeline_of_take(take)
    assert timeline.take is take
    assert not timeline.keys
    with pytest.raises(TimelineError, match=TAKE_PLAYS):
        with_key(timeline, 0.5, Recipe())
    with pytest.raises(TimelineError, match="both"):
        check_times(replace(timeline, keys=timeline_of_take(psis((0.0, 1.0))).keys))


def test_a_take_is_stretched_with_its_timeline() -> None:
    take = Take(tuple(Sample(i / HZ, Recipe(psi=i / 7)) for i in range(MOST_KEYS + 1)))
    timeline = timeline_of_take(take)
    twice = stretched(timeline, 2 * timeline.length_s)
    check_times(twice)
    assert recipe_at(twice, 20 / HZ).psi == pytest.approx(recipe_at(timeline, 10 / HZ).psi)
