"""Cross-fades: the timeline's own interpolation, and values that a hand has taken."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from renderer.recipe.recipe import (
    Direction,
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    ModelRef,
    Pad,
    Prompt,
    Recipe,
    TextPart,
    TransformPart,
    check,
)
from renderer.timeline.cross_fade import CrossFade, is_cut
from renderer.timeline.easing import EASINGS, eased
from renderer.timeline.interpolation import between
from tests.renderer.recipe.test_recipe import FULL

A = Recipe(text=TextPart((Prompt("a"),)), latent=LatentPart(seed=3), psi=0.2)
B = Recipe(
    text=TextPart((Prompt("b"),)),
    latent=LatentPart(seed=900),
    psi=0.8,
    transform=TransformPart(zoom=2.0),
)


@pytest.mark.parametrize("easing", EASINGS)
def test_a_fade_is_what_the_timeline_shows_between_two_keys(easing: str) -> None:
    fade = CrossFade(A, FULL, 4.0, easing)  # type: ignore[arg-type]
    assert fade.at(0.0) == A and fade.at(4.0) == fade.at(99.0) == FULL
    assert fade.at(1.0) == between(A, FULL, eased(easing, 0.25))  # type: ignore[arg-type]


def test_what_a_hand_has_changed_stays_and_the_rest_goes_on() -> None:
    fade = CrossFade(A, B, 2.0, "linear")
    shown = fade.at(1.0)
    kept = fade.keeping(shown, replace(shown, psi=-0.7))
    assert kept.at(1.0).psi == kept.at(1.5).psi == kept.at(2.0).psi == -0.7
    assert replace(kept.at(1.5), psi=0.0) == replace(fade.at(1.5), psi=0.0)
    assert kept.at(2.0) == replace(B, psi=-0.7)


def test_of_a_part_in_numbers_one_is_taken_alone() -> None:
    fade = CrossFade(A, replace(B, transform=TransformPart(1.0, 1.0, 1.0)), 2.0, "linear")
    shown = fade.at(1.0)
    wanted = replace(shown, transform=replace(shown.transform, x=-3.0))
    end = fade.keeping(shown, wanted).at(2.0)
    assert end.transform == TransformPart(1.0, -3.0, 1.0)


def test_of_lists_that_match_one_number_is_taken_alone() -> None:
    def recipe(first: float, second: float) -> Recipe:
        directions = (Direction("x", "day", "night", first), Direction("y", "a", "b", second))
        track = MixTrack((first, second))
        return Recipe(
            text=TextPart((Prompt("a", first), Prompt("b", second)), directions=directions),
            mixing=MixingPart((MixSource(latent=track),)),
        )

    fade = CrossFade(recipe(0.5, 0.5), recipe(1.0, 1.0), 2.0, "linear")
    shown = fade.at(1.0)
    assert shown == recipe(0.75, 0.75)
    end = fade.keeping(shown, recipe(-1.0, 0.75)).at(2.0)
    assert end == recipe(-1.0, 1.0)


def test_a_prompt_that_is_typed_during_a_fade_of_prompts_is_the_prompt() -> None:
    fade = CrossFade(A, B, 2.0)
    shown = fade.at(1.0)
    assert len(shown.text.prompts) == 2
    wanted = replace(shown, text=TextPart((Prompt("mine"),)))
    kept = fade.keeping(shown, wanted)
    assert kept.at(1.2).text.prompts == kept.at(2.0).text.prompts == (Prompt("mine"),)
    assert kept.at(2.0).psi == B.psi


def test_a_seed_that_is_chosen_during_a_fade_is_the_whole_latent() -> None:
    fade = CrossFade(A, B, 2.0)
    shown = fade.at(1.0)
    chosen = LatentPart(seed=7)
    kept = fade.keeping(shown, replace(shown, latent=chosen))
    assert {kept.at(t).latent for t in (1.0, 1.5, 2.0)} == {chosen}


def test_a_pad_that_is_switched_on_stays_on() -> None:
    fade = CrossFade(A, replace(B, text=A.text), 2.0)
    shown = fade.at(1.0)
    padded = replace(shown, text=replace(shown.text, pad=Pad()))
    assert fade.keeping(shown, padded).at(2.0).text.pad == Pad()


def test_nothing_changed_is_the_same_fade() -> None:
    fade = CrossFade(A, FULL, 2.0)
    assert fade.keeping(fade.at(1.0), fade.at(1.0)) == fade


def test_fades_that_interrupt_one_another_stay_sound() -> None:
    shown = A
    for seed in range(40):
        shown = CrossFade(shown, replace(FULL, latent=LatentPart(seed=seed * 999)), 1.0).at(0.5)
        check(shown)


def test_another_model_is_a_cut() -> None:
    assert is_cut(A, replace(A, model=ModelRef("other.safetensors")))
    assert is_cut(A, replace(A, precision="float16"))
    assert not is_cut(A, B)
