"""What can be seen of a scene."""

import torch

from stylegan_t.demo.things.attributes import (
    COLUMN,
    NAMES,
    VALUES,
    WIDTH,
    default_count,
)
from stylegan_t.demo.things.scenes import picture_of
from stylegan_t.demo.things.seeing import ordered, seeing_loss, visible
from stylegan_t.demo.world import Z_DIM


def rows_of(**values: int) -> torch.Tensor:
    rows = torch.zeros(1, WIDTH, dtype=torch.long)
    rows[:, COLUMN["thing"]] = 1
    for name, value in values.items():
        rows[:, COLUMN[name]] = value
    return rows


def seen(name: str, **values: int) -> bool:
    return bool(visible(rows_of(**values), name))


def test_an_empty_scene_shows_no_thing_and_no_place() -> None:
    for name in ("color", "size", "side", "count", "relation", "other"):
        assert not seen(name, thing=0, color=3)
    assert seen("thing", thing=0) and seen("time", thing=0)


def test_several_have_no_side_and_one_alone_has() -> None:
    assert seen("side") and seen("size")
    assert not seen("side", count=1) and not seen("size", relation=2)
    assert seen("other", relation=1, other=4) and not seen("other")


def test_a_thing_in_its_own_colour_names_none() -> None:
    assert seen("color", color=2) and not seen("color")
    assert seen("other_color", relation=1, other_color=2) and not seen("other_color", other_color=2)


def test_the_moon_shines_on_clear_nights() -> None:
    night, rain = VALUES["time"].index("night"), VALUES["weather"].index("rain")
    assert seen("moon", time=night)
    assert not seen("moon", time=night, weather=rain) and not seen("moon", time=0)


def test_the_loss_is_small_where_all_is_seen() -> None:
    rows = rows_of(color=2, relation=1, other=1).repeat(4, 1)
    sizes = [len(VALUES[name]) if name in VALUES else 3 for name in NAMES]
    right = [
        10 * torch.nn.functional.one_hot(rows[:, k], size).float() for k, size in enumerate(sizes)
    ]
    blind = [torch.zeros_like(logits) for logits in right]
    assert seeing_loss(right, rows) < 0.1 < seeing_loss(blind, rows)


def test_of_two_beside_one_another_the_first_one_stands_to_the_left_whatever_the_latent() -> None:
    beside, left = (VALUES["relation"].index(name) for name in ("beside", "left"))
    rows = rows_of(thing=3, other=8, color=1, other_color=2, relation=beside)
    for seed in range(4):
        z = torch.randn(1, Z_DIM, generator=torch.Generator().manual_seed(seed))
        image, _, seen = picture_of(rows, z, 1.0, 32, default_count())
        assert seen[0, COLUMN["thing"]] == 3 and seen[0, COLUMN["relation"]] == left
        # The scene that the row tells, with its order named, is the same picture.
        again, _, same = picture_of(seen, z, 1.0, 32, default_count())
        assert torch.equal(same, seen) and torch.equal(image, again)
    other = rows_of(thing=3, other=8, relation=VALUES["relation"].index("behind"))
    assert torch.equal(ordered(other), other)
