"""Recipes as values and as text that is not to be trusted."""

from __future__ import annotations

import math

import msgspec
import pytest

from renderer.recipe import (
    MAX_JSON_BYTES,
    MAX_SEED,
    LatentPart,
    MixingPart,
    MixTrack,
    ModelRef,
    NoisePart,
    Prompt,
    Recipe,
    RecipeError,
    TextPart,
    TransformPart,
    check,
    from_json,
    to_json,
)

FULL = Recipe(
    model=ModelRef(
        "/models/größe 日本.safetensors", "0123456789abcdef" * 4, "open_clip:ViT-L-14/openai"
    ),
    text=TextPart(
        (Prompt('a "red" house\n\\ \t', 0.5), Prompt("日本 😀 ع", -1.25)), "slerp", False
    ),
    latent=LatentPart(MAX_SEED, 5, 0.3, "lerp"),
    psi=-0.7,
    noise=NoisePart("random", 12, 0.5),
    mixing=MixingPart(4, "snow", MixTrack((0.0, 1.0)), MixTrack((0.25,))),
    transform=TransformPart(30.0, 0.1, -0.2, 1.5),
    precision="bfloat16",
)


@pytest.mark.parametrize("recipe", [Recipe(), FULL])
def test_json_brings_everything_back(recipe: Recipe) -> None:
    again = from_json(to_json(recipe))
    assert again == recipe
    assert hash(again) == hash(recipe)
    assert from_json(to_json(again).encode()) == recipe


def test_every_field_of_the_full_recipe_differs_from_its_default() -> None:
    """Else the round trip above would not notice a field that is lost."""
    default = Recipe()
    for part in Recipe.__struct_fields__:
        assert getattr(FULL, part) != getattr(default, part)
    for part in ModelRef.__struct_fields__:
        assert getattr(FULL.model, part) != getattr(default.model, part)


def test_json_of_an_older_program_may_lack_fields() -> None:
    assert from_json('{"stylegan_t_recipe": 1, "recipe": {"psi": 1}}') == Recipe()
    before = '{"stylegan_t_recipe": 1, "recipe": {"model": {"path": "demo", "sha256": ""}}}'
    assert from_json(before) == Recipe()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "a picture",
        '{"recipe": {}}',
        '{"stylegan_t_recipe": "1", "recipe": {}}',
        '{"stylegan_t_recipe": 0, "recipe": {}}',
        '{"stylegan_t_recipe": -3, "recipe": {}}',
        '{"stylegan_t_recipe": 2, "recipe": {}}',
        '{"stylegan_t_recipe": 99999999999999999999999, "recipe": {}}',
        '{"stylegan_t_recipe": 1, "recipe": []}',
        '{"stylegan_t_recipe": 1, "recipe": {"psi": NaN}}',
        '{"stylegan_t_recipe": 1, "recipe": {"psi": 1e400}}',
        '{"stylegan_t_recipe": 1, "recipe": {"psi": 1e5}}',
        '{"stylegan_t_recipe": 1, "recipe": {"psi": "1"}}',
        '{"stylegan_t_recipe": 1, "recipe": {"unknown": 1}}',
        '{"stylegan_t_recipe": 1, "recipe": {"latent": {"seed": -1}}}',
        '{"stylegan_t_recipe": 1, "recipe": {"latent": {"seed": 9223372036854775808}}}',
        '{"stylegan_t_recipe": 1, "recipe": {"text": {"prompts": []}}}',
        '{"stylegan_t_recipe": 1, "recipe": {"model": {"sha256": "../../etc"}}}',
        '{"stylegan_t_recipe": 1, "recipe": {"transform": {"zoom": 0}}}',
        '{"stylegan_t_recipe": 1, "recipe": ' + "[" * 200_000,
        "[" * 200_000,
        "\ud800",
        b"\xff\xfe{\0}\0",
        b"\x80" * 100,
        " " * (MAX_JSON_BYTES + 1),
    ],
)
def test_hostile_text_is_refused_with_a_sentence(text: str | bytes) -> None:
    with pytest.raises(RecipeError) as caught:
        from_json(text)
    assert str(caught.value)[0].isupper()
    assert len(str(caught.value)) < 300


def test_a_newer_version_is_named() -> None:
    with pytest.raises(RecipeError, match="newer version"):
        from_json('{"stylegan_t_recipe": 2, "recipe": {"hologram": true}}')


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e5])
def test_impossible_numbers_are_found_wherever_they_are(value: float) -> None:
    for recipe in (
        Recipe(psi=value),
        Recipe(text=TextPart((Prompt(), Prompt("", value)))),
        Recipe(latent=LatentPart(position=value)),
        Recipe(mixing=MixingPart(text=MixTrack((0.0, value)))),
        Recipe(transform=TransformPart(zoom=value)),
    ):
        with pytest.raises(RecipeError):
            check(recipe)
        with pytest.raises(RecipeError):
            to_json(recipe)


def test_a_text_that_cannot_be_saved_is_refused_with_a_sentence() -> None:
    with pytest.raises(RecipeError, match="characters"):
        to_json(Recipe(text=TextPart((Prompt("half a pair \ud800"),))))


def test_long_prompts_travel() -> None:
    long = msgspec.structs.replace(Recipe(), text=TextPart((Prompt("wörd " * 2000),)))
    assert from_json(to_json(long)) == long
