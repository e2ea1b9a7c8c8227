"""The second demo world's tower learns the code book's directions out of words."""

import random

import pytest
import torch

from stylegan_t.demo.things.attributes import COLUMN, OPEN, default_count
from stylegan_t.demo.things.codes import CodeBook
from stylegan_t.training.thing_text import (
    naming_loss,
    reading_accuracy,
    spoken,
    train_thing_tower,
)
from tests.stylegan_t.pretended_card import CARD, PretendedCard

BOOK = CodeBook(default_count())


def test_the_book_itself_names_everything() -> None:
    _, named = spoken(200, BOOK.count, random.Random(1), torch.Generator().manual_seed(1))
    other = named.roll(1, dims=0)
    assert naming_loss(BOOK, BOOK(named), named) < 0.3 * naming_loss(BOOK, BOOK(other), named)


def test_some_captions_name_strange_things() -> None:
    texts, named = spoken(400, BOOK.count, random.Random(2), torch.Generator().manual_seed(2))
    assert len(texts) == 400
    plain = spoken(400, BOOK.count, random.Random(2), torch.Generator().manual_seed(2), held=True)[
        1
    ]
    nameless = [(rows[:, COLUMN["thing"]] == OPEN).float().mean().item() for rows in (named, plain)]
    assert nameless[0] > nameless[1] + 0.02


@pytest.mark.slow
def test_as_many_captions_name_two_things_as_are_asked_for() -> None:
    shares = [pairs_among(share) for share in (0.0, 0.35, 1.0)]
    assert shares[0] == 0 and 0.25 < shares[1] < 0.45 and shares[2] > 0.85


def pairs_among(share: float) -> float:
    rng, generator = random.Random(3), torch.Generator().manual_seed(3)
    named = spoken(300, BOOK.count, rng, generator, pairs=share)[1]
    return (named[:, COLUMN["relation"]] > 0).float().mean().item()


def test_a_few_steps_bring_the_embeddings_nearer() -> None:
    lines: list[str] = []
    tower = train_thing_tower(BOOK, 12, batch=32, report=lines.append)
    assert lines and tower.c_dim == BOOK.c_dim and not tower.training
    texts, named = spoken(64, BOOK.count, random.Random(3), torch.Generator().manual_seed(3))
    near = torch.nn.functional.cosine_similarity(tower.encode(texts), BOOK(named)).mean()
    assert near > 0.3
    scores = reading_accuracy(tower, BOOK, 250, 4)
    assert all(0 <= score <= 1 for score in scores.values())


def test_a_tower_that_learned_on_a_card_is_the_same() -> None:
    here = train_thing_tower(BOOK, 3, batch=8, report=lambda line: None)
    with PretendedCard():
        there = train_thing_tower(BOOK, 3, batch=8, report=lambda line: None, device=CARD)
        assert {p.device for p in there.parameters()} == {torch.device("cpu")}
    for name, value in here.state_dict().items():
        assert torch.equal(there.state_dict()[name], value), name


def test_the_tower_is_small() -> None:
    tower = train_thing_tower(BOOK, 1, batch=2, report=lambda line: None)
    assert sum(p.numel() for p in tower.parameters()) * 2 < 4e6  # in half precision
