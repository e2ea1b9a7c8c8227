"""The cache that forgets what was not used for longest."""

from stylegan_t.lru_cache import LruCache


def test_it_forgets_what_was_not_used_for_longest() -> None:
    cache: LruCache[str] = LruCache(2)
    assert cache.put("a", "A") == []
    assert cache.put("b", "B") == []
    assert cache.get("a") == "A"
    assert cache.put("c", "C") == ["B"]
    assert cache.get("b") is None
    assert cache.values() == ["A", "C"]
    assert len(cache) == 2


def test_a_new_value_takes_the_place_of_the_old() -> None:
    cache: LruCache[str] = LruCache(2)
    cache.put("a", "A")
    cache.put("b", "B")
    assert cache.put("a", "A2") == []
    assert cache.values() == ["B", "A2"]
    assert cache.peek("b") == "B"
    assert cache.pop_oldest() == "B", "a peek is no use"
    assert cache.drop(lambda key, value: value == "A2") == ["A2"]
    assert cache.pop("b") is None
    cache.put("d", "D")
    cache.put("e", "E")
    assert cache.pop("d") == "D"
    assert cache.values() == ["E"]
    cache.clear()
    assert len(cache) == 0
    assert cache.get("a") is None


def test_what_is_not_there_is_made_once() -> None:
    cache: LruCache[str] = LruCache(2)
    made: list[str] = []

    def make() -> str:
        made.append("b")
        return "B"

    assert [cache.made("b", make), cache.made("b", make)] == ["B", "B"]
    assert made == ["b"]
