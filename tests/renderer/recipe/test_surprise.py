"""Random sentences of a model's world."""

from __future__ import annotations

from random import Random

import pytest

from renderer.recipe.surprise import EXAMPLES, VOCABULARY, surprise

WORDS = (
    ("Things", ("apple", "unicorn", "boat", "orange")),
    ("Colours", ("red", "orange", "blue")),
    ("Times", ("at noon", "noon", "at night", "midnight")),
)


def sentences(*examples: str, count: int = 200) -> set[str]:
    """Many surprises made of `examples`."""
    return {surprise(examples, WORDS, Random(seed)) for seed in range(count)}


def test_words_give_way_to_others_of_their_kind() -> None:
    found = sentences("a red boat at night")
    assert {"a blue unicorn at noon", "a red boat at noon", "an orange boat at night"} <= found
    assert all(text.rsplit(" ", 1)[0].endswith(" at") for text in found)  # never "boat midnight"


def test_articles_follow_the_word() -> None:
    assert sentences("a boat") == {"a boat", "an apple", "a unicorn", "an orange"}
    assert "a boat" in sentences("an apple")


def test_a_word_of_two_topics_stays() -> None:
    assert sentences("an orange") == {"an orange"}


def test_the_current_prompt_does_not_come_again() -> None:
    for seed in range(100):
        assert surprise(("a boat", "a red boat"), WORDS, Random(seed), "a boat") != "a boat"


@pytest.mark.parametrize("vocabulary", [(), (("Empty", ()),), WORDS])
def test_only_examples_are_enough(vocabulary: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    assert surprise(("hello",), vocabulary, Random(1), "hello") == "hello"


def test_a_model_without_examples_gets_general_sentences() -> None:
    known = {word for _, words in VOCABULARY for word in words}
    found = {surprise((), (), Random(seed)) for seed in range(300)}
    assert len(found) > 150
    assert all(any(word in text for word in known) for text in found)
    assert all(len(text) <= max(map(len, EXAMPLES)) + 60 for text in found)


def test_words_may_hold_any_signs() -> None:
    odd = (("Odd", ("(", "[a", "b\\d")),)
    assert surprise(("x [a y",), odd, Random(3)) in {"x ( y", "x [a y", "x b\\d y"}
