"""Bindings: which knob, key or fader moves which parameter, and over what range.

A source is named by text: `midi/cc/1/21` (channel 1, controller 21), `midi/note/1/60`,
`midi/bend/1`, `midi/cc14/1/21` (with CC 53 as its fine half), `midi/nrpn/1/1234`, or the OSC
address of a fader that speaks another language, such as `/1/fader1`, with `#2` behind it for the
second argument of a pad.  Sources that play by themselves are `lfo/1`, `beat/4` (every four beats)
and `audio/level`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.parameters.kinds import Choice, Kind, Number, Switch, Text, Trigger, Value, Whole
from renderer.parameters.parameter import Command, Parameter
from renderer.recipe.recipe import Number as Finite

MAX_BINDINGS = 500
MAX_NAME = 220
MIDI = "midi/"
MIDI_CC, MIDI_NOTE, MIDI_BEND = "midi/cc/", "midi/note/", "midi/bend/"
MIDI_FINE, MIDI_NRPN = "midi/cc14/", "midi/nrpn/"
PAD = "pad/"
PAD_BUTTONS = (
    *("a", "b", "x", "y", "lb", "rb", "back", "start", "guide", "l3", "r3"),
    *("up", "right", "down", "left"),
)
"""The buttons of a gamepad, in glfw's order."""
PAD_AXES = ("lx", "ly", "rx", "ry", "lt", "rt")
PAD_NAMES = {
    "lx": "left stick ↔",
    "ly": "left stick ↕",
    "rx": "right stick ↔",
    "ry": "right stick ↕",
    "lt": "left trigger",
    "rt": "right trigger",
    "lb": "left shoulder",
    "rb": "right shoulder",
    "l3": "left stick, pressed",
    "r3": "right stick, pressed",
}
LFO, BEAT, AUDIO = "lfo/", "beat/", "audio/"
PLAYING = (LFO, BEAT, AUDIO)
"""The kinds of sources that play by themselves."""
EVERY = (1, 2, 4, 8, 16, 32)
"""Counts of beats that something can be done on."""
MIDI_STEPS, FINE_STEPS = 127, 16383
MAX_SENT = 1e9
"""The largest number that a source may send at one of its ends."""
Sent = Annotated[float, Meta(ge=-MAX_SENT, le=MAX_SENT)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
_MIDI_SOURCE = re.compile(
    r"midi/(?:(?P<kind>cc|cc14|nrpn|note)|(?P<bend>bend))/(?P<channel>[0-9]{1,2})"
    r"(?(kind)/(?P<number>[0-9]{1,5}))"
)
_MIDI_NAMES = {"cc": "CC", "cc14": "14-bit CC", "nrpn": "NRPN"}
_PAD_SOURCE = re.compile(rf"{PAD}([0-9]{{1,2}})/([a-z0-9]{{1,8}})")
_PLAYING = re.compile(rf"({'|'.join(PLAYING)})([a-z0-9]{{1,8}})")


class Binding(Struct, frozen=True, forbid_unknown_fields=True):
    """A source and the address that it moves.

    `low` and `high` are the parameter's values at the source's two ends; the other way round the
    knob works backwards.  `source_low` and `source_high` are what the source sends there: 0 and 1,
    which MIDI's values are brought to, unless a fader sends something else.  `relative` is for
    endless knobs, which send steps: 1 and up for forwards, 127 and down for backwards.  `around`
    adds what the source says to the value that is set, rather than taking its place.
    """

    source: Name
    address: Name
    low: Finite = 0.0
    high: Finite = 1.0
    source_low: Sent = 0.0
    source_high: Sent = 1.0
    relative: bool = False
    around: bool = False

    @property
    def plays(self) -> bool:
        """Return whether the source plays by itself: the value comes back when it ends."""
        return self.source.startswith(PLAYING)

    @property
    def midi(self) -> bool:
        """Return whether the source is a MIDI controller."""
        return self.source.startswith(MIDI)

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


def played_value(binding: Binding, target: Parameter | Command, sent: float, value: Value) -> Value:
    """Return the value that a source that plays by itself gives to a target.

    Args:
        binding: the two ends.
        target: has the binding's address.
        sent: by the source, 0 to 1.
        value: the one that is set, which stays for what no source can play.
    """
    kind = target.kind
    if isinstance(kind, Text) or not math.isfinite(sent):
        return value
    share = binding.share(sent)
    if not isinstance(kind, Number | Whole):
        return kind.at(1.0 - share if binding.low > binding.high else share)
    wanted = binding.low * (1 - share) + binding.high * share
    if binding.around and isinstance(value, int | float):
        wanted += value
    wanted = min(max(wanted, kind.limits[0]), kind.limits[1])
    return round(wanted) if isinstance(kind, Whole) else wanted


def shown_share(binding: Binding, kind: Kind, value: Value) -> float | None:
    """Return where a source would stand, 0 to 1, for a target's value; None where it has no place
    for it."""
    if isinstance(kind, Choice):
        last = max(len(kind.options) - 1, 1)
        share = kind.options.index(value) / last if value in kind.options else 0.0
        return 1.0 - share if binding.low > binding.high else share
    if isinstance(kind, Switch):
        return 1.0 if value else 0.0
    if not isinstance(value, int | float) or binding.high == binding.low:
        return None
    return min(max((value - binding.low) / (binding.high - binding.low), 0.0), 1.0)


def around_set(binding: Binding, kind: Number | Whole, on: bool) -> Binding:
    """Return the binding around the set value, over a quarter of the range, or over all of it."""
    span = (kind.high - kind.low) / 4
    low = -span if binding.source.startswith(LFO) else 0.0
    ends = (low, span) if on else (float(kind.low), float(kind.high))
    return replace(binding, low=ends[0], high=ends[1], around=on)


def binding_for(source: str, target: Parameter | Command, sent: float) -> Binding:
    """A binding as it is first learnt: the target's whole range.

    Args:
        source: what was moved.
        target: what it moves.
        sent: what the source sent; it tells a fader of 0 to 1 from one of 0 to 127.
    """
    kind = target.kind
    low, high = (kind.low, kind.high) if isinstance(kind, Number | Whole) else (0.0, 1.0)
    top = 1.0 if not source.startswith("/") or abs(sent) <= 1 else 127.0
    while top < min(abs(sent), MAX_SENT):  # never for a NaN
        top *= 10
    top = min(top, MAX_SENT)
    binding = Binding(source, target.address, float(low), float(high), 0.0, top)
    if binding.plays and isinstance(kind, Number | Whole) and isinstance(target, Parameter):
        return around_set(binding, kind, True)
    return binding


def source_label(source: str) -> str:
    """A source's name for people: "CC 21", "Key C4", "Pitch bend", or the OSC address.

    It may come from a file, so it need not be one that a controller has.
    """
    if match := _MIDI_SOURCE.fullmatch(source):
        suffix = "" if match["channel"] == "1" else f" (channel {match['channel']})"
        if match["bend"]:
            return f"Pitch bend{suffix}"
        if name := _MIDI_NAMES.get(match["kind"]):
            return f"{name} {match['number']}{suffix}"
        return f"Key {_note(int(match['number']))}{suffix}"
    if match := _PLAYING.fullmatch(source):
        name, which = match[1], match[2]
        if name == LFO:
            return f"LFO {which}"
        if name == AUDIO:
            return f"Audio {which}"
        if name == BEAT:
            return "Every beat" if which == "1" else f"Every {which} beats"
    if match := _PAD_SOURCE.fullmatch(source):
        suffix = "" if match[1] == "1" else f" {match[1]}"
        return f"Gamepad{suffix} {PAD_NAMES.get(match[2], match[2].upper())}"
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
    if _turns_over(binding.source):
        return (not current) if down else None
    return now >= low


def _turns_over(source: str) -> bool:
    """Return whether a source is a key or a button, which comes up again by itself."""
    if match := _PAD_SOURCE.fullmatch(source):
        return match[2] in PAD_BUTTONS
    return source.startswith(MIDI_NOTE)


def _steps(sent: float) -> int:
    """Steps of an endless knob, from its value as a share: two's complement of seven bits."""
    raw = round(min(max(sent, 0.0), 1.0) * MIDI_STEPS)
    return raw if raw < 64 else raw - 128


def _sign(step: float) -> int:
    return (step > 0) - (step < 0)


def _note(number: int) -> str:
    """Middle C, number 60, is C4."""
    names = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
    return f"{names[number % 12]}{number // 12 - 1}"
