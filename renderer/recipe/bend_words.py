"""Bends in words: channels as "0..31, 64..", a bend as "b16.conv0:gain=2@0..31".  Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from renderer.recipe.parts.bends import AMOUNTS, MAX_CHANNEL, MAX_SPANS, VERTICAL, Bend, Span
from renderer.recipe.recipe import RecipeError
from stylegan_t.config import BendKind

ALL = "all"
CHANNELS_HELP = (
    "Channels count from 0: 7, 0..31, 64.. (to the last), /4 (every fourth) or 0..63/2, several "
    "with commas; all for all of them."
)
BEND_HELP = "b16.conv0:gain=2, b32.conv0:shift=0.1,0.2@0..31 or b8.input:noise=0.5#7"
_SPAN = re.compile(r"(?:(\d{1,5})(?:(\.\.)(\d{1,5})?)?)?(?:/(\d{1,5}))?", re.ASCII)
_BEND = re.compile(
    r"(?P<layer>[^:=@#]{1,200}):(?P<kind>[a-z]+)"
    r"(?:=(?P<amount>[^,@#]{1,30})(?:,(?P<vertical>[^,@#]{1,30}))?)?"
    r"(?:@(?P<channels>[^#]*))?(?:#(?P<seed>\d{1,19}))?",
    re.ASCII,
)


def channels_in_words(spans: Sequence[Span]) -> str:
    """Channels as one types them; "all" for all."""
    return ", ".join(map(_span_in_words, spans)) or ALL


def _span_in_words(span: Span) -> str:
    first, last, every = span
    if first == last:
        return str(first)
    where = "" if (first, last) == (0, None) else f"{first}.." + ("" if last is None else str(last))
    return where + (f"/{every}" if every > 1 else "")


def read_channels(text: str) -> tuple[Span, ...]:
    """Read what `channels_in_words` writes.

    Raises:
        RecipeError: it is not that; one sentence that says how it is written.
    """
    if text.strip().lower() in ("", ALL):
        return ()
    spans = [_read_span(part.strip()) for part in text.split(",")]
    if len(spans) > MAX_SPANS:
        raise RecipeError(f"A bend takes at most {MAX_SPANS} ranges of channels.")
    return tuple(spans)


def _read_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        raise RecipeError(f"“{text[:40]}” is not a list of channels. {CHANNELS_HELP}")
    first, dots, last, every = found.groups()
    low, step = int(first or 0), int(every or 1)
    high = None if last is None and (dots or first is None) else int(last or low)
    if step < 1 or max(low, high or 0, step) > MAX_CHANNEL or (high is not None and high < low):
        raise RecipeError(f"“{text[:40]}” is not a list of channels. {CHANNELS_HELP}")
    return low, high, step


def read_bend(text: str) -> Bend:
    """Read a bend as it is typed, such as "b16.conv0:gain=2@0..31"; without an amount the kind's
    usual one.

    Raises:
        RecipeError: it makes no sense; one sentence that says how it is written.
    """
    found = _BEND.fullmatch(text.strip())
    kinds: dict[str, BendKind] = {kind: kind for kind in AMOUNTS}
    kind = kinds.get(found["kind"]) if found else None
    if found is None or kind is None:
        raise RecipeError(
            f"{text[:80]!r} is not LAYER:KIND=AMOUNT, such as {BEND_HELP}. Kinds are "
            f"{', '.join(AMOUNTS)}."
        )
    limits = AMOUNTS[kind]
    amount, up = (
        usual if typed is None else _number(typed, limits.low, limits.high, kind)
        for typed, usual in ((found["amount"], limits.usual), (found["vertical"], 0.0))
    )
    if up and kind not in VERTICAL:
        raise RecipeError(f"A {kind} takes one amount, so {text[:80]!r} was not used.")
    channels = read_channels(found["channels"] or "")
    return Bend(found["layer"].strip(), kind, amount, up, int(found["seed"] or 0), channels)


def _number(text: str, low: float, high: float, kind: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise RecipeError(f"The amount of a {kind} is a number from {low:g} to {high:g}.")
    return number


def bend_in_words(bend: Bend) -> str:
    """A bend as `read_bend` reads it; whether it is on is not said."""
    amounts = ",".join(f"{value!r}" for value in (bend.amount, bend.vertical)[: 1 + _has_up(bend)])
    channels = f"@{channels_in_words(bend.channels)}" if bend.channels else ""
    seed = f"#{bend.seed}" if bend.seed else ""
    return f"{bend.layer}:{bend.kind}={amounts}{channels}{seed}"


def _has_up(bend: Bend) -> bool:
    return bool(bend.vertical)


def short(bend: Bend) -> str:
    """A bend in a few words: "gain of b16.conv0"."""
    return f"{bend.kind} of {bend.layer or 'no layer'}"
