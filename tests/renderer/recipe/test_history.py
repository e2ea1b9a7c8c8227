from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from renderer.recipe import history
from renderer.recipe.history import (
    Entry,
    History,
    HistoryError,
    StoredHistory,
    Storing,
    from_stored,
    shared,
)
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart


def seed(number: int) -> Recipe:
    return Recipe(latent=LatentPart(seed=number))


def seeds(strip: History) -> list[int]:
    return [entry.recipe.latent.seed for entry in strip.entries]


def again(strip: History) -> tuple[Entry, ...]:
    """The entries after a way through JSON."""
    data = msgspec.json.encode(Storing().stored(strip.entries))
    return from_stored(msgspec.json.decode(data, type=StoredHistory))


def test_entries_stay_in_the_order_in_which_they_came() -> None:
    strip = History()
    first, second = strip.add(seed(1)), strip.add(seed(2))
    branch = strip.add(seed(3), parent=first.number)
    assert seeds(strip) == [1, 2, 3]
    assert (second.parent, branch.parent) == (0, first.number)
    assert strip.entries is strip.entries


def test_a_picture_is_there_once_also_when_its_model_got_a_name() -> None:
    strip = History()
    first = strip.add(seed(1))
    strip.add(seed(2))
    named = replace(seed(1), model=ModelRef(sha256="ab" * 32))
    assert strip.add(seed(1)) == first
    assert strip.add(named) == first
    assert seeds(strip) == [1, 2]
    assert strip.find(seed(3)) is None


def test_twins_of_earlier_versions_are_one_entry_that_keeps_the_star() -> None:
    """They differ in the order of their moves alone, which is no difference any more."""
    orders = ["[{component}, {row}]", "[{row}, {component}]"]
    parts = {
        "component": '{"component": 4, "amount": 1.0}',
        "row": '{"space": "style", "amount": 2.0}',
    }
    entries = [
        {"number": number, "recipe": {"moves": msgspec.Raw(order.format(**parts).encode())}}
        for number, order in enumerate(orders, 1)
    ]
    entries[1]["starred"] = True
    data = msgspec.json.encode({"version": 2, "entries": entries})
    strip = History(from_stored(msgspec.json.decode(data, type=StoredHistory)))
    assert [(entry.number, entry.starred) for entry in strip.entries] == [(1, True)]
    assert strip.stars == 1


def test_a_parent_that_is_gone_is_none() -> None:
    assert History().add(seed(1), parent=99).parent == 0


def test_the_oldest_without_a_star_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_ENTRIES", 3)
    strip = History()
    strip.star(strip.add(seed(1)).number, True)
    for number in range(2, 6):
        strip.add(seed(number))
    assert seeds(strip) == [1, 4, 5]
    assert strip.find(seed(2)) is None
    assert strip.add(seed(2)).number == 6


def test_stars_come_and_go_and_are_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_STARS", 1)
    strip = History()
    first, second = strip.add(seed(1)).number, strip.add(seed(2)).number
    strip.star(first, True)
    strip.star(first, True)
    with pytest.raises(HistoryError, match="1 stars already"):
        strip.star(second, True)
    strip.star(first, False)
    strip.star(second, True)
    strip.star(99, True)
    assert [entry.starred for entry in strip.entries] == [False, True]


def test_entries_can_be_taken_out_and_their_numbers_do_not_come_back() -> None:
    strip = History()
    for number in range(4):
        strip.add(seed(number))
    for number in (1, 2, 4, 99):
        strip.remove(number)
    assert seeds(strip) == [2]
    assert strip.add(seed(0)).number == 5


def test_neighbours_share_their_parts() -> None:
    strip = History()
    prompts = (Prompt("a house"), Prompt("a boat"))
    for number in range(3):
        strip.add(Recipe(text=TextPart(tuple(prompts)), latent=LatentPart(seed=number)))
    first, _, last = (entry.recipe for entry in strip.entries)
    assert first.text is last.text
    assert shared(first, seed(7)) == seed(7)


# -- as JSON -------------------------------------------------------------------------------------


