"""Wildcards in prompts: `{a|b}` is one of its options, `__hues__` or `{hues}` a line of a list.

Pure.  Which option is drawn follows from a seed and from the place of the choice, so that one
drawing is always the same, and what stands elsewhere in the text does not change it.  Source of the
notation: the Dynamic Prompts extension and the wildcard nodes of ComfyUI.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MAX_DEPTH = 8
"""Options and lists within one another."""
MAX_DRAWS = 1000
"""Choices in one prompt, those within lists included."""
MAX_DRAWN = 100_000
"""Characters of what is drawn, as many as a prompt may have."""
_PART = r"\w(?:[\w .-]{0,60}?\w)??"
NAME = rf"{_PART}(?:/{_PART}){{0,3}}?"
"""Of a list of words: those of its folders and its file, without its end."""
LISTED = re.compile(rf"__({NAME})__")
_SINGLE = re.compile(rf"{{\s*({NAME})\s*}}")
SIGNS = "{}|_\\"
"""A backslash before one of these lets it stand for itself."""
Lists = Mapping[str, tuple[str, ...]]
"""The lines of each list of words, by its name."""
NO_LISTS: Lists = {}


class Drawn(NamedTuple):
    """A text without wildcards, and a sentence when not all of them could be drawn."""

    text: str
    problem: str = ""


def drawn(template: str, seed: int, place: str = "", lists: Lists = NO_LISTS) -> Drawn:
    """Draw one option of every choice in `template`.

    Args:
        template: what was typed; a choice that is not closed, and a name that is no list, stay.
        seed: another one draws others.
        place: of the template, so that equal templates in two places draw differently.
        lists: what may stand between two underscores.
    """
    if not any(sign in template for sign in ("{", "__", "\\")):
        return Drawn(template)
    drawing = _Drawing(seed, lists)
    text = drawing.expanded(template, place, 0)
    if len(text) > MAX_DRAWN:
        return Drawn(text[:MAX_DRAWN], "What the wildcards draw is too long, so it was cut.")
    return Drawn(text, drawing.problem)


def escaped(text: str) -> str:
    """The template that stands for `text` itself, wildcards or none."""
    text = re.sub(r"\\(?=[{}|_\\])|[{}]", r"\\\g<0>", text)
    return LISTED.sub(r"\\\g<0>", text)


def names_in(text: str) -> frozenset[str]:
    """Return what may be names of lists in a text."""
    return frozenset(match[1] for form in (LISTED, _SINGLE) for match in form.finditer(text))


class _Drawing:
    """One drawing: what it may still cost, and what went wrong."""

    def __init__(self, seed: int, lists: Lists) -> None:
        self.problem = ""
        self._seed, self._lists, self._left = seed, lists, MAX_DRAWS

    def expanded(self, text: str, place: str, depth: int) -> str:
        """`text` with an option in place of each choice."""
        ends = _ends(text)
        parts: list[str] = []
        at = count = 0
        while at < len(text):
            if text[at] == "\\" and text[at + 1 : at + 2] in SIGNS and at + 1 < len(text):
                parts.append(text[at + 1])
                at += 2
                continue
            options, after = self._choice(text, at, ends)
            if options:
                parts.append(self._drawn(options, f"{place}.{count}", depth, text[at:after]))
                count, at = count + 1, after
            else:
                parts.append(text[at])
                at += 1
        return "".join(parts)

    def _choice(
        self, text: str, at: int, ends: dict[int, list[int]]
    ) -> tuple[tuple[str, ...], int]:
        """The options of a choice that begins at `at`, none where none does; and its end."""
        if at in ends:
            edges = [at, *ends[at]]
            options = tuple(text[a + 1 : b] for a, b in itertools.pairwise(edges))
            if len(options) == 1:
                options = self._lists.get(options[0].strip(), ())
            return options, edges[-1] + 1
        if text.startswith("__", at) and (match := LISTED.match(text, at)) is not None:
            if match[1] not in self._lists:
                self.problem = f"No list of words is called “{match[1]}”."
            return self._lists.get(match[1], ()), match.end()
        return (), at

    def _drawn(self, options: tuple[str, ...], place: str, depth: int, whole: str) -> str:
        self._left -= 1
        if depth >= MAX_DEPTH or self._left < 0:
            self.problem = "There are too many wildcards within one another."
            return "" if depth else whole
        digest = hashlib.blake2b(f"{self._seed}/{place}".encode(), digest_size=8).digest()
        option = options[int.from_bytes(digest, "big") % len(options)]
        return self.expanded(option, place, depth + 1)


def _ends(text: str) -> dict[int, list[int]]:
    """Map where each brace opens to where its bars are, and last where it closes."""
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[int, list[int]]]:
    opened: list[tuple[int, list[int]]] = []
    for match in re.finditer(r"\\[{}|_\\]|[{}|]", text):
        sign, at = match[0], match.start()
        if sign == "{":
            opened.append((at, []))
        elif sign == "|" and opened:
            opened[-1][1].append(at)
        elif sign == "}" and opened:
            start, bars = opened.pop()
            yield start, [*bars, at]
