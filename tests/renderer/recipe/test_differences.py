from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from renderer.recipe.differences import MAX_TEXT, changes, title
from renderer.recipe.recipe import (
    Bend,
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
)

BEFORE = Recipe(text=TextPart((Prompt("a red house at sunset with a tree by the sea"),)))


def text(*prompts: str, **others: Any) -> TextPart:
    return TextPart(tuple(Prompt(prompt) for prompt in prompts), **others)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"psi": 0.4}, "psi 1.00 to 0.40"),
        ({"latent": LatentPart(seed=4)}, "seed 0 to 4"),
        ({"latent": LatentPart(x=0.25)}, "offset right 0.00 to 0.25"),
        ({"latent": LatentPart(values=(0.5,) * 64)}, "latent set"),
        ({"latent": LatentPart(morph=Morph(LatentPart()))}, "interpolation between latents set"),
        ({"noise": NoisePart("none")}, "noise const to none"),
        ({"noise": NoisePart(strength=0.5)}, "noise strength 1.00 to 0.50"),
        ({"noise": NoisePart(blocks=(0.5,))}, "noise of block 1 1.00 to 0.50"),
        ({"psi_blocks": (None, 0.3)}, "psi of block 2 inherited to 0.30"),
        ({"moves": (Move(amount=1.0),)}, "component 1 added"),
        ({"transform": TransformPart(rotate_deg=-30.0)}, "rotation 0.00 to −30.00"),
        ({"transform": TransformPart(zoom=0.012345)}, "zoom 1.00 to 0.0123"),
        ({"layout": LayoutLock()}, "kept layout set"),
        ({"precision": "float16"}, "precision float32 to float16"),
        ({"mixing": MixingPart((MixSource(),))}, "source 1 added"),
        ({"model": ModelRef("/models/boats.pkl")}, "model the first demo model to boats.pkl"),
        ({"model": ModelRef(tower="/t.pt")}, "text tower its own to /t.pt"),
        ({"text": replace(BEFORE.text, pad=Pad())}, "pad set"),
        ({"text": replace(BEFORE.text, normalize=False)}, "unit norm of the text on to off"),
        ({"text": replace(BEFORE.text, directions=(Direction(),))}, "direction 1 added"),
        ({"bends": (Bend("b8.input", "blur", 0.1),)}, "bend 1 added: blur of b8.input"),
    ],
)
def test_one_change_is_one_line(part: dict[str, Any], words: str) -> None:
    assert changes(BEFORE, replace(BEFORE, **part))[0] == words


def test_of_a_prompt_the_changed_words_are_shown() -> None:
    after = replace(BEFORE, text=text("a red house at dawn with a tree by the sea"))
    assert changes(BEFORE, after) == ("prompt: “house at sunset with a” to “house at dawn with a”",)
    assert changes(Recipe(), BEFORE)[0].startswith("prompt: nothing to “a red house")


def test_words_that_repeat_do_not_confuse_it() -> None:
    before, after = (Recipe(text=text(words)) for words in ("a a a", "a a"))
    assert changes(before, after) == ("prompt: “a a a” to “a a”",)


def test_prompts_come_and_go() -> None:
    two = Recipe(text=text("a house", "a boat"))
    three = Recipe(text=TextPart((Prompt("a house"), Prompt("a boat", 0.5), Prompt("a hill"))))
    assert changes(two, three) == (
        "weight of prompt 2 1.00 to 0.50",
        "prompt 3 added: “a hill”",
    )
    assert changes(three, Recipe(text=text("a house", "a boat")))[1] == "prompt 3 removed: “a hill”"


def test_values_within_lists_are_named_by_their_place() -> None:
    def mixed(weight: float) -> Recipe:
        track = MixTrack((0.0, weight), ((4, weight),))
        return Recipe(mixing=MixingPart((MixSource(), MixSource(latent=track))))

    assert changes(mixed(0.0), mixed(0.5)) == (
        "source 2 latent block 2 0.00 to 0.50",
        "source 2 latent layer 1 changed",
    )
    first = changes(Recipe(), Recipe(psi_blocks=(None, 0.5)))[0]
    assert first.startswith("psi of block 2 inherited")


def test_a_second_model_and_its_weights_are_named() -> None:
    blend = ModelBlend("/models/b.pkl", mapping=0.5, weights=(0.0, 0.25))
    after = replace(BEFORE, model=ModelRef(blend=blend))
    assert changes(BEFORE, after) == (
        "second model none to b.pkl",
        "blend of the mapping 0.00 to 0.50",
        "blend of block 2 0.00 to 0.25",
    )


def test_components_are_told_apart_by_what_they_are() -> None:
    two = Recipe(moves=(Move("mapped", 4, 1.0), Move("style", 0, 1.0, 3)))
    three = Recipe(moves=(Move("mapped", 2, 1.0), Move("mapped", 4, -0.5)))
    assert changes(two, three) == (
        "component 1 of row 3 removed",
        "component 3 added",
        "component 5 1.00 to \N{MINUS SIGN}0.50",
    )


def test_no_change_is_no_line_and_a_known_hash_is_no_change() -> None:
    assert changes(BEFORE, BEFORE) == ()
    assert changes(BEFORE, replace(BEFORE, model=ModelRef(sha256="ab" * 32))) == ()


def test_many_changes_are_counted() -> None:
    after = Recipe(text=TextPart(tuple(Prompt(str(number)) for number in range(200))))
    lines = changes(Recipe(), after)
    assert len(lines) == 6
    assert lines[-1] == "and 195 more"


def test_long_texts_are_cut() -> None:
    after = Recipe(text=text("x" * 100_000))
    assert all(len(line) < 3 * MAX_TEXT for line in changes(BEFORE, after))
    assert len(title(after)) < 2 * MAX_TEXT


def test_a_title_names_prompt_and_seed() -> None:
    assert title(Recipe(text=text("", "a  boat\n"))) == "a boat, seed 0"
    assert title(Recipe()) == "No prompt, seed 0"
