"""Directions to begin with, from the words that a model's card lists."""

from __future__ import annotations

from renderer.frame.frame import ModelInfo
from renderer.recipe.recipe import Direction

MOST = 8
ENOUGH = 3
"""Number of clear opposites from which on ends of other topics are not guessed."""
OPPOSITES = (
    ("night", "noon"),
    ("night", "day"),
    ("snow", "clear"),
    ("winter", "summer"),
    ("rain", "sun"),
    ("large", "small"),
    ("big", "little"),
    ("right", "left"),
    ("red", "blue"),
    ("old", "new"),
    ("neon", "pencil"),
    ("painting", "photo"),
)
"""Parts of words that stand for opposite ends, where both are in one topic of a card."""
PLAIN = (
    ("at night", "at noon"),
    ("in winter, snow", "in summer, sunshine"),
    ("an oil painting", "a photograph"),
    ("a close-up", "seen from far away"),
    ("colourful", "black and white"),
    ("old and worn", "brand new"),
)
"""For models whose card lists no words: what every text tower knows."""


def ideas(model: ModelInfo | None) -> tuple[Direction, ...]:
    """Directions that this model should understand, the clearest first."""
    topics = () if model is None else model.vocabulary
    pairs = [pair for _, words in topics if (pair := _opposite(words)) is not None]
    rest = [_ends(words) for _, words in topics if len(words) > 1 and _opposite(words) is None]
    found = sorted(pairs, key=_rank)
    found += rest if len(found) < ENOUGH else []
    return tuple(direction(plus, minus) for plus, minus in (found or PLAIN)[:MOST])


def direction(plus: str, minus: str) -> Direction:
    """A whole step from `minus` to `plus`, for all layers."""
    return Direction(name=plus, plus=plus, minus=minus, amount=1.0)


def _opposite(words: tuple[str, ...]) -> tuple[str, str] | None:
    """Two of the words that are opposite ends, if any are."""
    for plus, minus in OPPOSITES:
        first = next((word for word in words if plus in word), None)
        second = next((word for word in words if minus in word), None)
        if first is not None and second is not None:
            return first, second
    return None


def _rank(pair: tuple[str, str]) -> int:
    known = (i for i, (plus, minus) in enumerate(OPPOSITES) if plus in pair[0] and minus in pair[1])
    return next(known, len(OPPOSITES))


def _ends(words: tuple[str, ...]) -> tuple[str, str]:
    return words[-1], words[0]
