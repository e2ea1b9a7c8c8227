"""What prompts ask of the demo world."""

from __future__ import annotations

import random

import pytest
import torch

from stylegan_t.demo import captions
from stylegan_t.demo.about import EXAMPLES
from stylegan_t.demo.reading import MAX_WORDS, Asked, read
from stylegan_t.demo.world import ATTRIBUTES, COLUMN, NAMES, OPEN, sample_named


def named(prompt: str) -> dict[str, set[str]]:
    """The values that a prompt names, by their words."""
    return {one.words: {value for _, value in one.values} for one in read(prompt).asked}


def test_a_prompt_is_taken_apart() -> None:
    reading = read("A large RED house, in a meadow at noon!")
    assert [one.words for one in reading.asked] == [
        "large",
        "red",
        "house",
        "in a meadow",
        "at noon",
    ]
    assert reading.asked[1] == Asked("red", (("color", "red"),))
    assert reading.unknown == ()


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_the_examples_hold_no_unknown_word(prompt: str) -> None:
    reading = read(prompt)
    assert reading.asked
    assert reading.unknown == ()


def test_words_that_mean_nothing_here_are_named() -> None:
    reading = read("a dragon and another dragon near a castle with a 家 by the sea")
    assert reading.unknown == ("dragon", "another", "castle", "家")
    assert [one.words for one in reading.asked] == ["by the sea"]


def test_single_words_are_known_from_their_phrases() -> None:
    assert named("ocean, golden hour, 8-bit") == {
        "ocean": {"sea"},
        "golden hour": {"sunset"},
        "8 bit": {"pixel"},
    }


def test_a_word_with_two_meanings_keeps_both() -> None:
    assert read("a tree in the snow").asked[1].values == (("weather", "snow"), ("ground", "snow"))


def test_a_view_of_something_is_no_empty_landscape() -> None:
    assert "view" not in named("a view of a house")
    assert named("an empty landscape") == {"empty landscape": {"none"}}


@pytest.mark.parametrize("prompt", ["", "  ,;!", "the of in", "_____"])
def test_nothing_asks_for_nothing(prompt: str) -> None:
    assert read(prompt).asked == read(prompt).unknown == ()


def test_a_novel_is_read_at_its_beginning() -> None:
    assert len(read(" ".join(f"word{i}" for i in range(50_000))).unknown) == MAX_WORDS


def test_what_captions_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The captions of training are the truth: what they say they name, is read."""
    monkeypatch.setattr(captions, "_smudge", lambda text, rng: text)
    rng, found, asked = random.Random(3), 0, 0
    for row in sample_named(400, torch.Generator().manual_seed(3)).tolist():
        text, kept = captions.caption(row, rng)
        values = {value for one in read(text).asked for value in one.values}
        for name, index in zip(NAMES, kept, strict=True):
            # Who names the moon means the night, without a word for it.
            if index == OPEN or (name == "time" and kept[COLUMN["moon"]] != OPEN):
                continue
            value = ATTRIBUTES[name][index]
            if (name, value) != ("object", "none"):
                asked += 1
                found += (name, value) in values
    assert found / asked > 0.97
