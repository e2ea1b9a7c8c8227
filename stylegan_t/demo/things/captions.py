"""English captions as people type them: short and long, any order, synonyms, plurals, typos."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from stylegan_t.demo.things.attributes import NAMES, OPEN, OWN, VALUES
from stylegan_t.demo.things.catalogue import Thing, all_things, plural
from stylegan_t.demo.things.words import COLORS, COUNTS, EMPTY, FILLERS, RELATIONS, WORDS

SHORT_SHARE = 0.6
"""The share of captions that name a thing and little else."""
USUAL_SHARE = 0.65
"""The share of things that are called by their usual name."""
SLIP_SHARE = 0.12
_TAIL = ("side", "ground", "relief", "moon", "time", "weather")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class _Writer:
    """Writes one caption and remembers what it named."""

    def __init__(self, row: Sequence[int], rng: random.Random, stranger: str) -> None:
        self.row = dict(zip(NAMES, map(int, row), strict=True))
        self.value = {name: values[self.row[name]] for name, values in VALUES.items()}
        self.rng, self.named, self.stranger = rng, set[str](), stranger

    def likely(self, share: float) -> bool:
        return self.rng.random() < share

    def say(self, name: str) -> str:
        """One of the phrases for an attribute's value."""
        self.named.add(name)
        return self.rng.choice(WORDS[name][self.value[name]])

    def color(self, name: str) -> list[str]:
        """A colour word, when the thing does not just have its own."""
        if self.value[name] == OWN:
            return []
        self.named.add(name)
        return [self.rng.choice(COLORS[self.value[name]])]

    def noun(self, which: str) -> tuple[Thing, str]:
        """A thing by one of its names."""
        thing = all_things()[self.row[which] - 1]
        if self.stranger and which == "thing":
            return thing, self.stranger
        names = thing.names
        self.named.add(which)
        usual = len(names) == 1 or self.likely(USUAL_SHARE)
        return thing, names[0] if usual else self.rng.choice(names[1:])

    def one(self, which: str, color: str, *, sized: bool) -> str:
        """ "a large red house": one thing with its article."""
        thing, name = self.noun(which)
        words = [*self.color(color), name]
        if sized and self.likely(0.12 if self.value["size"] == "medium" else 0.4):
            words.insert(0, self.say("size"))
            if len(words) == 3 and self.likely(0.2):
                words[0], words[1] = words[1], words[0]
        text = " ".join(words)
        if plural(thing, name) is None:
            return f"some {text}" if self.likely(0.1) else text
        return self.article(text)

    def article(self, text: str) -> str:
        """With a, an, the or nothing before it."""
        kind = self.rng.random()
        if kind < 0.62:
            return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
        return f"the {text}" if kind < 0.7 else text

    def several(self) -> str:
        """ "two red houses"; a name without a plural is replaced by one that has one."""
        thing, name = self.noun("thing")
        many = plural(thing, name)
        for other in thing.names:
            many = many or plural(thing, other)
        many = many if name != self.stranger else f"{name}s"
        self.named.add("count")
        count = self.rng.choice(COUNTS[self.value["count"]])
        return " ".join([count, *self.color("color"), many or name]).strip()

    def subject(self) -> str:
        """Return what stands there."""
        if not self.row["thing"]:
            if self.likely(0.5):
                return ""
            self.named.add("thing")
            return self.rng.choice(EMPTY)
        if self.value["count"] != "one":
            return self.several()
        if self.value["relation"] == "alone":
            return self.one("thing", "color", sized=True)
        self.named.add("relation")
        words, turned = self.rng.choice(RELATIONS[self.value["relation"]])
        pair = [
            self.one("thing", "color", sized=False),
            self.one("other", "other_color", sized=False),
        ]
        return f" {words} ".join(reversed(pair) if turned else pair)


def caption(row: Sequence[int], rng: random.Random, stranger: str = "") -> tuple[str, list[int]]:
    """Describe a scene, leaving parts out.

    Args:
        row: attribute indices, none open.
        stranger: a word that means nothing in this world, to stand for the thing's name.

    Returns:
        The text, and the row with `OPEN` for every attribute that the text does not name.
    """
    writer = _Writer(row, rng, stranger)
    subject = writer.subject()
    alone = writer.value["relation"] == "alone" and writer.value["count"] == "one"
    brief = writer.likely(SHORT_SHARE)
    tail = _tail(writer, alone and bool(writer.row["thing"]), brief=brief)
    parts = ([subject] if subject else []) + tail
    if rng.random() < 0.08:
        rng.shuffle(parts)
    text = (", " if rng.random() < 0.35 else " ").join(parts)
    if rng.random() < (0.2 if brief and parts else 0.55):
        text = _with_style(text, writer.say("style"), rng)
    if rng.random() < SLIP_SHARE:
        text = slip(text, rng)
    if rng.random() < 0.05:
        text = text.capitalize()
    named = writer.named
    if "moon" in named:  # naming the moon means night
        named.add("time")
    # Without a thing's name the latent picks one; "a landscape" names that there is none.
    return text, [index if name in named else OPEN for name, index in zip(NAMES, row, strict=True)]


def _tail(writer: _Writer, alone: bool, *, brief: bool) -> list[str]:
    """Return place, time and weather: at most one of these in a brief caption."""
    likely: dict[str, Callable[[], bool]] = {
        "side": lambda: alone and writer.likely(0.25),
        "ground": lambda: writer.likely(0.55),
        "relief": lambda: writer.likely(0.12 if writer.value["relief"] == "none" else 0.3),
        "moon": lambda: writer.value["time"] == "night" and writer.likely(0.3),
        "time": lambda: writer.likely(0.6),
        "weather": lambda: writer.likely(0.5),
    }
    names = [name for name in _TAIL if likely[name]()]
    if writer.likely(0.4):
        writer.rng.shuffle(names)
    if brief:
        names = writer.rng.sample(names, min(len(names), writer.rng.choice((0, 0, 1))))
    return [writer.say(name) for name in names]


def _with_style(text: str, style: str, rng: random.Random) -> str:
    forms = (
        f"{style} of {text}" if text else style,
        f"{text} {style}",
        f"{text}, {style}",
        f"{text}, {style}",
        f"{style}, {text}",
        f"{text} in the style of {style}",
        f"{text} as {style}",
        f"a {style} of {text}" if text else f"a {style}",
        f"{text} in {style}",
    )
    return rng.choice(forms).strip(" ,")


def slip(text: str, rng: random.Random) -> str:
    """A slip of the finger, a half-typed last word, or a word that means nothing here."""
    words = text.split(" ")
    kind = rng.randrange(5)
    if kind == 0:
        words.insert(rng.randrange(len(words) + 1), rng.choice(FILLERS))
    elif kind == 1:
        # An unfinished word during typing: too short to mean anything.
        words.append("".join(rng.choice(_LETTERS) for _ in range(rng.randint(1, 2))))
    else:
        long = [i for i, word in enumerate(words) if len(word) > 2]
        if long:
            i = rng.choice(long)
            words[i] = typo(words[i], rng)
    return " ".join(words)


def typo(word: str, rng: random.Random) -> str:
    """A word of at least three letters with one letter lost, doubled, swapped or mistaken.

    Of three letters one is doubled: otherwise a cat would be a car.
    """
    k = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4) if len(word) > 3 else 1
    if kind == 0:
        return word[:k] + word[k + 1 :]
    if kind == 1:
        return word[:k] + word[k] + word[k:]
    if kind == 2:
        return word[:k] + word[k + 1] + word[k] + word[k + 2 :]
    return word[:k] + rng.choice(_LETTERS) + word[k + 1 :]
