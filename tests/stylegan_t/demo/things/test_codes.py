"""The code book: unit directions that can be read back."""

import pytest
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
from stylegan_t.demo.things.codes import ENERGY, PACES, CodeBook

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


def test_two_things_differ_on_their_own_two_axes_alone() -> None:
    cat, pizza = (BOOK(named(thing=name)) for name in ("cat", "pizza"))
    assert ((cat - pizza) != 0).sum() == 2
    assert (cat @ pizza.T).item() == pytest.approx(1 - ENERGY["thing"], abs=1e-5)


def test_things_take_longer_steps_and_low_entries_too() -> None:
    height = torch.stack([BOOK.table(name).sum(dim=0) for name in NAMES]).sum(dim=0)
    step = BOOK.paces * height  # how far a style moves
    things = (BOOK.table("thing").sum(dim=0) + BOOK.table("other").sum(dim=0)) > 0
    torch.testing.assert_close(step[things], torch.full_like(step[things], PACES["thing"]))
    torch.testing.assert_close(step[~things], torch.ones_like(step[~things]))


def test_more_things_than_the_atlas_has_are_refused() -> None:
    with pytest.raises(ValueError, match="atlas has"):
        CodeBook(100_000)
