"""The reading of a prompt by the demo world: its words, and the attributes that each names.

Prompts are typed freely, so words outside the captions' phrases are looked up one by one.  A word
may name several things ("snow" falls and lies); any of them will do.  This is for judging pictures;
the model reads prompts with its text tower.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Mapping
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
    """Words of a prompt that name something: any of `values` is what they mean.

    `about` are the things that they are said of, where that makes a difference: the one that has a
    colour, or the two that stand in a relation, in its order.
    """

    words: str
    values: tuple[Value, ...]
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Attributes that a prompt asks for, in its order, and the words that mean nothing to the demo
    world."""

    asked: tuple[Asked, ...]
    unknown: tuple[str, ...]


class Phrases:
    """Phrases of a demo world, each with the values that it may mean."""

    def __init__(self) -> None:
        self._exact: dict[tuple[str, ...], list[Value]] = {}
        self._single: dict[str, list[Value]] = {}

    def add(self, phrase: str, value: Value, *, apart: bool = True) -> None:
        """Take a phrase, also without the silent words that it begins with; and each of its words
        by itself, unless not `apart`."""
        words = split(phrase)
        bare = tuple(itertools.dropwhile(SILENT.__contains__, words))
        for known in (words, bare) if len(bare) > 1 else (words,):
            _add(self._exact.setdefault(known, []), value)
        for word in words if apart else ():
            if word not in SILENT:
                _add(self._single.setdefault(word, []), value)

    def add_all(self, table: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        """Take a table of attributes, values and the phrases for them."""
        for name, values in table.items():
            for value, synonyms in values.items():
                if value != "none":
                    _add(self._exact.setdefault((value,), []), (name, value))
                for phrase in synonyms:
                    self.add(phrase, (name, value))

    def found(self, prompt: str) -> Reading:
        """Take a prompt apart, the longest known phrase first; nothing is left out."""
        words = split(prompt)[:MAX_WORDS]
        asked: list[Asked] = []
        unknown: list[str] = []
        at, longest = 0, max(map(len, self._exact))
        while at < len(words):
            for length in range(min(longest, len(words) - at), 0, -1):
                part = words[at : at + length]
                if values := self._values(part):
                    asked.append(Asked(" ".join(part), values))
                    at += length
                    break
            else:
                if words[at] not in SILENT:
                    unknown.append(words[at])
                at += 1
        return Reading(tuple(asked), tuple(dict.fromkeys(unknown)))

    def _values(self, words: tuple[str, ...]) -> tuple[Value, ...]:
        if values := self._exact.get(words):
            return tuple(values)
        few = self._single.get(words[0], []) if len(words) == 1 else []
        return tuple(few) if len(few) <= MAX_READINGS else ()


def split(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case."""
    return tuple(_WORD.findall(text.lower()))


def read(prompt: str) -> Reading:
    """Read a prompt of the first demo world."""
    reading = _phrases().found(prompt)
    return Reading(without_scenery(reading.asked, "object"), reading.unknown)


def without_scenery(asked: tuple[Asked, ...], thing: str) -> tuple[Asked, ...]:
    """Each word once; "a view of a house" asks for a house, not for an empty landscape."""
    asked, empty = tuple(dict.fromkeys(asked)), (thing, "none")
    things = any(v[0] == thing and v != empty for one in asked for v in one.values)
    return tuple(one for one in asked if one.values != (empty,)) if things else asked


@functools.cache
def _phrases() -> Phrases:
    phrases = Phrases()
    phrases.add_all(WORDS)
    return phrases


def _add(values: list[Value], value: Value) -> None:
    if value not in values:
        values.append(value)
