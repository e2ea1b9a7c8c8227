"""The reading of a prompt by the second demo world: things, their colours, how two of them stand.

It reads as `stylegan_t.demo.reading` does, for judging pictures; the model reads prompts with its
text tower.  A colour belongs to the thing that follows it, else to the one before; words such as
"on" or "with" put two things together only where they stand between them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

from stylegan_t.demo.reading import SILENT, Asked, Phrases, Reading, split, without_scenery
from stylegan_t.demo.things.catalogue import first_things, plural
from stylegan_t.demo.things.words import COLORS, COUNTS, EMPTY, FILLERS, RELATIONS, WORDS

NOTHING = ("thing", "none")
_BETWEEN = {"color", "size"}
"""The attributes that may be named between a relation and its second thing."""
_MEANINGLESS = {word for filler in FILLERS for word in filler.split()}


def read(prompt: str) -> Reading:
    """Read a prompt.

    Raises:
        AtlasError: the catalogue of things cannot be read.
    """
    reading = _phrases().found(prompt)
    asked = without_scenery(_with_owners(_with_pairs(reading.asked)), "thing")
    return Reading(asked, tuple(word for word in reading.unknown if word not in _MEANINGLESS))


def _name(one: Asked) -> str:
    """The thing that words name, or ""."""
    names = [value for name, value in one.values if name == "thing" and value != "none"]
    return names[0] if names else ""


def _with_pairs(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Relations, each said of the two things that it stands between, and left out where it
    does not."""
    kept: list[Asked] = []
    for at, one in enumerate(asked):
        joins = [value for name, value in one.values if name == "relation"]
        if not joins:
            kept.append(one)
            continue
        before = next((_name(other) for other in reversed(asked[:at]) if _name(other)), "")
        after = _next_thing(asked[at + 1 :])
        others = tuple(value for value in one.values if value[0] != "relation")
        if before and after:
            relation, turned = _RELATIONS[split(one.words)]
            about = (after, before) if turned else (before, after)
            kept.append(Asked(one.words, (("relation", relation),), about))
        elif others:
            kept.append(replace(one, values=others))
    return tuple(kept)


def _next_thing(asked: Sequence[Asked]) -> str:
    for one in asked:
        if name := _name(one):
            return name
        if not {attribute for attribute, _ in one.values} <= _BETWEEN:
            break
    return ""


def _with_owners(asked: Sequence[Asked]) -> tuple[Asked, ...]:
    """Colours, each said of the thing that has it; "orange" alone may be either."""
    kept: list[Asked] = []
    for at, one in enumerate(asked):
        if any(name == "color" for name, _ in one.values):
            before = next((_name(other) for other in reversed(asked[:at]) if _name(other)), "")
            owner = _next_thing(asked[at + 1 :]) or before
            one = replace(one, about=(owner,) if owner else ())
        kept.append(one)
    return tuple(kept)


_RELATIONS = {
    split(words): (name, turned) for name, ways in RELATIONS.items() for words, turned in ways
}


@functools.cache
def _phrases() -> Phrases:
    phrases = Phrases()
    phrases.add_all(WORDS)
    for name, table in (("color", COLORS), ("count", COUNTS)):
        for value, synonyms in table.items():
            for phrase in synonyms:
                if set(split(phrase)) - SILENT:
                    phrases.add(phrase, (name, value), apart=False)
    for words, (value, _) in _RELATIONS.items():
        if words:
            phrases.add(" ".join(words), ("relation", value), apart=False)
    for phrase in EMPTY:
        phrases.add(phrase, NOTHING, apart=False)
    for thing in first_things():
        for name in thing.names:
            for form in (name, plural(thing, name) or name):
                phrases.add(form, ("thing", thing.name), apart=False)
    return phrases
