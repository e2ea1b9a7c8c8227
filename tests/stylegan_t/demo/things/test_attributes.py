"""Rows of the second demo world, and how latents fill them in."""

import pytest
import torch

from stylegan_t.demo.things.attributes import (
    CHOICE,
    COLUMN,
    DRIFT,
    NAMES,
    NO_THING,
    OPEN,
    OWN_COLOR,
    PLACE_CHOICE,
    REACH,
    SIZE_CHOICE,
    VALUES,
    WIDTH,
    complete,
    default_count,
    glide,
    held_out,
    sample_named,
    thing_index,
)
from stylegan_t.demo.things.catalogue import all_things
from stylegan_t.demo.world import Z_DIM, choices

THINGS = default_count()


def u_of(seed: int, n: int, psi: float = 1.0) -> torch.Tensor:
    return choices(torch.randn(n, Z_DIM, generator=torch.Generator().manual_seed(seed)), psi)


def open_row(n: int = 1, **things: str) -> torch.Tensor:
    rows = torch.full((n, WIDTH), OPEN)
    for name, value in things.items():
        rows[:, COLUMN[name]] = (
            thing_index(value) if name in ("thing", "other") else VALUES[name].index(value)
        )
    return rows


def limit(name: str) -> int:
    return len(VALUES[name]) if name in VALUES else len(all_things()) + 1


def test_named_attributes_are_kept_and_open_ones_filled() -> None:
    named = sample_named(300, THINGS, torch.Generator().manual_seed(1))
    named[torch.rand(named.shape, generator=torch.Generator().manual_seed(2)) < 0.5] = OPEN
    rows = complete(named, u_of(3, 300))
    assert torch.equal(rows[named != OPEN], named[named != OPEN])
    for name in NAMES:
        column = rows[:, COLUMN[name]]
        assert column.min() >= 0 and column.max() < limit(name)


def test_the_middle_is_typical() -> None:
    rows = complete(open_row(thing="cat"), u_of(4, 1, psi=0.0))[0]
    typical = {name: VALUES[name][rows[COLUMN[name]]] for name in VALUES}
    assert typical["time"] == "day" and typical["style"] == "flat" and typical["size"] == "medium"
    assert typical["side"] == "centre" and typical["count"] == "one" and typical["color"] == "own"
    assert rows[COLUMN["other"]] == NO_THING


@pytest.mark.parametrize(
    ("thing", "ground"),
    [
        ("whale", "sea"),
        ("cactus", "desert"),
        ("penguin", "snow"),
        ("crab", "beach"),
        ("cat", "meadow"),
    ],
)
def test_things_stand_where_they_belong(thing: str, ground: str) -> None:
    rows = complete(open_row(thing=thing), u_of(5, 1, psi=0.0))[0]
    assert VALUES["ground"][rows[COLUMN["ground"]]] == ground


def test_animals_keep_their_colour_and_cars_come_in_many() -> None:
    for thing, many in (("cat", False), ("car", True)):
        colors = complete(open_row(200, thing=thing), u_of(6, 200))[:, COLUMN["color"]]
        assert (colors.unique().numel() > 3) == many
        assert (colors == OWN_COLOR).float().mean() > 0.5


def test_samples_show_pairs_counts_and_empty_scenes() -> None:
    rows = sample_named(4000, THINGS, torch.Generator().manual_seed(7))
    share = {
        "pair": rows[:, COLUMN["relation"]] > 0,
        "many": rows[:, COLUMN["count"]] > 0,
        "empty": rows[:, COLUMN["thing"]] == NO_THING,
    }
    assert {name: round(float(s.float().mean()), 1) for name, s in share.items()} == {
        "pair": 0.1 if share["pair"].float().mean() < 0.15 else 0.2, "many": 0.1, "empty": 0.1,
    }  # fmt: skip
    assert not (share["pair"] & share["many"]).any()
    assert (rows[share["pair"], COLUMN["other"]] > 0).all()
    assert (rows[~share["pair"], COLUMN["other"]] == 0).all()
    assert rows[:, COLUMN["thing"]].unique().numel() == THINGS + 1


def test_held_out_combinations_are_never_trained() -> None:
    generator = torch.Generator().manual_seed(8)
    assert not held_out(sample_named(3000, THINGS, generator)).any()
    held = sample_named(100, THINGS, generator, held=True)
    assert len(held) == 100 and held_out(held).all()


def test_named_sizes_do_not_glide() -> None:
    named, u = sample_named(8, THINGS, torch.Generator().manual_seed(9)), u_of(10, 8)
    assert torch.equal(glide(named, u)[:, SIZE_CHOICE], u[:, SIZE_CHOICE])


@pytest.mark.parametrize("side", [OPEN, 0, 1, 2])
def test_a_latent_moves_a_thing_in_a_straight_line_whatever_side_is_named(side: int) -> None:
    z = torch.linspace(-1.4, 1.4, 7)
    u = torch.full((7, Z_DIM), 0.5)
    u[:, CHOICE["side"]] = torch.special.ndtr(z)
    named = torch.full((7, WIDTH), OPEN)
    named[:, COLUMN["side"]] = side
    rows = complete(named, u)
    x = (rows[:, COLUMN["side"]] - 1) * REACH + glide(named, u)[:, PLACE_CHOICE] * 2 - 1
    middle = 0.0 if side == OPEN else (side - 1) * REACH
    torch.testing.assert_close(x, middle + DRIFT * z, atol=1e-4, rtol=0)
