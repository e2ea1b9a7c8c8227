"""Texts between two texts: prompts that fade over into others, and directions.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from msgspec.structs import replace

from renderer.recipe.recipe import (
    MAX_DIRECTIONS,
    MAX_PROMPTS,
    WILD,
    Direction,
    Pad,
    Prompt,
    TextPart,
)
from renderer.timeline.matching import known, line, paired


def text_between(a: TextPart, b: TextPart, t: float) -> TextPart:
    """The text between two texts, `t` from 0 to 1.

    The same prompts in the same order change their weights, and a pad its place.  Other prompts
    stand side by side, those of `a` fading out while those of `b` fade in.  There each side is
    first brought to a sum of one, so that weights like (2, 2) do not outshout (1): the text is
    normalised, so nothing else depends on their sum.  (A raw sum is left as it is.)  A pad becomes
    the weights that it stands for.
    """
    if a == b:
        return a
    chief = b if _one_voice(a) else a
    prompts, pad = _prompts(a, b, t, chief)
    return TextPart(
        prompts=prompts,
        blend=chief.blend,
        normalize=chief.normalize,
        pad=pad,
        strength=line(a.strength, b.strength, t),
        neutral=(b if a.strength == 1.0 else a).neutral,
        directions=_directions(a.directions, b.directions, t),
        wildcard_seed=a.wildcard_seed,
        neutral_template=(b if a.strength == 1.0 else a).neutral_template,
    )


def _one_voice(part: TextPart) -> bool:
    """Return whether a single prompt of weight one speaks: then no way of blending makes a
    difference."""
    return [weight for weight in part.weights if weight] == [1.0]


def _prompts(
    a: TextPart, b: TextPart, t: float, chief: TextPart
) -> tuple[tuple[Prompt, ...], Pad | None]:
    """The rows of the text between, and the pad where one is left."""
    if [row.text for row in a.prompts] == [row.text for row in b.prompts]:
        if a.pad is not None and b.pad is not None:
            place = Pad(line(a.pad.x, b.pad.x, t), line(a.pad.y, b.pad.y, t))
            first, second = ([row.weight for row in part.prompts] for part in (a, b))
            return _rows(a, first, second, t), place
        return _rows(a, a.weights, b.weights, t), None
    first, second = (_voices(part, chief) for part in (a, b))
    rows = tuple(
        Prompt(key[0], line(first.get(key, 0.0), second.get(key, 0.0), t))
        for key in dict.fromkeys([*first, *second])
    )
    return (rows, None) if 0 < len(rows) <= MAX_PROMPTS else (a.prompts, a.pad)


def _rows(
    part: TextPart, first: Sequence[float], second: Sequence[float], t: float
) -> tuple[Prompt, ...]:
    weights = (line(low, high, t) for low, high in zip(first, second, strict=True))
    return tuple(replace(row, weight=w) for row, w in zip(part.prompts, weights, strict=True))


def _voices(part: TextPart, chief: TextPart) -> dict[tuple[str, int], float]:
    """Weight by text and which of its like it is; rows that count nothing are left out."""
    rows = [(row.text, w) for row, w in zip(part.prompts, part.weights, strict=True) if w]
    scale = _loudness([w for _, w in rows], chief)
    seen: Counter[str] = Counter()
    voices: dict[tuple[str, int], float] = {}
    for text, weight in rows:
        voices[text, seen[text]] = max(-WILD, min(weight / scale, WILD))
        seen[text] += 1
    return voices


def _loudness(weights: Sequence[float], chief: TextPart) -> float:
    """Return what the weights of one side are divided by."""
    total = sum(weights)
    if chief.blend == "slerp" and abs(total) > 1e-6:
        return total  # only ratios count there
    return sum(map(abs, weights)) or 1.0 if chief.normalize else 1.0


def _directions(a: Sequence[Direction], b: Sequence[Direction], t: float) -> tuple[Direction, ...]:
    def what(item: Direction) -> Hashable:
        return item.plus, item.minus, item.start, item.stop

    pairs = paired(a, b, what)
    if len(pairs) > MAX_DIRECTIONS:
        return tuple(a)
    return tuple(_turned(x, y, t) for x, y in pairs)


def _turned(x: Direction | None, y: Direction | None, t: float) -> Direction:
    amount = line(x.amount if x else 0.0, y.amount if y else 0.0, t)
    return replace(known(x, y), amount=amount)
