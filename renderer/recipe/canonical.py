"""One form for what could be written in several ways: equal pictures are equal recipes.

The recipe's parts call these when they are made, by whatever means: a panel, a remote control, a
file of an earlier version.
"""

from __future__ import annotations

import itertools
import math
from typing import Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")
Stretch = tuple[int, int | None, int]


class Step(Protocol):
    """A move along a direction, see `renderer.recipe.recipe.Move`."""

    @property
    def place(self) -> tuple[str, int, int, int, bytes]: ...
    @property
    def amount(self) -> float: ...
    @property
    def name(self) -> str: ...


M = TypeVar("M", bound=Step)


def trimmed(values: tuple[T, ...], filler: T) -> tuple[T, ...]:
    """`values` without a tail of `filler`, which stands for what lies beyond the end anyway."""
    end = len(values)
    while end and values[end - 1] == filler:
        end -= 1
    return values[:end]


def in_order(rows: tuple[tuple[int, T], ...]) -> tuple[tuple[int, T], ...]:
    """Pairs of a row and its value by rows, each row once: of several values the last counts."""
    return tuple(sorted(dict(rows).items())) if len(rows) > 1 else rows


def merged(moves: tuple[M, ...], most: float) -> tuple[M, ...]:
    """`moves` by their places, each direction once; steps of nothing go, unless they have a name.

    Several steps along one direction become their sum, unless that is more than `most`, the longest
    that a step may be; the first name counts.
    """
    places = [move.place for move in moves]
    if all(map(_listed, moves)) and all(map(tuple.__lt__, places, places[1:])):
        return moves
    found: list[M] = []
    ordered = sorted(moves, key=lambda move: (*move.place, move.amount, move.name))
    for _, steps in itertools.groupby(ordered, _place):
        parts = list(steps)
        amount = sum(move.amount for move in parts)
        if not abs(amount) <= most:
            found += parts
            continue
        names = [move.name for move in parts if move.name]
        whole = _joined(parts[0], amount, names[0] if names else "")
        found += [whole] if _listed(whole) else []
    return tuple(found)


def merged_spans(spans: tuple[Stretch, ...]) -> tuple[Stretch, ...]:
    """Channels as (first, last or None, every so many) in order, each span once; none are all.

    Spans without gaps that meet or overlap become one; what begins at 0, goes on to the end and
    leaves nothing out is all.
    """
    found: list[Stretch] = []
    for first, last, every in sorted(set(spans), key=lambda s: (s[2], s[0], _end(s))):
        if last == first:
            every = 1
        before = found[-1] if found else None
        if every == 1 and before is not None and before[2] == 1 and first <= _end(before) + 1:
            end = max(_end(before), _end((first, last, every)))
            found[-1] = (before[0], None if end == math.inf else int(end), 1)
        else:
            found.append((first, last, every))
    return () if (0, None, 1) in found else tuple(found)


def _end(span: Stretch) -> float:
    return math.inf if span[1] is None else span[1]


def _joined(move: M, amount: float, name: str) -> M:
    assert isinstance(move, Struct)
    return replace(move, amount=amount, name=name)


def _listed(move: Step) -> bool:
    return bool(move.amount or move.name)


def _place(move: Step) -> tuple[str, int, int, int, bytes]:
    return move.place
