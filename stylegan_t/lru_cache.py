"""A small cache that forgets what was not used for longest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
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

    def made(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`, which `make` makes where it is not there."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value

    def peek(self, key: Hashable) -> V | None:
        """The value of `key` or None; its use does not count."""
        return self._values.get(key)

    def pop_oldest(self) -> V:
        """Forget the value that was not used for longest, and answer it.  There must be one."""
        return self._values.popitem(last=False)[1]

    def pop(self, key: Hashable) -> V | None:
        """Forget the value of `key`, and answer it, or None."""
        return self._values.pop(key, None)

    def drop(self, unwanted: Callable[[Hashable, V], bool]) -> list[V]:
        """Forget every value that is `unwanted`, told its key and itself; answers them."""
        keys = [key for key, value in self._values.items() if unwanted(key, value)]
        return [self._values.pop(key) for key in keys]

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def values(self) -> list[V]:
        """All values, the one unused for longest first."""
        return list(self._values.values())
