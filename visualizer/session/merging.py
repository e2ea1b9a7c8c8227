"""Two windows, one settings folder: each writes what it has changed and leaves the rest alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")
S = TypeVar("S", bound=Struct)


def merged(base: S, mine: S, theirs: S) -> S:
    """Return what stands in a file after two have changed it, field by field.

    Args:
        base: what the file held when I read or wrote it last.
        mine: what I want it to hold.
        theirs: what it holds now.

    Returns:
        `theirs` with my changes; where both changed one value, mine; of lists, every item that
        either has added and neither has taken out.
    """
    changes: dict[str, Any] = {}
    for name in mine.__struct_fields__:
        before, own, other = getattr(base, name), getattr(mine, name), getattr(theirs, name)
        if own == before:
            continue
        if isinstance(own, Struct) and type(own) is type(before) is type(other):
            own = merged(before, own, other)
        elif isinstance(own, tuple) and isinstance(before, tuple) and isinstance(other, tuple):
            own = merged_items(before, own, other)
        changes[name] = own
    return msgspec.structs.replace(theirs, **changes)


def merged_items(base: Sequence[T], mine: Sequence[T], theirs: Sequence[T]) -> tuple[T, ...]:
    """The same for a list: mine in my order, then what only the other has."""
    before, own, other = ({_key(item) for item in items} for items in (base, mine, theirs))
    kept = [item for item in mine if _key(item) in other or _key(item) not in before]
    return (*kept, *(item for item in theirs if _key(item) not in own | before))


def _key(item: object) -> bytes:
    """Equal for equal items, whatever they are."""
    return msgspec.json.encode(item)
