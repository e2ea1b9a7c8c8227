"""Captions of the second demo world: they name what they claim, as people type."""

import random
import re

import torch

from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    OPEN,
    VALUES,
    default_count,
    thing_index,
)
from stylegan_t.demo.things.captions import caption, slip, typo
from stylegan_t.demo.things.catalogue import all_things, plural
from stylegan_t.demo.things.scenes import captioned
from stylegan_t.demo.things.words import COLORS, COUNTS, WORDS

THINGS = default_count()


def drawn(n: int, seed: int) -> tuple[list[str], list[list[int]]]:
    texts, rows = captioned(n, THINGS, random.Random(seed), torch.Generator().manual_seed(seed))
    return texts, rows.tolist()


def row_of(**values: str) -> list[int]:
    usual = {name: options[0] for name, options in VALUES.items()} | {"style": "flat"}
    given = usual | {"thing": "cat", "other": "none"} | values
    return [
        thing_index(given[name]) if name in ("thing", "other") else VALUES[name].index(given[name])
        for name in NAMES
    ]


def test_no_phrase_names_two_values() -> None:
    for table in (*WORDS.values(), COLORS, COUNTS):
        seen: dict[str, str] = {}
        for value, phrases in table.items():
            for phrase in phrases:
                assert seen.setdefault(phrase, value) == value, phrase


def test_captions_name_what_they_claim() -> None:
    found = asked = 0
    for text, row in zip(*drawn(500, 3), strict=True):
        for name, index in zip(NAMES, row, strict=True):
            if index == OPEN or (name in ("thing", "other") and not index):
                continue
            if name in WORDS and (name, "moon") != ("time", "moon"):
                phrases = WORDS[name][VALUES[name][index]]
            elif name in ("thing", "other"):
                thing = all_things()[index - 1]
                phrases = [w for n in thing.names for w in (n, plural(thing, n) or n)]
            elif name in ("color", "other_color"):
                phrases = COLORS[VALUES[name][index]]
            else:
                continue
            asked += 1
            found += any(phrase.lower() in text.lower() for phrase in phrases)
    assert asked > 1000 and found / asked > 0.93  # the rest have a slip of the finger, or the moon


def test_many_captions_are_short() -> None:
    lengths = sorted(len(text.split()) for text in drawn(600, 4)[0])
    assert lengths[150] <= 4 and lengths[-1] >= 12


def test_one_two_and_three() -> None:
    rng = random.Random(5)
    for count, pattern in (("one", r"\bcat\b|kitt|pussy"), ("two", r"cats|kittens|kitties|cat")):
        texts = [caption(row_of(count=count), rng)[0].lower() for _ in range(40)]
        assert sum(bool(re.search(pattern, text)) for text in texts) > 30
    named = [caption(row_of(count="three"), rng)[1][COLUMN["count"]] for _ in range(20)]
    assert set(named) == {VALUES["count"].index("three")}


def test_pairs_name_both_and_how_they_stand() -> None:
    rng = random.Random(6)
    for relation in VALUES["relation"][1:]:
        row = row_of(relation=relation, other="car", color="black", other_color="red")
        for _ in range(10):
            _, named = caption(row, rng)
            for name in ("thing", "other", "relation", "color", "other_color"):
                assert named[COLUMN[name]] == row[COLUMN[name]]


def test_turned_words_turn_the_pair() -> None:
    row = row_of(relation="above", other="car")
    rng = random.Random(7)
    texts = [caption(row, rng)[0] for _ in range(200)]
    cat, car = re.compile("cat|kitt|pussy"), re.compile(r"\bcar|auto|hatch")
    below = [t for t in texts if " under " in t or " below " in t]
    clean = [(cat.search(t), car.search(t)) for t in below]
    turned = [a.start() > b.start() for a, b in clean if a and b]
    assert len(turned) > 10 and sum(turned) / len(turned) > 0.8


def test_a_stranger_is_named_in_the_things_place() -> None:
    for seed in range(20):
        text, named = caption(row_of(), random.Random(seed), "zorbix")
        assert named[COLUMN["thing"]] == OPEN
        assert "cat" not in text.split()


def test_slips_leave_most_of_the_text() -> None:
    rng = random.Random(8)
    for _ in range(200):
        assert abs(len(typo("elephant", rng)) - 8) <= 1
        assert abs(len(slip("a large elephant at night", rng).split()) - 5) <= 2
