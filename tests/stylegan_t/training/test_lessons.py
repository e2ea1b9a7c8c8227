"""Batches of the second demo world are functions of seed, index and rank."""

from typing import Any

import pytest
import torch

from stylegan_t.demo.things.attributes import COLUMN, OPEN, VALUES, default_count, held_out
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.demo.things.scenes import picture_of
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.training import lessons
from stylegan_t.training.lessons import (
    BARE_MORE_SHARE,
    BARE_PAIR_SHARE,
    BARE_SHARE,
    MORE,
    PRACTISABLE,
    PRACTISED_SHARE,
    TYPICAL_SHARE,
    ThingLesson,
    sampled_psi,
)
from tests.stylegan_t.pretended_card import CARD, PretendedCard

BOOK = CodeBook(default_count())


def test_a_batch_is_a_function_of_seed_index_and_rank() -> None:
    lesson = ThingLesson(BOOK, 7)
    a, b = (lesson.draw(3, 0, 16, 6) for _ in range(2))
    assert torch.equal(a.image, b.image) and torch.equal(a.z, b.z) and torch.equal(a.c, b.c)
    others = (
        lesson.draw(4, 0, 16, 6),
        lesson.draw(3, 1, 16, 6),
        ThingLesson(BOOK, 8).draw(3, 0, 16, 6),
    )
    for other in others:
        assert not torch.equal(a.image, other.image)


def test_shapes_and_weights() -> None:
    batch = ThingLesson(BOOK, 1).draw(0, 0, 16, 40)
    assert batch.image.shape == (40, 3, 16, 16) and batch.weight.shape == (40, 1, 16, 16)
    assert batch.weight.min() >= 1 and batch.weight.max() > 4
    torch.testing.assert_close(batch.c.norm(dim=1), torch.ones(40))
    assert len(batch.split(10)) == 4


def test_a_tower_reads_half_of_the_captions() -> None:
    tower = WordTower(WordTowerConfig(c_dim=BOOK.c_dim, width=8, layers=1, heads=2, buckets=64))
    plain, read = (ThingLesson(BOOK, 1, text).draw(0, 0, 16, 6) for text in (None, tower.eval()))
    assert torch.equal(plain.image, read.image)
    assert (plain.c == read.c).all(dim=1).sum() == 3


def test_scenes_are_drawn_on_the_card_that_trains() -> None:
    tower = WordTower(WordTowerConfig(c_dim=BOOK.c_dim, width=8, layers=1, heads=2, buckets=64))
    here = ThingLesson(BOOK, 1, tower.eval(), 0.5).draw(0, 0, 16, 64)
    with PretendedCard():
        there = ThingLesson(BOOK, 1, tower.to(CARD), 0.5, device=CARD).draw(0, 0, 16, 64)
        for name in ("z", "c", "psi", "image", "weight"):
            assert getattr(there, name).device == CARD
        with pytest.raises(AssertionError, match="on the card and on the processor"):
            torch.add(there.image, here.image)
    for name in ("z", "c", "psi", "image", "weight"):
        assert torch.equal(getattr(here, name), getattr(there, name))


def test_a_good_part_of_the_samples_is_truncated() -> None:
    psi = sampled_psi(4000, torch.Generator().manual_seed(1))
    assert 0.7 < (psi == 1).float().mean() < 0.8 and (psi == 0).float().mean() > 0.05
    assert psi.min() == 0


def test_plain_samples_lie_near_the_typical_picture() -> None:
    usual, plain = (ThingLesson(BOOK, 5, plain=share).draw(0, 0, 16, 64) for share in (0.0, 0.5))
    near = [(batch.psi < 1).sum().item() for batch in (usual, plain)]
    assert near[0] < 24 and near[1] >= 32
    same = (plain.z[:, None] == usual.z[None]).all(dim=2).int().argmax(dim=1)
    assert torch.equal(plain.z, usual.z[same])
    assert (plain.c == usual.c[same]).all(dim=1).sum() >= 30
    distances = [torch.pdist(batch.image.flatten(1), p=1).mean() for batch in (usual, plain)]
    assert distances[1] < 0.95 * distances[0]


