"""How surely a picture shows words: what the second demo world's judge makes of its logits."""

from __future__ import annotations

import pytest
import torch

from stylegan_t.demo.things.attributes import VALUES, default_count, thing_index
from stylegan_t.metrics.thing_judge import ThingJudge
from stylegan_t.metrics.word_judges import ThingWords

JUDGE = ThingWords(ThingJudge(default_count(), width=2).eval())


def certain(thing: str, other: str = "", **values: str) -> dict[str, torch.Tensor]:
    """What a judge sees that is certain of these values, and of nothing else."""
    sizes = {name: len(kinds) for name, kinds in VALUES.items()}
    seen = {name: torch.full((size,), 1 / size) for name, size in sizes.items()}
    named = {"relation": "left" if other else "alone", **values}
    for name, value in named.items():
        seen[name] = torch.eye(sizes[name])[VALUES[name].index(value)]
    for name, kind in (("thing", thing), ("other", other or "none")):
        seen[name] = torch.eye(default_count() + 1)[thing_index(kind)]
    return seen


def sure(seen: dict[str, torch.Tensor], prompt: str) -> dict[str, float]:
    return {one.words: JUDGE.likely(seen, one) for one in JUDGE.read(prompt).asked}


def test_each_thing_has_its_own_colour_whichever_stands_first() -> None:
    seen = certain("car", "cat", color="red", other_color="blue")
    assert sure(seen, "a blue cat beside a red car") == {
        "blue": 1.0, "cat": 1.0, "beside": 1.0, "red": 1.0, "car": 1.0
    }  # fmt: skip
    assert sure(seen, "a red cat")["red"] == 0.0


def test_a_relation_has_an_order() -> None:
    seen = certain("rocket", "castle", relation="above")
    assert sure(seen, "a rocket above a castle")["above"] == pytest.approx(1.0)
    assert sure(seen, "a castle below a rocket")["below"] == pytest.approx(1.0)
    assert sure(seen, "a castle above a rocket")["above"] == pytest.approx(0.0)


def test_nothing_has_no_colour_size_or_number() -> None:
    seen = certain("none", color="red", size="large", count="two", time="day", moon="full")
    assert set(sure(seen, "two large red cats under a full moon").values()) == {0.0}
    assert sure(seen, "an empty landscape") == {"empty landscape": 1.0}


def test_a_second_thing_counts_only_where_there_are_two() -> None:
    assert sure(certain("car", "cat", relation="alone"), "a cat")["cat"] == 0.0


def test_pictures_of_any_size_and_kind_are_looked_at() -> None:
    pixels = torch.randint(256, (1, 3, 96, 96), dtype=torch.uint8)
    seen = JUDGE.look(pixels)
    assert all(float(row.sum()) == pytest.approx(1.0, abs=1e-5) for row in seen.values())
