"""English captions of scenes, with synonyms and omissions, and which attributes they name."""

from __future__ import annotations

import random
from collections.abc import Sequence

from stylegan_t.demo.world import ATTRIBUTES, NAMES, OPEN

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "time": {
        "dawn": ("at dawn", "in the early morning", "at sunrise", "at daybreak", "dawn"),
        "day": ("at noon", "by day", "in daylight", "in the daytime", "on a sunny day"),
        "sunset": ("at sunset", "at dusk", "in the evening", "in the golden hour", "sunset"),
        "night": ("at night", "by night", "at midnight", "under the stars", "night"),
    },
    "weather": {
        "clear": ("under a clear sky", "in clear weather", "with a cloudless sky", "clear sky"),
        "cloudy": ("under a cloudy sky", "with clouds", "with fluffy clouds", "cloudy"),
        "rain": ("in the rain", "on a rainy day", "in rainy weather", "in a storm", "rain"),
        "snow": ("in falling snow", "while it snows", "in a snowfall", "in a blizzard", "snowing"),
        "fog": ("in the fog", "in thick mist", "on a foggy day", "in the mist", "foggy"),
    },
    "ground": {
        "meadow": ("in a meadow", "on green grass", "in a flower meadow", "on a field", "meadow"),
        "desert": ("in the desert", "on the sand", "among sand dunes", "on the dunes", "desert"),
        "snow": ("in a snowy field", "on a snow field", "in deep snow", "in winter", "on the ice"),
        "sea": ("by the sea", "on the ocean", "at sea", "over the water", "on the waves", "sea"),
    },
    "relief": {
        "none": ("on a flat plain", "with an open horizon"),
        "hills": ("with hills behind", "before rolling hills", "near the hills", "hills"),
        "peaks": (
            "with snowy mountains",
            "below snowy peaks",
            "before high mountains",
            "mountains",
        ),
    },
    "moon": {
        "full": ("under a full moon", "with a full moon", "full moon"),
        "crescent": ("under a crescent moon", "with a crescent moon", "crescent moon"),
    },
    "object": {
        "house": ("house", "cottage", "cabin", "home", "hut"),
        "pine": ("pine tree", "fir tree", "pine", "tree", "christmas tree"),
        "sailboat": ("sailboat", "sailing boat", "boat", "ship", "yacht"),
        "lighthouse": ("lighthouse", "light house", "beacon"),
        "balloon": ("hot air balloon", "balloon", "air balloon"),
        "cactus": ("cactus", "saguaro", "cactus plant"),
        "none": ("landscape", "scene", "view", "empty landscape", "scenery"),
    },
    "color": {
        "red": ("red", "red", "crimson", "scarlet"),
        "orange": ("orange", "orange", "tangerine"),
        "yellow": ("yellow", "yellow", "golden"),
        "green": ("green", "green", "emerald"),
        "blue": ("blue", "blue", "navy", "azure"),
        "purple": ("purple", "purple", "violet", "lilac"),
        "white": ("white", "white", "pale"),
        "black": ("black", "black", "dark"),
    },
    "size": {
        "small": ("small", "little", "tiny"),
        "medium": ("medium sized", "mid sized"),
        "large": ("large", "big", "huge", "giant"),
    },
    "side": {
        "left": ("on the left", "to the left", "left"),
        "centre": ("in the middle", "in the centre", "in the center"),
        "right": ("on the right", "to the right", "right"),
    },
    "style": {
        "flat": ("flat illustration", "vector art", "simple illustration", "flat design"),
        "watercolor": ("watercolor", "watercolor painting", "aquarelle", "watercolour"),
        "pixel": ("pixel art", "8 bit pixel art", "retro game art", "8-bit"),
        "pencil": ("pencil sketch", "pencil drawing", "colored pencil drawing", "sketch"),
        "oil": ("oil painting", "van gogh painting", "swirling oil painting", "van gogh", "oil"),
        "neon": ("neon art", "glowing neon", "neon lights", "neon", "neon sign"),
    },
}

