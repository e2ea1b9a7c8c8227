"""Recipes as values and as text that is not to be trusted."""

from __future__ import annotations

import math

import msgspec
import pytest

from renderer.recipe.parts.moves import MAX_VECTOR
from renderer.recipe.recipe import (
    MAX_JSON_BYTES,
    MAX_MORPHS,
    MAX_SEED,
    RECIPE_VERSION,
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
    RecipeError,
    TextPart,
    TransformPart,
    Vector,
    WeightedSeed,
    check,
    from_json,
    to_json,
)

BLENDED = LatentPart(7, seeds=(WeightedSeed(3, 0.5), WeightedSeed(9)), pad=Pad(0.25, 0.75))
FULL = Recipe(
    model=ModelRef(
        "/models/größe 日本.safetensors",
        "0123456789abcdef" * 4,
        "open_clip:ViT-L-14/openai",
        ModelBlend("/models/b.pkl", "fedcba9876543210" * 4, 0.25, (0.5, -1.0, 2.0)),
    ),
    text=TextPart(
        (Prompt('a "red" house\n\\ \t', 0.5), Prompt("日本 😀 ع", -1.25)),
        "slerp",
        False,
        Pad(0.25, 1.0),
        1.5,
        "a photo",
        (
            Direction("warmth", "summer", "winter", 0.5, 2, 7, "{summer|may}", "{winter}"),
            Direction("all", "a", "b"),
        ),
        9,
        "a {photo|sketch}",
    ),
    latent=LatentPart(
        MAX_SEED, 5, 0.3, "lerp", 0.5, -0.25, (1.0, -2.5), (0.0,), Morph(BLENDED, 0.5)
    ),
    psi=-0.7,
    psi_blocks=(0.5, None, -1.0),
    psi_cutoff=8,
    psi_towards="nearest",
    moves=(
        Move("style", 3, -2.0, 5),
        Move(amount=1.0),
        Move("block", 1, 0.5, 2, "smile"),
        Move("vector", name="größe 日本", vector=Vector(2, bytes(range(32)))),
    ),
    noise=NoisePart("random", 12, 0.5, (1.0, 0.0)),
    mixing=MixingPart(
        (
            MixSource(4, (), "snow", MixTrack((0.0, 1.0)), MixTrack((0.25,), ((3, -1.0),))),
            MixSource(values=(0.5, -1.0), latent=MixTrack((1.0,))),
        )
    ),
    transform=TransformPart(30.0, 0.1, -0.2, 1.5),
    layout=LayoutLock(TextPart((Prompt("a house"),)), LatentPart(3), 0.5),
    canvas=Canvas(1.75, 1.25),
    bends=(
        Bend("b16.conv0", "shift", 0.25, -0.5, channels=((0, 31, 1), (64, None, 2))),
        Bend("b8.input", "noise", 2.0, seed=MAX_SEED, on=False),
    ),
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
    for name in ("model", "text", "latent", "noise", "transform"):
        full, plain = getattr(FULL, name), getattr(default, name)
        for part in plain.__struct_fields__:
            owner = BLENDED if part in ("seeds", "pad") else full  # written out, it has none
            assert getattr(owner, part) != getattr(plain, part), f"{name}.{part}"


def test_json_of_an_older_program_may_lack_fields() -> None:
    assert from_json('{"stylegan_t_recipe": 1, "recipe": {"psi": 1}}') == Recipe()
    before = '{"stylegan_t_recipe": 1, "recipe": {"model": {"path": "demo", "sha256": ""}}}'
    assert from_json(before) == Recipe()


def test_the_one_source_of_version_1_is_the_first_of_several() -> None:
    before = (
        '{"stylegan_t_recipe": 1, "recipe": {"mixing": {"seed": 4, "prompt": "snow", '
        '"latent": {"weights": [0, 1]}, "text": {"weights": [0.25]}}}}'
    )
    source = MixSource(4, (), "snow", MixTrack((0.0, 1.0)), MixTrack((0.25,)))
    assert from_json(before) == Recipe(mixing=MixingPart((source,)))


@pytest.mark.parametrize(
    ("vector", "sentence"),
    [
        ('{"rows": 2, "data": "AACAPwAAgD8AAIA/"}', "damaged"),  # three numbers in two rows
        ('{"data": ""}', "damaged"),
        ('{"data": "AACAPwA="}', "damaged"),  # five bytes
        ('{"data": "AADAfw=="}', "damaged"),  # not a number
        ('{"data": "AACAfw=="}', "damaged"),  # infinity
        ("null", "damaged"),
        ('{"data": "????"}', "base64"),
        ('{"rows": 0, "data": "AACAPw=="}', "rows"),
        ('{"rows": 513, "data": "AACAPw=="}', "rows"),
        ('{"data": "' + "A" * 220_000 + '"}', "data"),
    ],
)
def test_vectors_are_not_trusted(vector: str, sentence: str) -> None:
    move = f'{{"space": "vector", "amount": 1, "name": "smile", "vector": {vector}}}'
    with pytest.raises(RecipeError, match=sentence):
        from_json(f'{{"stylegan_t_recipe": 6, "recipe": {{"moves": [{move}]}}}}')


def test_the_vectors_of_one_recipe_are_bounded_and_the_largest_of_them_can_be_read_again() -> None:
    def recipe(count: int) -> Recipe:
        vectors = (
            Vector(1, bytes([number]) + bytes(4 * MAX_VECTOR - 1)) for number in range(count)
        )
        return Recipe(moves=tuple(Move("vector", vector=one, amount=1.0) for one in vectors))

    assert from_json(to_json(recipe(15))) == recipe(15)
    with pytest.raises(RecipeError, match="too many numbers"):
        to_json(recipe(16))


def walks(depth: int) -> LatentPart:
    part = LatentPart(5)
    for _ in range(depth):
        part = LatentPart(morph=Morph(part, 0.5))
    return part


@pytest.mark.parametrize("in_layout", [False, True])
def test_walks_lie_in_one_another_only_so_deep(in_layout: bool) -> None:
    def recipe(depth: int) -> Recipe:
        part = walks(depth)
        return Recipe(layout=LayoutLock(latent=part)) if in_layout else Recipe(latent=part)

    assert from_json(to_json(recipe(MAX_MORPHS))) == recipe(MAX_MORPHS)
    with pytest.raises(RecipeError, match="more than 16 times"):
        to_json(recipe(MAX_MORPHS + 1))


@pytest.mark.parametrize("depth", [MAX_MORPHS + 1, 100, 30_000])
def test_a_file_cannot_hide_deep_walks(depth: int) -> None:
    text = '{"morph":{"to":' * depth + "{}" + "}}" * depth
    with pytest.raises(RecipeError):
        from_json('{"stylegan_t_recipe": 2, "recipe": {"latent": ' + text + "}}")


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
        f'{{"stylegan_t_recipe": {RECIPE_VERSION + 1}, "recipe": {{}}}}',
        '{"stylegan_t_recipe": 99999999999999999999999, "recipe": {}}',
        '{"stylegan_t_recipe": 1' + "0" * 400 + ', "recipe": {}}',
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


def test_what_a_damaged_recipe_is_told_of_is_short_and_can_be_shown() -> None:
    for name in ("x" * 500_000, "a\x85\u202eb"):
        with pytest.raises(RecipeError) as caught:
            from_json(f'{{"stylegan_t_recipe": 2, "recipe": {{"{name}": 1}}}}')
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 300


def test_a_newer_version_is_named() -> None:
    with pytest.raises(RecipeError, match="newer version"):
        from_json(f'{{"stylegan_t_recipe": {RECIPE_VERSION + 1}, "recipe": {{"hologram": true}}}}')


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e5])
def test_impossible_numbers_are_found_wherever_they_are(value: float) -> None:
    for recipe in (
        Recipe(psi=value),
        Recipe(text=TextPart((Prompt(), Prompt("", value)))),
        Recipe(latent=LatentPart(position=value)),
        Recipe(mixing=MixingPart((MixSource(text=MixTrack((0.0, value))),))),
        Recipe(transform=TransformPart(zoom=value)),
        Recipe(text=TextPart(directions=(Direction(amount=value),))),
        Recipe(latent=LatentPart(values=(0.0, value))),
        Recipe(latent=LatentPart(morph=Morph(LatentPart(x=value)))),
        Recipe(psi_blocks=(None, value)),
        Recipe(moves=(Move(amount=value),)),
        Recipe(noise=NoisePart(blocks=(value,))),
        Recipe(mixing=MixingPart((MixSource(text=MixTrack((), ((3, value),))),))),
        Recipe(layout=LayoutLock(psi=value)),
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
