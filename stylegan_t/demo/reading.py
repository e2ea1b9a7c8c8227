"""The reading of a prompt by the demo world: its words, and the attributes that each names.

Prompts are typed freely, so words outside the captions' phrases are looked up one by one.  A word
may name several things ("snow" falls and lies); any of them will do.  This is for judging pictures;
the model reads prompts with its text tower.
"""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass

from stylegan_t.demo.captions import WORDS

Value = tuple[str, str]
"""An attribute and its value: ("time", "night")."""
MAX_READINGS = 3
"""A word that names more than this says nothing."""
MAX_WORDS = 400
"""Of a pasted novel, only the beginning is read."""
_WORD = re.compile(r"[^\W_]+")
SILENT = frozenset(
    (
        "a",
        "an",
        "the",
        "in",
        "on",
        "at",
        "by",
        "of",
        "with",
        "as",
        "to",
        "and",
        "or",
        "under",
        "over",
        "near",
        "behind",
        "before",
        "below",
        "above",
        "among",
        "while",
        "it",
        "is",
        "its",
        "there",
        "some",
        "very",
        "style",
        "picture",
        "image",
        "drawing",
        "art",
        "painting",
        "photo",
    )
)
"""Words that name nothing by themselves."""


@dataclass(frozen=True)
class Asked:
    """Words of a prompt that name something: any of `values` is what they mean."""

    words: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Reading:
    """Attributes that a prompt asks for, in its order, and the words that mean nothing to the demo
    world."""

    asked: tuple[Asked, ...]
    unknown: tuple[str, ...]


def read(prompt: str) -> Reading:
    """Read a prompt, the longest known phrase first."""
    words = _WORD.findall(prompt.lower())[:MAX_WORDS]
    phrases, longest = _phrases()
    asked: list[Asked] = []
    unknown: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            part = tuple(words[at : at + length])
            values = phrases.get(part)
            if values:
                asked.append(Asked(" ".join(part), values))
                at += length
                break
        else:
            if words[at] not in SILENT:
                unknown.append(words[at])
            at += 1
    return Reading(_without_scenery(tuple(dict.fromkeys(asked))), tuple(dict.fromkeys(unknown)))


def _without_scenery(asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """ "A view of a house" asks for a house, not for an empty landscape."""
    empty = ("object", "none")
    things = any(v[0] == "object" and v != empty for one in asked for v in one.values)
    return tuple(one for one in asked if one.values != (empty,)) if things else asked


@functools.cache
def _phrases() -> tuple[dict[tuple[str, ...], tuple[Value, ...]], int]:
    """Every phrase of the captions and every single word that tells, and the longest's length."""
    exact: dict[tuple[str, ...], list[Value]] = {}
    single: dict[str, list[Value]] = {}
    for name, values in WORDS.items():
        for value, synonyms in values.items():
            if value != "none":
                _add(exact.setdefault((value,), []), (name, value))
            for phrase in synonyms:
                words = tuple(_WORD.findall(phrase))
                _add(exact.setdefault(words, []), (name, value))
                bare = tuple(itertools.dropwhile(SILENT.__contains__, words))
                if len(bare) > 1:
                    _add(exact.setdefault(bare, []), (name, value))
                for word in words:
                    if word not in SILENT:
                        _add(single.setdefault(word, []), (name, value))
    few = {word: values for word, values in single.items() if len(values) <= MAX_READINGS}
    known = {**{(word,): values for word, values in few.items()}, **exact}
    return {words: tuple(values) for words, values in known.items()}, max(map(len, known))


def _add(values: list[Value], value: Value) -> None:
    if value not in values:
        values.append(value)
