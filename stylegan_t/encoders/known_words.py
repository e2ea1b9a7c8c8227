"""Words that a text tower was taught, and which words of a prompt it was not.

A tower declares its words as `KnownWords`, which travel in the header of its checkpoint; `Lexicon`
looks words up in them.  Nothing here knows tensors.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

WORD = re.compile(r"[^\W_]+")
"""One word of a prompt: letters and digits of any script."""
MAX_TERMS = 20_000
NEAREST_SHOWN = 3
_LOOKED_AT = 20_000
"""Words that one search may look at: a hostile file must not make it slow."""
_BEGINNING = 4
"""Letters from which on a word that is still being typed is completed."""
_COMPARED = 8
"""Words alike enough to count their slips, letter by letter."""
_LONGEST = 32
"""Letters of a word that count; of a longer one, the rest is not looked at."""

Term = Annotated[str, Meta(min_length=1, max_length=64)]


class KnownWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The vocabulary that a text tower declares; all in lower case.

    Attributes:
        words: words and phrases that name something ("cottage", "hot air balloon").  Each word of a
            phrase counts as known, and can be proposed in place of a similar one.
        silent: words that were seen in training and name nothing by themselves ("a", "with"):
            known, never proposed.
        untaught: words that were not taught, each with the known words or phrases that come nearest
            in meaning, or none: ("sofa", ("couch",)), ("horse", ()).  They are always told, also
            where their letters are close to a known word's, as those of "horse" are to "house".

        skips: whether words that are not known are left out of what is read.  A small tower makes
            something of every word, so that one it was never taught spoils what stands beside it.

    Plurals and slips of the finger need no entry: see `Lexicon`.

    Raises:
        ValueError: a term cannot be shown on a screen.
    """

    words: Annotated[tuple[Term, ...], Meta(max_length=MAX_TERMS)] = ()
    silent: Annotated[tuple[Term, ...], Meta(max_length=MAX_TERMS)] = ()
    untaught: Annotated[tuple[tuple[Term, tuple[Term, ...]], ...], Meta(max_length=MAX_TERMS)] = ()
    skips: bool = False

    def __post_init__(self) -> None:
        terms = [*self.words, *self.silent]
        for word, nearest in self.untaught:
            terms += [word, *nearest]
        if not all(term.isprintable() for term in terms):
            raise ValueError("A known word of a text tower holds characters that cannot be shown.")


class Lexicon:
    """Looks words up in `KnownWords`: exactly, by their stem, and by their letters."""

    def __init__(self, known: KnownWords) -> None:
        self._untaught = dict(known.untaught)
        self._silent = set(_split(known.silent))
        self._words = set(_split(known.words)) - self._silent
        self._stems = {_stem(word) for word in self._words | self._silent}
        self._sorted = sorted(self._words)
        self._by_pair: dict[str, list[str]] = {}
        for word in self._sorted:
            for pair in _pairs(word):
                self._by_pair.setdefault(pair, []).append(word)

    def knows(self, word: str) -> bool:
        """Return whether a word in lower case is known, in its singular or plural.

        So is a single Latin letter: it is the end of "house's", or a word that has just begun.
        """
        if word in self._words or word in self._silent or (len(word) == 1 and word.isascii()):
            return True
        return word not in self._untaught and _stem(word) in self._stems

    def slips(self, word: str) -> tuple[str, ...]:
        """Known words that `word` may be a slip of the finger for, the likeliest first.

        One slip (a letter too many, too few, wrong, or two exchanged) is allowed from 5 letters on,
        two from 9 on; shorter words are too often other words.
        """
        if word in self._untaught:
            return ()
        return self._within(word, 0 if len(word) < 5 else 1 if len(word) < 9 else 2)

    def nearest(self, word: str) -> tuple[str, ...]:
        """Known words or phrases to write instead of `word`: by meaning where the tower declared
        them, else those that it begins and those like it by their letters; often none."""
        declared = self._untaught.get(word)
        if declared is not None:
            return declared[:NEAREST_SHOWN]
        like = self._within(word, 0 if len(word) < 4 else 1 if len(word) < 6 else 2)
        return tuple(dict.fromkeys([*self._begun(word), *like]))[:NEAREST_SHOWN]

    def _begun(self, word: str) -> list[str]:
        """Known words that `word` is the beginning of, the shortest first."""
        if len(word) < _BEGINNING:
            return []
        first = bisect.bisect_left(self._sorted, word)
        following = itertools.islice(self._sorted, first, first + _LOOKED_AT)
        begun = itertools.takewhile(lambda known: known.startswith(word), following)
        return sorted(begun, key=len)

    def _within(self, word: str, most: int) -> tuple[str, ...]:
        """Return known words at most `most` slips away from `word`, the nearest first."""
        if not most:
            return ()
        near = ((slips_between(word, known), known) for known in self._alike(word))
        return tuple(known for slips, known in sorted(near) if slips <= most)

    def _alike(self, word: str) -> list[str]:
        """The words that share the greatest part of their letter pairs with `word`."""
        own = _pairs(word)
        shared: Counter[str] = Counter()
        left = _LOOKED_AT
        # The rarest pairs tell most, so they are the ones to look at where not all can be.
        for words in sorted((self._by_pair.get(pair, []) for pair in own), key=len):
            shared.update(words[:left])
            left -= len(words[:left])
        found = ((2 * n / (len(own) + len(_pairs(known))), known) for known, n in shared.items())
        best = heapq.nsmallest(_COMPARED, found, key=lambda one: (-one[0], one[1]))
        return [known for _, known in best]


def slips_between(a: str, b: str) -> int:
    """The fewest letters to add, leave out, replace, or exchange with the next, from `a` to `b`.

    Source: Damerau 1964; the restricted distance, in which no letter is touched twice.
    """
    a, b = a[:_LONGEST], b[:_LONGEST]
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        row = [i + 1]
        for j, other in enumerate(b):
            best = min(last[j] + (letter != other), last[j + 1] + 1, row[j] + 1)
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                best = min(best, before[j - 1] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _split(terms: Iterable[str]) -> list[str]:
    return [word for term in terms for word in WORD.findall(term.lower())]


def _pairs(word: str) -> set[str]:
    framed = f"<{word[:_LONGEST]}>"
    return {framed[i : i + 2] for i in range(len(framed) - 1)}


def _stem(word: str) -> str:
    """A word without the ending of an English plural."""
    endings: Sequence[tuple[str, str]] = (
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
        ("ies", "y"),
        ("ss", "ss"),
        ("us", "us"),
        ("s", ""),
    )
    if len(word) > 3:
        for ending, instead in endings:
            if word.endswith(ending):
                return word.removesuffix(ending) + instead
    return word
