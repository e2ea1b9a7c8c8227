"""Prompts with wildcards: the recipe holds what was drawn and what it was drawn from."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from renderer.parameters.parameters import parameters_of
from renderer.recipe.differences import changes
from renderer.recipe.recipe import (
    Direction,
    MixingPart,
    MixSource,
    Prompt,
    Recipe,
    TextPart,
    from_json,
    to_json,
)
from renderer.recipe.templates import (
    completed,
    drawn_again,
    place_of,
    plain,
    retyped,
    rewritten,
    typed,
    with_seed,
    with_wildcard_seed,
)
from renderer.timeline.interpolation import between

LISTS = {"colours": ("red", "blue", "green", "white")}
TEMPLATE = "a {red|blue|green|white} house"


def recipe(words: str, seed: int = 0, lists: dict[str, tuple[str, ...]] = LISTS) -> Recipe:
    """A picture of what was typed."""
    return Recipe(text=TextPart((retyped(Prompt(), words, seed, 0, lists),), wildcard_seed=seed))


def test_the_text_is_drawn_and_the_template_is_kept() -> None:
    made = recipe(TEMPLATE)
    prompt = made.text.prompts[0]
    assert prompt.template == TEMPLATE and prompt.text.split()[1] in LISTS["colours"]
    assert from_json(to_json(made)) == made
    assert retyped(prompt, TEMPLATE, 99, 0) is prompt


@pytest.mark.parametrize("words", ["a house", "", "a \\{b\\}", "a|b", "C:\\new"])
def test_without_wildcards_there_is_no_template(words: str) -> None:
    prompt = retyped(Prompt("x"), words, 0, 0)
    assert prompt.template == "" and typed(prompt) == words
    assert Prompt(prompt.text) == prompt


def test_an_earlier_text_with_braces_means_itself() -> None:
    prompt = Prompt("{a|b}")
    assert typed(prompt) == "\\{a\\|b\\}" or typed(prompt) == "\\{a|b\\}"
    assert retyped(prompt, typed(prompt) + " c", 5, 0).text == "{a|b} c"
    assert plain(retyped(prompt, TEMPLATE, 0, 0), "x") == Prompt("x")


def test_drawing_again_draws_something_else_and_a_seed_brings_it_back() -> None:
    part = recipe(TEMPLATE).text
    again = drawn_again(recipe(TEMPLATE)).text
    assert again.prompts[0].text != part.prompts[0].text
    assert again.prompts[0].template == TEMPLATE
    assert with_seed(again, 0) == part
    alone = recipe("{a|a}")
    assert drawn_again(alone).text.prompts == alone.text.prompts


def test_a_list_that_comes_later_completes_what_was_drawn_without_it() -> None:
    early = recipe("a __colours__ house", lists={})
    assert early.text.prompts[0].text == "a __colours__ house"
    late = completed(early, LISTS)
    assert late == recipe("a __colours__ house")
    assert completed(late, {"colours": ("black",)}) is late
    literal = recipe("x __y__", lists={})
    assert completed(literal, LISTS) is literal


def test_addresses_write_templates_and_the_seed_draws_them() -> None:
    known = parameters_of(Recipe(), None)
    made = known.set(Recipe(), "/text/prompt/1", TEMPLATE).recipe
    assert made == recipe(TEMPLATE)
    assert known.parameter("/text/prompt/1").read(made) == TEMPLATE
    for seed in range(20):
        drawn = known.set(made, "/text/wildcard/seed", seed).recipe
        assert drawn == recipe(TEMPLATE, seed)


EVERYWHERE = ("/text/direction/1/plus", "/text/direction/1/minus", "/text/neutral")
EVERYWHERE += ("/mixing/1/prompt",)


@pytest.mark.parametrize("address", EVERYWHERE)
def test_wildcards_work_wherever_a_prompt_is_typed(address: str) -> None:
    plain_one = Recipe(text=TextPart(directions=(Direction(),)), mixing=MixingPart((MixSource(),)))
    known = parameters_of(plain_one, None)
    made = known.set(plain_one, address, "a __colours__ {cat|dog}").recipe
    assert known.parameter(address).read(made) == "a __colours__ {cat|dog}"
    assert known.set(made, address, "a \\{b\\}").recipe != made
    late = completed(made, LISTS)
    assert late != made and known.parameter(address).read(late) == "a __colours__ {cat|dog}"
    assert completed(late, LISTS) is late
    assert from_json(to_json(late)) == late
    drawn = {str(with_wildcard_seed(late, seed, LISTS)).count("dog") for seed in range(20)}
    assert len(drawn) == 2, "another seed draws others"
    assert drawn_again(late, LISTS) != late
    assert known.set(made, address, "a cat").recipe == known.set(plain_one, address, "a cat").recipe


def test_the_ends_of_a_direction_draw_apart() -> None:
    both = [
        rewritten(
            rewritten(Direction(), "plus", TEMPLATE, seed, place_of("directions", 0, "plus")),
            "minus",
            TEMPLATE,
            seed,
            place_of("directions", 0, "minus"),
        )
        for seed in range(8)
    ]
    assert any(one.plus != one.minus for one in both)


def test_key_frames_keep_what_was_typed() -> None:
    part = rewritten(TextPart(strength=0.5), "neutral", TEMPLATE, 0, "neutral")
    middle = between(Recipe(text=part), Recipe(text=part, psi=0.0), 0.5)
    assert middle.text == part


def test_differences_and_key_frames_know_of_them() -> None:
    first, second = recipe(TEMPLATE), recipe(TEMPLATE, 1)
    assert any("wildcard seed 0 to 1" in line for line in changes(first, second))
    other = replace(
        first,
        text=replace(
            first.text, prompts=(plain(first.text.prompts[0], first.text.prompts[0].text),)
        ),
    )
    assert any("wildcards of prompt" in line for line in changes(first, other))
    assert between(first, second, 0.0) == first and between(first, second, 1.0) == second
    assert between(first, replace(first, psi=0.0), 0.5).text == first.text