def test_what_is_stored_comes_back_and_still_shares_its_parts() -> None:
    chance, strip, recipe = random.Random(1), History(), Recipe()
    for number in range(200):
        change: dict[str, Any] = chance.choice(
            [
                {"latent": LatentPart(seed=number)},
                {"psi": chance.random()},
                {"text": TextPart((Prompt(f"日本 😀 {number}"),))},
                {"psi_blocks": (None, float(number))},
            ]
        )
        recipe = replace(recipe, **change)
        entry = strip.add(recipe, parent=max(0, number - 3))
        strip.star(entry.number, chance.random() < 0.2)
    assert again(strip) == strip.entries
    loaded = again(strip)
    assert loaded[10].recipe.noise is loaded[100].recipe.noise
    assert History(loaded).entries == strip.entries


def test_all_stars_and_the_newest_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    strip = History()
    for number in range(6):
        strip.add(seed(number))
    strip.star(2, True)
    newest = Storing().stored(strip.entries).entries[-2:]
    room = sum(len(bytes(part)) for entry in newest for part in entry.recipe.values())
    monkeypatch.setattr(history, "MAX_STORED_BYTES", room)
    assert [entry.recipe.latent.seed for entry in again(strip)] == [1, 4, 5]


def test_a_session_keeps_as_many_pictures_as_the_window_shows() -> None:
    strip = History()
    for number in range(history.MAX_ENTRIES):
        strip.add(seed(number))
    assert again(strip) == strip.entries


def test_what_was_written_down_before_is_written_down_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strip, storing = History(), Storing()
    for number in range(20):
        strip.add(seed(number))
    storing.stored(strip.entries)
    made: list[int] = []
    difference = history._difference

    def counted(last: Recipe | None, entry: Entry) -> history.Stored:
        made.append(entry.number)
        return difference(last, entry)

    monkeypatch.setattr(history, "_difference", counted)
    strip.add(seed(20))
    strip.star(5, True)
    strip.remove(10)
    assert storing.stored(strip.entries) == Storing().stored(strip.entries)
    assert made[:3] == [5, 11, 21]


def test_an_entry_takes_little_room() -> None:
    strip = History()
    for number in range(100):
        strip.add(seed(number))
    assert len(msgspec.json.encode(Storing().stored(strip.entries))) < 100 * 300


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"version": 99}', "newer version"),
        ('{"version": 2, "entries": [{"number": 1, "recipe": {"psi": "much"}}]}', "damaged"),
        ('{"version": 2, "entries": [{"number": 1, "recipe": {"psi": 1e9}}]}', "damaged"),
        ('{"version": 2, "entries": [{"number": 1, "recipe": {"sound": 1}}]}', "no part 'sound'"),
    ],
)
def test_a_damaged_history_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(HistoryError, match=sentence):
        from_stored(msgspec.json.decode(text, type=StoredHistory))


def test_a_hostile_history_hides_no_deep_walks() -> None:
    deep = '{"morph":{"to":' * 17 + "{}" + "}}" * 17
    text = f'{{"version": 2, "entries": [{{"number": 1, "recipe": {{"latent": {deep}}}}}]}}'
    with pytest.raises(HistoryError, match="more than 16 times"):
        from_stored(msgspec.json.decode(text, type=StoredHistory))


@pytest.mark.slow
def test_thousands_of_entries_of_a_huge_recipe_take_no_long_time() -> None:
    """A small file can say this; with every entry checked and hashed whole it took hours."""
    track = {"rows": [[0, 0]] * 512}
    source = {"values": [0] * 4096, "latent": track, "text": track}
    first: dict[str, Any] = {"number": 1, "recipe": {"mixing": {"sources": [source] * 64}}}
    others = [{"number": i, "recipe": {"psi": i / 2e4}} for i in range(2, 10_001)]
    data = msgspec.json.encode({"version": 2, "entries": [first, *others]})
    assert len(data) < 2_000_000
    loaded = from_stored(msgspec.json.decode(data, type=StoredHistory))
    assert len(History(loaded).entries) == 10_000


@pytest.mark.parametrize("number", [0, -1, 2**70, "one"])
def test_numbers_have_a_range(number: Any) -> None:
    data = msgspec.json.encode({"version": 2, "entries": [{"number": number, "recipe": {}}]})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(data, type=StoredHistory)


def test_numbers_that_stand_twice_are_taken_once() -> None:
    twice = (Entry(1, seed(1)), Entry(1, seed(2)), Entry(2, seed(1)))
    assert History(twice).entries == (Entry(1, seed(1)),)
