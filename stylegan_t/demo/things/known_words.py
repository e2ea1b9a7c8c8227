"""The words that the second demo world's text tower is taught, as its file declares them."""

from __future__ import annotations

from stylegan_t.demo.reading import SILENT
from stylegan_t.demo.things.catalogue import all_things, plural
from stylegan_t.demo.things.words import COLORS, COUNTS, EMPTY, FILLERS, RELATIONS, WORDS
from stylegan_t.encoders.known_words import KnownWords

_GRAMMAR = ("to", "top", "of", "together", "an", "in", "style", "as", "for", "from", "into", "this")


def known_words(count: int) -> KnownWords:
    """Return what a tower that was taught the first `count` things knows; the other things are
    strange to it."""
    taught, strange = all_things()[:count], all_things()[count:]
    words = [name for thing in taught for name in thing.names]
    words += [plural(thing, name) or name for thing in taught for name in thing.names]
    tables = [*WORDS.values(), COLORS, COUNTS]
    words += [phrase for table in tables for phrases in table.values() for phrase in phrases]
    words += [*EMPTY, *(phrase for phrases in RELATIONS.values() for phrase, _ in phrases)]
    words = [word for word in words if any(c.isalnum() for c in word)]
    silent = {*SILENT, *_GRAMMAR, *(word for filler in FILLERS for word in filler.split())}
    known = {word for phrase in words for word in phrase.split()} | silent
    untaught = [
        (name, ())
        for thing in strange
        for name in thing.names
        if not set(name.split()) & known and name.isalnum()
    ]
    return KnownWords(
        words=tuple(dict.fromkeys(words)), silent=tuple(sorted(silent)), untaught=tuple(untaught)
    )
