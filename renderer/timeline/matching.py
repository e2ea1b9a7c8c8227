"""Two ends and what lies between: numbers on a line, and lists whose items are matched.  Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")


def line(a: float, b: float, t: float) -> float:
    """The number `t` of the way from `a` to `b`; never outside its ends, whatever rounding does."""
    return min(max(a + (b - a) * t, min(a, b)), max(a, b))


def paired(
    a: Sequence[T], b: Sequence[T], what: Callable[[T], Hashable]
) -> list[tuple[T | None, T | None]]:
    """Items of `a` with their like in `b`, then what only `b` has; of equals the first pair up."""
    first, second = _numbered(a, what), _numbered(b, what)
    return [(first.get(key), second.get(key)) for key in dict.fromkeys([*first, *second])]


def _numbered(items: Sequence[T], what: Callable[[T], Hashable]) -> dict[Hashable, T]:
    seen: Counter[Hashable] = Counter()
    numbered: dict[Hashable, T] = {}
    for item in items:
        key = what(item)
        numbered[key, seen[key]] = item
        seen[key] += 1
    return numbered


def known(x: T | None, y: T | None) -> T:
    """The one of a pair that is there; the first if both are."""
    one = y if x is None else x
    assert one is not None
    return one
