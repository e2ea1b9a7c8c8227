"""Batches of the second demo world are functions of seed, index and rank."""

import pytest
import torch

from stylegan_t.demo.things.attributes import VALUES, default_count
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.encoders.text import WordTower, WordTowerConfig
from stylegan_t.training.lessons import (
    BARE_MORE_SHARE,
    BARE_PAIR_SHARE,
    BARE_SHARE,
    MORE,
    PRACTISED_SHARE,
    TYPICAL_SHARE,
    ThingLesson,
    sampled_psi,
)

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


def test_what_is_practised_comes_more_often_in_plain_samples() -> None:
    practised = [2, 5]
    usual, more = (
        BOOK.nearest(
            ThingLesson(BOOK, 5, plain=0.5, practised=given).draw(0, 0, 16, 200).c, "thing"
        )
        for given in ((), practised)
    )
    found = [torch.isin(things, torch.tensor(practised)).sum().item() for things in (usual, more)]
    assert found[0] < 10 and found[1] >= 0.5 * PRACTISED_SHARE * 200
    assert len(more.unique()) > 60
