"""Caches of what models and text towers have made: it goes with them."""

from __future__ import annotations

from typing import TypeVar

from stylegan_t.lru_cache import LruCache

V = TypeVar("V")


class OwnedCache(LruCache[V]):
    """A cache with keys that are tuples; their first item is the tuple of the owners' tokens."""

    def forget(self, token: int) -> None:
        """Forget everything that a model or a text tower has to do with, by its token."""
        self.drop(lambda key, _: isinstance(key, tuple) and token in key[0])