FILLERS = ("beautiful", "nice", "very", "lovely", "picture", "image", "old", "with", "some", "the")
"""Words that captions have beside it, and mean nothing by."""


def caption(row: Sequence[int], rng: random.Random, keep: float = 0.55) -> tuple[str, list[int]]:
    """Describe a scene, leaving parts out.

    Args:
        row: ten attribute indices.
        keep: how likely most attributes are to be named.

    Returns:
        The text, and the row with `OPEN` for every attribute that the text does not name.
    """
    value = {name: ATTRIBUTES[name][int(i)] for name, i in zip(NAMES, row, strict=True)}
    named: set[str] = set()

    def say(name: str) -> str:
        named.add(name)
        return rng.choice(WORDS[name][value[name]])

    subject = _subject(value, say, rng, keep)
    tail = _tail(value, say, rng, keep)
    if rng.random() < 0.4:
        rng.shuffle(tail)
    text = _join(subject, tail, rng)
    if rng.random() < 0.6:
        text = _with_style(text, say("style"), rng)
    if rng.random() < 0.15:
        text = _smudge(text, rng)
    if "moon" in named:  # naming the moon means night
        named.add("time")
    row = [int(i) if name in named else OPEN for name, i in zip(NAMES, row, strict=True)]
    return text, row


def _subject(value: dict[str, str], say, rng: random.Random, keep: float) -> str:
    if rng.random() < 0.1:
        return ""
    bare = value["object"] == "none"
    words = []
    if not bare and rng.random() < keep * (0.2 if value["size"] == "medium" else 0.7):
        words.append(say("size"))
    if not bare and rng.random() < 0.7:
        words.append(say("color"))
    words.append(say("object"))
    if len(words) == 3 and rng.random() < 0.2:
        words[0], words[1] = words[1], words[0]
    article = rng.choice(("a ", "a ", "a ", "the ", "")) if rng.random() < 0.9 else ""
    return article + " ".join(words)


def _tail(value: dict[str, str], say, rng: random.Random, keep: float) -> list[str]:
    tail = []
    if value["object"] != "none" and rng.random() < keep * 0.6:
        tail.append(say("side"))
    if rng.random() < keep:
        tail.append(say("ground"))
    if rng.random() < keep * (0.4 if value["relief"] == "none" else 0.8):
        tail.append(say("relief"))
    if value["time"] == "night" and rng.random() < keep * 0.6:
        tail.append(say("moon"))
    if rng.random() < 0.65:
        tail.append(say("time"))
    if rng.random() < keep:
        tail.append(say("weather"))
    return tail


def _join(subject: str, tail: list[str], rng: random.Random) -> str:
    glue = ", " if rng.random() < 0.3 else " "
    parts = ([subject] if subject else []) + tail
    if rng.random() < 0.08:
        rng.shuffle(parts)
    return glue.join(parts)


def _with_style(text: str, style: str, rng: random.Random) -> str:
    forms = (
        f"{style} of {text}" if text else style,
        f"{text} {style}",
        f"{text}, {style}",
        f"{style}, {text}",
        f"{text} in the style of {style}",
        f"{text} as {style}",
        f"a {style} of {text}",
    )
    return rng.choice(forms).strip(" ,")


def _smudge(text: str, rng: random.Random) -> str:
    """A slip of the finger, a half-typed last word, or a word that means nothing here."""
    words = text.split(" ")
    kind = rng.randrange(3)
    if kind == 0:
        words.insert(rng.randrange(len(words) + 1), rng.choice(FILLERS))
    elif kind == 1:
        # An unfinished word during typing: too short to mean anything.
        words.append("".join(rng.choice("abcdefghilmnoprstuw") for _ in range(rng.randint(1, 2))))
    else:
        long = [i for i, word in enumerate(words) if len(word) > 5]
        if long:
            i = rng.choice(long)
            k = rng.randrange(1, len(words[i]) - 1)
            words[i] = words[i][:k] + words[i][k + 1 :]
    return " ".join(words)