def test_without_a_tower_all_samples_may_be_plain() -> None:
    batch = ThingLesson(BOOK, 5, plain=1.0).draw(0, 0, 16, 64)
    assert batch.psi.max() <= 1 and batch.psi.std() > 0.2
    assert abs((batch.psi == 0).float().mean() - TYPICAL_SHARE) < 0.15
    tower = WordTower(WordTowerConfig(c_dim=BOOK.c_dim, width=8, layers=1, heads=2, buckets=64))
    with pytest.raises(AssertionError):
        ThingLesson(BOOK, 5, tower.eval(), plain=0.6)


def test_most_plain_samples_name_a_thing_alone_or_one_word_more_or_a_pair() -> None:
    batch = ThingLesson(BOOK, 5, plain=1.0).draw(0, 0, 16, 200)
    names = ("time", "ground", "size", "count")
    unnamed = torch.stack([BOOK.nearest(batch.c, name) == len(VALUES[name]) for name in names])
    relation, other = (BOOK.nearest(batch.c, name) for name in ("relation", "other"))
    apart = (relation > 0) & (relation < len(VALUES["relation"]))
    pairs = unnamed.all(dim=0) & apart & (other > 0) & (other <= BOOK.count)
    more = [BOOK.nearest(batch.c, name) for name in MORE]
    said = torch.stack([value < len(VALUES[name]) for name, value in zip(MORE, more, strict=True)])
    single = unnamed.all(dim=0) & (relation == len(VALUES["relation"]))
    for words, share in ((0, 1 - BARE_MORE_SHARE), (1, BARE_MORE_SHARE)):
        found = (single & (said.sum(dim=0) == words)).float().mean()
        assert found >= BARE_SHARE * (1 - BARE_PAIR_SHARE) * share - 0.01
    assert all(len(value.unique()) > 3 for value in more)
    assert pairs.float().mean() >= BARE_SHARE * BARE_PAIR_SHARE - 0.01
    assert len(other[pairs].unique()) > 30 and len(relation[pairs].unique()) == 5


def named(practised: tuple[tuple[str, int], ...], name: str, n: int = 400) -> torch.Tensor:
    """What the samples of a lesson name of an attribute."""
    lesson = ThingLesson(BOOK, 5, plain=0.5, practised=practised)
    return BOOK.nearest(lesson.draw(0, 0, 16, n).c, name)


@pytest.mark.parametrize("name", PRACTISABLE)
def test_what_is_practised_comes_more_often(name: str) -> None:
    values = (2, 1)
    usual, more = (
        torch.isin(named(given, name), torch.tensor(values)).sum().item()
        for given in ((), tuple((name, value) for value in values))
    )
    assert more - usual > 0.25 * PRACTISED_SHARE * 400
    other = named(tuple((name, value) for value in values), "thing")
    assert len(other.unique()) > 60


def test_what_stands_twice_is_practised_twice_as_often() -> None:
    weather = named((("weather", 1), ("weather", 2), ("weather", 1)), "weather", 2000)
    cloudy, rain = ((weather == value).sum().item() for value in (1, 2))
    assert 1.4 < cloudy / rain < 2.4


def test_what_is_held_out_is_not_practised(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[torch.Tensor] = []

    def kept(rows: torch.Tensor, *rest: Any) -> tuple[torch.Tensor, ...]:
        drawn.append(rows)
        return picture_of(rows, *rest)

    monkeypatch.setattr(lessons, "picture_of", kept)
    ThingLesson(BOOK, 5, practised=[("style", 2), ("thing", 3)]).draw(0, 0, 8, 1000)
    said = torch.stack([drawn[0][:, COLUMN[one]] for one in ("thing", "ground", "style")])
    whole = (said != OPEN).all(dim=0)
    assert whole.sum() > 100 and not held_out(drawn[0][whole]).any()


def test_several_things_have_no_size_of_their_own_to_practise() -> None:
    lesson = ThingLesson(BOOK, 5, practised=[("size", 0)])
    rows = lesson.draw(0, 0, 8, 1000)
    small = BOOK.nearest(rows.c, "size") == 0
    pairs = BOOK.nearest(rows.c, "relation")
    together = (pairs > 0) & (pairs < len(VALUES["relation"]))
    assert small[~together].float().mean() > 0.8 * PRACTISED_SHARE
    assert small[together].float().mean() < 0.5 * PRACTISED_SHARE
