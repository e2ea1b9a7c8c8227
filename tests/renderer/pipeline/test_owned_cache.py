"""What a model or a text tower has made goes with it."""

from __future__ import annotations

from renderer.pipeline.owned_cache import OwnedCache


def test_a_token_is_looked_for_among_the_owners_only() -> None:
    cache: OwnedCache[str] = OwnedCache(9)
    for key in (((1,), "a"), ((1, 2), "b"), ((2, None), "c"), ((3,), 1)):
        cache.put(key, str(key[1]))
    cache.forget(1)
    assert cache.values() == ["c", "1"]
    cache.forget(2)
    assert cache.values() == ["1"]
