"""A small cache that forgets what was not used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class LruCache(Generic[V]):
    """At most `capacity` values by key.  Not for several threads."""

    def __init__(self, capacity: int) -> None:
        assert capacity > 0
        self.capacity = capacity
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable) -> V | None:
        """The value of `key`, now the most recently used one, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> list[V]:
        """Keep `value`; answers the values that had to go."""
        self._values[key] = value
        self._values.move_to_end(key)
        dropped: list[V] = []
        while len(self._values) > self.capacity:
            dropped.append(self._values.popitem(last=False)[1])
        return dropped

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def values(self) -> list[V]:
        """All values, the one unused for longest first."""
        return list(self._values.values())
