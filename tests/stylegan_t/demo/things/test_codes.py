"""The code book: unit directions that can be read back."""

import torch

from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    OPEN,
    WIDTH,
    default_count,
    sample_named,
    thing_index,
)
from stylegan_t.demo.things.codes import ENERGY, CodeBook

BOOK = CodeBook(default_count())


def named(**things: str) -> torch.Tensor:
    rows = torch.full((1, WIDTH), OPEN)
    for name, value in things.items():
        rows[:, COLUMN[name]] = thing_index(value)
    return rows


def test_shares_add_up() -> None:
    assert set(ENERGY) == set(NAMES) and abs(sum(ENERGY.values()) - 1) < 1e-9


def test_what_is_named_can_be_read_back() -> None:
    rows = sample_named(500, default_count(), torch.Generator().manual_seed(1))
    rows[torch.rand(rows.shape, generator=torch.Generator().manual_seed(2)) < 0.4] = OPEN
    c = BOOK(rows)
    torch.testing.assert_close(c.norm(dim=1), torch.ones(500))
    for name in NAMES:
        asked = rows[:, COLUMN[name]]
        asked = torch.where(asked == OPEN, len(BOOK.table(name)) - 1, asked)
        right = (BOOK.nearest(c, name) == asked).float().mean()
        assert right == 1, name


def test_lookalikes_lie_side_by_side_and_others_apart() -> None:
    cat, dog, pizza = (BOOK(named(thing=name)) for name in ("cat", "dog", "pizza"))
    assert (cat @ dog.T).item() > (cat @ pizza.T).item() + 0.05
    assert (cat @ pizza.T).item() < 0.75


def test_more_things_leave_the_tables_of_words_alone() -> None:
    few, more = CodeBook(20), CodeBook(30)
    for name in NAMES:
        if name not in ("thing", "other"):
            assert torch.equal(few.table(name), more.table(name))
