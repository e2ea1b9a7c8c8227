"""Bindings: which knob, key or fader moves which parameter, and over what range.

A source is named by text: `midi/cc/1/21` (channel 1, controller 21), `midi/note/1/60`,
`midi/bend/1`, or the OSC address of a fader that speaks another language, such as `/1/fader1`, with
`#2` behind it for the second argument of a pad.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from renderer.parameters.kinds import Choice, Number, Switch, Text, Trigger, Value, Whole
from renderer.parameters.parameter import Command, Parameter
from renderer.recipe.recipe import Number as Finite

MAX_BINDINGS = 500
MAX_NAME = 220
MIDI_CC, MIDI_NOTE, MIDI_BEND = "midi/cc/", "midi/note/", "midi/bend/"
MIDI_STEPS = 127
MAX_SENT = 1e9
"""The largest number that a source may send at one of its ends."""
Sent = Annotated[float, Meta(ge=-MAX_SENT, le=MAX_SENT)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
_MIDI_SOURCE = re.compile(
    r"midi/(?:(?P<kind>cc|note)|(?P<bend>bend))/(?P<channel>[0-9]{1,2})"
    r"(?(kind)/(?P<number>[0-9]{1,3}))"
)


class Binding(Struct, frozen=True, forbid_unknown_fields=True):
    """A source and the address that it moves.

    `low` and `high` are the parameter's values at the source's two ends; the other way round the
    knob works backwards.  `source_low` and `source_high` are what the source sends there: 0 and 1,
    which MIDI's values are brought to, unless a fader sends something else.  `relative` is for
    endless knobs, which send steps: 1 and up for forwards, 127 and down for backwards.
    """

    source: Name
    address: Name
    low: Finite = 0.0
    high: Finite = 1.0
    source_low: Sent = 0.0
    source_high: Sent = 1.0
    relative: bool = False

    @property
    def midi(self) -> bool:
        """Return whether the source is a MIDI controller."""
        return self.source.startswith("midi/")

    def share(self, sent: float) -> float:
        """Return how far along its way the source is, 0 to 1, when it sends `sent`."""
        span = self.source_high - self.source_low
        if span == 0:
            return 1.0 if sent > self.source_low else 0.0
        return min(max((sent - self.source_low) / span, 0.0), 1.0)


@dataclass(frozen=True)
class Touch:
    """The value that a source sends, together with what it sent before (0 at first)."""

    sent: float
    before: float = 0.0


def bound_value(
    binding: Binding, target: Parameter | Command, touch: Touch, current: Value
) -> Value:
    """The value that a touch of a source gives to what it is bound to.

    Args:
        binding: the two ends.
        target: what has the binding's address.
        touch: what the source sends, and what it sent before.
        current: the target's value now.

    Returns:
        A value that the target's kind takes, or None when the touch means nothing: a key that is
        let go, a text.
    """
    kind = target.kind
    if isinstance(kind, Text) or not math.isfinite(touch.sent):
        return None
    share = binding.share(touch.sent)
    if isinstance(kind, Trigger | Switch):
        return _pressed(binding, kind, touch, current)
    if isinstance(kind, Choice):
        return kind.at(1.0 - share if binding.low > binding.high else share)
    if binding.relative and binding.midi:
        start = current if isinstance(current, int | float) else binding.low
        step = (binding.high - binding.low) / MIDI_STEPS
        value = start + _steps(touch.sent) * (step if isinstance(kind, Number) else _sign(step))
        ends = sorted((binding.low, binding.high))
        value = min(max(value, ends[0]), ends[1])
    else:
        value = binding.low * (1 - share) + binding.high * share
    value = min(max(value, kind.limits[0]), kind.limits[1])
    return round(value) if isinstance(kind, Whole) else value


def binding_for(source: str, target: Parameter | Command, sent: float) -> Binding:
    """A binding as it is first learnt: the target's whole range.

    Args:
        source: what was moved.
        target: what it moves.
        sent: what the source sent; it tells a fader of 0 to 1 from one of 0 to 127.
    """
    kind = target.kind
    low, high = (kind.low, kind.high) if isinstance(kind, Number | Whole) else (0.0, 1.0)
    top = 1.0 if source.startswith("midi/") or abs(sent) <= 1 else 127.0
    while top < min(abs(sent), MAX_SENT):  # never for a NaN
        top *= 10
    top = min(top, MAX_SENT)
    return Binding(source, target.address, float(low), float(high), 0.0, top)


def source_label(source: str) -> str:
    """A source's name for people: "CC 21", "Key C4", "Pitch bend", or the OSC address.

    It may come from a file, so it need not be one that a controller has.
    """
    if match := _MIDI_SOURCE.fullmatch(source):
        suffix = "" if match["channel"] == "1" else f" (channel {match['channel']})"
        if match["bend"]:
            return f"Pitch bend{suffix}"
        if match["kind"] == "cc":
            return f"CC {match['number']}{suffix}"
        return f"Key {_note(int(match['number']))}{suffix}"
    address, _, place = source.partition("#")
    return f"{address}, value {place}" if place else address


def _pressed(binding: Binding, kind: Trigger | Switch, touch: Touch, current: Value) -> bool | None:
    """A key or a button: only going down counts for triggers; a key turns a switch over."""
    low = 0.0 if binding.source.startswith(MIDI_NOTE) else 0.5
    before = binding.share(touch.before)
    now = binding.share(touch.sent)
    down = now > low >= before if low == 0.0 else now >= low > before
    if isinstance(kind, Trigger):
        return True if down else None
    if binding.source.startswith(MIDI_NOTE):
        return (not current) if down else None
    return now >= low


def _steps(sent: float) -> int:
    """Steps of an endless knob, from its value as a share: two's complement of seven bits."""
    raw = round(sent * MIDI_STEPS)
    return raw if raw < 64 else raw - 128


def _sign(step: float) -> int:
    return (step > 0) - (step < 0)


def _note(number: int) -> str:
    """Middle C, number 60, is C4."""
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    return f"{names[number % 12]}{number // 12 - 1}"
