"""Low-frequency oscillators: values that rise and fall by themselves, from the beat or the time.

The phase is computed from the time and never summed up, so that an oscillator is where it should be
however long it has run and at whatever pace it is asked.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct
from msgspec.structs import replace

from renderer.parameters.kinds import Choice, Number, Switch
from renderer.parameters.parameter import Command, Setting

MAX_LFOS = 64
Shape = Literal["sine", "triangle", "saw", "square", "random", "drift"]
"""`random` holds a value for a cycle; `drift` goes smoothly from one to the next."""
Unit = Literal["beats", "seconds"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
UNITS: tuple[Unit, ...] = get_args(Unit)
TEMPO = Setting(
    "Tempo", Number(60.0, 180.0, (20.0, 400.0), " BPM", decimals=1), 120.0, "Beats per minute."
)
_SHARE = Number(0.0, 1.0, (0.0, 1.0))
PERIOD = Setting(
    "Every",
    Number(0.25, 64.0, (1 / 64, 3600.0), logarithmic=True),
    4.0,
    "How long a cycle takes, in beats or in seconds.",
)
PHASE = Setting("Phase", _SHARE, 0.0, "Its phase: 0.5 starts half a cycle later.")
DEPTH = Setting("Depth", _SHARE, 1.0, "Its amplitude: 1 sweeps the whole range, 0 does not move.")
CENTRE = Setting("Centre", _SHARE, 0.5, "The middle of its swing within the range.")
SETTINGS = {"period": PERIOD, "phase": PHASE, "depth": DEPTH, "centre": CENTRE}

_Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Lfo(Struct, frozen=True, forbid_unknown_fields=True):
    """One oscillator; it is off while `on` is false.

    `number` is what bindings and addresses know it by, 1 to `MAX_LFOS`: it keeps it when others are
    removed.  0 has none yet.
    """

    shape: Shape = "sine"
    period: Annotated[float, Meta(ge=PERIOD.kind.limits[0], le=PERIOD.kind.limits[1])] = (
        PERIOD.default
    )
    unit: Unit = "beats"
    phase: _Share = PHASE.default
    depth: _Share = DEPTH.default
    centre: _Share = CENTRE.default
    on: bool = True
    number: Annotated[int, Meta(ge=0, le=MAX_LFOS)] = 0

    def at(self, beat: float, time_s: float) -> float:
        """Return its value, 0 to 1; random ones differ by their number.

        Args:
            beat: the beat, counted with its fraction.
            time_s: the time in seconds.
        """
        cycles = (beat if self.unit == "beats" else time_s) / self.period + self.phase
        swing = _wave(self.shape, cycles, self.number) if math.isfinite(cycles) else 0.0
        return min(max(self.centre + self.depth * swing / 2, 0.0), 1.0)


def free_number(lfos: Iterable[Lfo], removed: Collection[int] = ()) -> int:
    """Return the number of a new oscillator, the lowest that is free: rather none of a `removed`
    one, which bindings may still mean.  0 where all are taken."""
    taken = {lfo.number for lfo in lfos}
    free = [number for number in range(1, MAX_LFOS + 1) if number not in taken]
    return next((number for number in free if number not in removed), free[0] if free else 0)


def numbered(lfos: Iterable[Lfo]) -> tuple[Lfo, ...]:
    """Return oscillators of which each has a number of its own, at most `MAX_LFOS`, in their
    order: one without, or with that of an earlier one, takes the lowest that is free."""
    kept = list(lfos)[:MAX_LFOS]
    taken = {lfo.number for lfo in kept}
    free = iter([number for number in range(1, MAX_LFOS + 1) if number not in taken])
    seen = {0}
    for place, lfo in enumerate(kept):
        if lfo.number in seen:
            kept[place] = replace(lfo, number=next(free))
        seen.add(lfo.number)
    return tuple(kept)


def lfo_commands() -> Iterator[Command]:
    """Every address of an oscillator; those of one that is not there do nothing."""
    kinds = {
        "on": (Switch(), "Lets it play, or stops it."),
        "shape": (Choice(SHAPES), "How it moves."),
        "unit": (Choice(UNITS), "The unit in which its cycles are counted."),
        **{name: (one.kind, one.text) for name, one in SETTINGS.items()},
    }
    for number in range(1, MAX_LFOS + 1):
        for name, (kind, text) in kinds.items():
            yield Command(f"/lfo/{number}/{name}", f"LFO {number}, {name}", kind, text)


def _wave(shape: Shape, cycles: float, salt: int) -> float:
    """The wave after `cycles`, -1 to 1."""
    whole = math.floor(cycles)
    share = cycles - whole
    if shape == "sine":
        return math.sin(2 * math.pi * share)
    if shape == "triangle":
        return 1 - 4 * abs(((share + 0.25) % 1.0) - 0.5)
    if shape == "saw":
        return 2 * share - 1
    if shape == "square":
        return 1.0 if share < 0.5 else -1.0
    held = _chance(whole, salt)
    if shape == "random":
        return held
    ease = (1 - math.cos(math.pi * share)) / 2
    return held * (1 - ease) + _chance(whole + 1, salt) * ease


def _chance(place: int, salt: int) -> float:
    """A number of -1 to 1 that looks random, the same each time for a place.

    Source: Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators".
    """
    word = (place * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 1) % 2**64
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % 2**64
    return (word ^ (word >> 31)) / 2**63 - 1.0
