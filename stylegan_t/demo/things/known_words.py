"""The words that the second demo world's text tower is taught, as its file declares them."""

from __future__ import annotations

from msgspec.structs import replace

from stylegan_t.demo.reading import SILENT
from stylegan_t.demo.things.catalogue import all_things, plural
from stylegan_t.demo.things.words import COLORS, COUNTS, EMPTY, FILLERS, RELATIONS, WORDS
from stylegan_t.encoders.known_words import KnownWords, Lexicon

_GRAMMAR = ("to", "top", "of", "together", "an", "in", "style", "as", "for", "from", "into", "this")


_INSTEAD = {
    "city": ("skyscraper", "tower"), "town": ("house", "church"), "skyline": ("skyscraper",),
    "forest": ("tree", "fir tree"), "jungle": ("palm tree",), "plant": ("flower", "tree"),
    "astronaut": ("rocket",), "spaceman": ("rocket",), "space": ("planet", "rocket", "star"),
    "galaxy": ("planet", "star"), "pirate": ("ship",), "knight": ("castle", "dragon"),
    "king": ("crown",), "queen": ("crown",), "princess": ("crown", "castle"),
    "animal": ("cat", "dog", "lion"), "fruit": ("apple", "banana", "pear"),
    "food": ("pizza", "hamburger"), "vehicle": ("car", "bus"), "toy": ("teddy bear", "balloon"),
    "eagle": ("bird", "owl"), "crow": ("bird",), "goose": ("duck", "swan"), "lobster": ("crab",),
    "lizard": ("crocodile",), "sandwich": ("hamburger", "bread"), "tea": ("teapot",),
    "beer": ("wine glass",), "computer": ("laptop",), "violin": ("guitar",), "van": ("lorry",),
    "river": ("lake",), "autumn": (), "woman": (), "man": (),
    "riding": ("on",), "smiling": (), "beard": (), "short": ("small",),
}  # fmt: skip
"""Words that people type and this world lacks, each with what comes nearest in meaning; the last
ones because their letters are close to those of words that mean something else."""


def known_words(count: int) -> KnownWords:
    """Return what a tower that was taught the first `count` things knows; the other things are
    strange to it, and it leaves out what it was not taught."""
    taught, strange = all_things()[:count], all_things()[count:]
    words = [name for thing in taught for name in thing.names]
    words += [plural(thing, name) or name for thing in taught for name in thing.names]
    tables = [*WORDS.values(), COLORS, COUNTS]
    words += [phrase for table in tables for phrases in table.values() for phrase in phrases]
    words += [*EMPTY, *(phrase for phrases in RELATIONS.values() for phrase, _ in phrases)]
    words = [word for word in words if any(c.isalnum() for c in word)]
    silent = {*SILENT, *_GRAMMAR, *(word for filler in FILLERS for word in filler.split())}
    known = KnownWords(words=tuple(dict.fromkeys(words)), silent=tuple(sorted(silent)), skips=True)
    lexicon = Lexicon(known)
    names = [name for thing in strange for name in thing.names if name.isalnum()]
    untaught = {name: _INSTEAD.get(name, ()) for name in [*names, *_INSTEAD]}
    told = [(name, near) for name, near in untaught.items() if not lexicon.knows(name)]
    return replace(known, untaught=tuple(told))
