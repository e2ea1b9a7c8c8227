"""Forgiving reading of OSC arguments: senders add labels, send numbers as text, and T for 1.

TouchOSC, Companion and Max each have habits of their own; a value is taken as it is meant where
that is beyond doubt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from renderer.parameters.kinds import Choice, Kind, Switch, Text, Trigger, Value

WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
MAX_DIGITS = 40
"""A longer text is no number."""


def meant(kind: Kind, values: Sequence[Value]) -> Value:
    """Return the argument of a message that a value of this kind is meant by: the first that fits,
    else the first of all, which the kind then refuses with a sentence."""
    if not values:
        return None
    if isinstance(kind, Text):
        return next((value for value in values if isinstance(value, str)), values[0])
    if isinstance(kind, Choice):
        return _choice(kind, values)
    for value in values:
        if (number := _number(value, kind)) is not None:
            return number
    if isinstance(kind, Trigger):  # a label alone
        return None
    return values[0]


def numbers(values: Sequence[Value]) -> list[float]:
    """Return the numbers of a message without its labels, for pads."""
    return [
        value for value in values if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _choice(kind: Choice, values: Sequence[Value]) -> Value:
    words = {option.lower(): option for option in kind.options}
    for value in values:
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
    return next(iter(numbers(values)), values[0])


def _number(value: Value, kind: Kind) -> Value:
    """The number that a value is or spells; None for a label."""
    if isinstance(value, bool):
        return value if isinstance(kind, Switch | Trigger) else float(value)
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or len(value) > MAX_DIGITS:
        return None
    if isinstance(kind, Switch | Trigger) and value.strip().lower() in WORDS:
        return WORDS[value.strip().lower()]
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
