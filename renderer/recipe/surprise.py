"""A random sentence of a model's own world, made of its example prompts and its vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

Vocabulary = Sequence[tuple[str, Sequence[str]]]
"""Topics ("Colours"), each with words that mean something to the model."""

EXAMPLES = (
    "a photo of a red fox in the snow",
    "a watercolor painting of a castle on a cliff",
    "a blue bird in a forest, pencil sketch",
    "an oil painting of a sailboat at sunset",
    "a small white house by the lake at dawn",
    "a photo of an orange cat on a sofa",
    "a golden dragon over the mountains, digital art",
    "a bowl of fruit on a table, still life",
    "a black horse on the beach at night",
    "a green robot in a city in the rain",
)
"""Prompts for models with a text tower that has read everything, but without examples."""

VOCABULARY: Vocabulary = (
    ("Colours", ("red", "orange", "blue", "white", "golden", "black", "green", "purple", "pink")),
    (
        "Things",
        (
            *("fox", "castle", "bird", "sailboat", "house", "cat", "dragon", "horse", "robot"),
            *("lighthouse", "tiger", "whale", "steam train", "penguin", "rabbit", "cottage"),
            *("spaceship", "bicycle", "elephant", "hot air balloon", "windmill", "wolf"),
        ),
    ),
    (
        "Places",
        (
            *("in the snow", "on a cliff", "in a forest", "by the lake", "over the mountains"),
            *("on the beach", "in a city", "in the desert", "in a meadow", "under water"),
        ),
    ),
    ("Times", ("at sunset", "at dawn", "at night", "in the rain", "in the fog", "at noon")),
    ("Styles", ("pencil sketch", "digital art", "still life", "pixel art", "film still")),
    ("Pictures", ("photo", "watercolor painting", "oil painting", "charcoal drawing", "mosaic")),
)
"""Words that stand in for a vocabulary beside `EXAMPLES`."""

TRIES = 8
"""Attempts to find a sentence other than the current one."""
CHANGED_SHARE = 0.85
"""The share of words of an example that give way to others of their kind."""

_YU = re.compile(r"(?:eu|ewe|one\b|u(?:ni|se|sual|k))", re.IGNORECASE)
"""Words that are written with a vowel and spoken with a consonant: "a unicorn"."""
_LEADS = frozenset(("in", "on", "at", "by", "with", "under", "over", "before", "below", "while"))


def surprise(
    examples: Sequence[str], vocabulary: Vocabulary, rng: Random, current: str = ""
) -> str:
    """Return an example prompt most of whose known words are exchanged for others of their kind.

    Args:
        examples: a model's example prompts; without any, general ones are used.
        vocabulary: the words of the model's world by topic; words of two topics ("orange") stay.
        rng: chooses.
        current: a prompt that should not come out again.
    """
    if not examples:
        examples, vocabulary = EXAMPLES, VOCABULARY
    kinds = _kinds(vocabulary)
    for _ in range(TRIES):
        text = _exchanged(rng.choice(examples), kinds, rng)
        if text != current:
            return text
    return rng.choice(examples)


def _kinds(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """For each word that belongs to one topic alone, the words that may stand in its place: those
    of its topic that begin in the same way, so that "at noon" never stands where "noon" did."""
    topics: dict[str, list[int]] = {}
    for number, (_, words) in enumerate(vocabulary):
        for word in words:
            topics.setdefault(word.lower(), []).append(number)
    alone = {word: found[0] for word, found in topics.items() if len(set(found)) == 1}
    kinds: dict[str, list[str]] = {}
    for word, number in alone.items():
        words = vocabulary[number][1]
        kinds[word] = [other for other in words if _phrase(other) == _phrase(word)]
    return kinds


def _phrase(words: str) -> bool:
    """Return whether the words begin with a preposition."""
    return words.split(" ", 1)[0].lower() in _LEADS


def _exchanged(example: str, kinds: dict[str, list[str]], rng: Random) -> str:
    """`example` with other words of the same kinds, and its articles put right."""
    if not kinds:
        return example
    longest = sorted(map(re.escape, kinds), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?P<a>an? )?(?P<word>{'|'.join(longest)})(?!\w)", re.IGNORECASE)

    def other(found: re.Match[str]) -> str:
        word = found["word"]
        if rng.random() < CHANGED_SHARE:
            word = rng.choice(kinds[word.lower()])
        return f"{_article(word)} {word}" if found["a"] else word

    return pattern.sub(other, example)


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" and not _YU.match(word) else "a"
