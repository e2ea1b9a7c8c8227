"""What prompts ask of the second demo world."""

from __future__ import annotations

import random

import pytest
import torch

from stylegan_t.demo.reading import MAX_WORDS
from stylegan_t.demo.things import captions
from stylegan_t.demo.things.about import EXAMPLES
from stylegan_t.demo.things.attributes import (
    NAMES,
    OPEN,
    VALUES,
    default_count,
    sample_named,
)
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.things.reading import read


def told(prompt: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """What a prompt names, in its order: attribute, value, and what it is said of."""
    return [(*one.values[0], one.about) for one in read(prompt).asked]


def test_two_things_have_their_own_colours_and_a_relation() -> None:
    assert told("a red cat above the big blue car at night") == [
        ("color", "red", ("cat",)),
        ("thing", "cat", ()),
        ("relation", "above", ("cat", "car")),
        ("size", "large", ()),
        ("color", "blue", ("car",)),
        ("thing", "car", ()),
        ("time", "night", ()),
    ]
    assert told("a kitty below a rocket")[1] == ("relation", "above", ("rocket", "cat"))


def test_words_between_a_thing_and_a_place_are_no_relation() -> None:
    assert told("two pizzas on the beach") == [
        ("count", "two", ()),
        ("thing", "pizza", ()),
        ("ground", "beach", ()),
    ]
    names = {name for name, *_ in told("with a castle and in the rain, on")}
    assert names == {"thing", "weather"}


def test_a_colour_at_the_end_belongs_to_what_came_before() -> None:
    assert told("a dragon, green")[1] == ("color", "green", ("dragon",))
    assert told("blue") == [("color", "blue", ())]


@pytest.mark.parametrize("prompt", EXAMPLES)
def test_the_examples_hold_no_unknown_word(prompt: str) -> None:
    assert read(prompt).asked and read(prompt).unknown == ()


def test_unknown_words_are_named_and_things_that_were_not_learned_are_unknown() -> None:
    assert read("a cute cat with a 家 on a zzyzx").unknown == ("家", "zzyzx")
    strange = all_things()[-1].name
    assert set(read(strange).unknown) == set(strange.split())
    assert len(read(" ".join(f"word{i}" for i in range(50_000))).unknown) == MAX_WORDS


def test_a_view_of_something_is_no_empty_scene() -> None:
    assert told("a view of a castle") == [("thing", "castle", ())]
    assert told("an empty scene") == [("thing", "none", ())]


def test_what_captions_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The captions of training are the truth: what they say they name, is read."""
    monkeypatch.setattr(captions, "SLIP_SHARE", 0.0)
    rng, found, asked = random.Random(3), 0, 0
    rows = sample_named(600, default_count(), torch.Generator().manual_seed(3))
    names = ["none", *(thing.name for thing in all_things())]
    for row in rows.tolist():
        text, kept = captions.caption(row, rng)
        values = {value for one in read(text).asked for value in one.values}
        for name, index in zip(NAMES, kept, strict=True):
            if index == OPEN or (name == "time" and "moon" in text):
                continue
            kind = names[index] if name in ("thing", "other") else VALUES[name][index]
            asked += 1
            found += ({"other": "thing", "other_color": "color"}.get(name, name), kind) in values
    assert found / asked > 0.95
