"""Faults of JSON from a file, in people's words rather than in those of its reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

TYPES = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_AT = re.compile(r"(?P<what>.*?)(?: - at `(?P<place>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.?([^.\[]+)")
_RULES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Expected `(.+)` ([<>])= (\S+)", lambda m: f"must be {_limit(m[2])} {_number(m[3])}"),
    (r"Expected `(.+)` ([<>]) (\S+)", lambda m: f"must be {_side(m[2])} {_number(m[3])}"),
    (
        r"Expected `(.+)` of length ([<>])= (\d+)",
        lambda m: f"must have {_limit(m[2])} {m[3]} {_counted(m[1])}",
    ),
    (r"Expected `(.+)` matching regex .*", lambda m: "does not have the right form"),
    (r"Expected `(.+)`, got `(.+)`", lambda m: f"must be {_type(m[1])}, not {_type(m[2])}"),
    (r"Invalid enum value (.*)", lambda m: f"cannot be {m[1]}"),
    (r"Object missing required field `(.*)`", lambda m: f"lacks “{m[1]}”"),
    (
        r"Object contains unknown field `(.*)`",
        lambda m: f"holds “{m[1]}”, which this program does not know",
    ),
    (r"Input data was truncated", lambda m: "ends too early"),
    (r"JSON is malformed: .*\(byte (\d+)\)", lambda m: f"is not JSON from byte {m[1]} on"),
)


def in_words(error: BaseException) -> str:
    """A clause without its full stop: "text > prompts 1 > weight must be at most 10000".

    Args:
        error: what msgspec raised, or another exception; what is not known stays as it is.
    """
    if isinstance(error, UnicodeError):
        return "it is not text in UTF-8"
    if not isinstance(error, msgspec.MsgspecError):
        return str(error)
    match = _AT.fullmatch(str(error))
    assert match is not None, "it takes any text"
    what, place = match["what"], place_in_words((match["place"] or "").removeprefix("$"))
    for pattern, words in _RULES:
        if found := re.fullmatch(pattern, what, re.DOTALL):
            return f"{place or 'it'} {words(found)}"
    return f"{place}: {what}" if place else what


def place_in_words(place: str) -> str:
    """Return where a value stands: ".text.prompts[0].weight" is "text > prompts 1 > weight"."""
    words: list[str] = []
    for index, name in _STEP.findall(place):
        if name:
            words.append(name.replace("_", " "))
        elif index.isdigit() and words:
            words[-1] += f" {int(index) + 1}"
    return " > ".join(words)


def _limit(sign: str) -> str:
    return "at most" if sign == "<" else "at least"


def _side(sign: str) -> str:
    return "below" if sign == "<" else "above"


def _number(text: str) -> str:
    return text.removesuffix(".0")


def _counted(kind: str) -> str:
    return "characters" if kind.startswith("str") else "entries"


def _type(kind: str) -> str:
    return " or ".join(TYPES.get(part, part) for part in kind.split(" | "))
