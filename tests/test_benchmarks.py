"""The measuring itself: tables, what is chosen, and how a drag is followed."""

from __future__ import annotations

from typing import cast

import pytest
import torch

from renderer.frame.frame import Frame
from renderer.recipe.recipe import Recipe
from tests.benchmarks import speed, tables
from tests.benchmarks.speed_synthesis import psnr
from tests.benchmarks.speed_window import Seen, follow
from tests.benchmarks.tables import Table, number, plain, spread, updated

TABLE = Table("demo", ("", "median ms"), (("baseline", "12.5"), ("prepared", "6.0")), "Idle.")


def test_spread_is_median_and_99th_percentile() -> None:
    assert spread([float(i) for i in range(1, 102)]) == ("51.0", "100", "101")
    assert [number(value) for value in (0.0123, 1.236, 45.67, 1234.5)] == [
        "0.012",
        "1.24",
        "45.7",
        "1234",
    ]


def test_a_table_for_the_terminal_stands_in_columns() -> None:
    assert plain(TABLE).splitlines() == [
        "demo",
        "            median ms",
        "  baseline       12.5",
        "  prepared        6.0",
        "  Idle.",
    ]


def test_a_table_takes_the_place_of_the_one_before_and_others_stay() -> None:
    other = Table("start", ("", "s"), (("cold", "3"),))
    text = updated("", "a computer", [TABLE, other])
    text = updated(text, "another", [TABLE])
    newer = Table("demo", ("", "median ms"), (("prepared", "5.0"),))
    text = updated(text, "a computer", [newer])
    assert text.startswith(tables.INTRODUCTION)
    mine, another = text.split("## a computer\n")[1].split("## another\n")
    assert mine.count("### ") == 2
    assert "| prepared | 5.0 |" in mine
    assert "| cold | 3 |" in mine
    assert "12.5" not in mine
    assert "Idle." in another
    assert "| baseline | 12.5 |" in another
    assert updated(text, "a computer", [newer]) == text


def test_a_heading_is_followed_by_its_table() -> None:
    lines = updated("", "a computer", [TABLE]).partition("## a computer")[2].strip().splitlines()
    assert lines == [
        "### demo",
        "",
        "Idle.",
        "",
        "|  | median ms |",
        "|:--|--:|",
        "| baseline | 12.5 |",
        "| prepared | 6.0 |",
    ]


def test_large_models_wait_for_a_graphics_card() -> None:
    assert "full-512" not in speed.chosen([], quick=False, gpu=False)
    assert "full-512" in speed.chosen([], quick=False, gpu=True)
    assert "full-64" not in speed.chosen([], quick=True, gpu=False)
    assert speed.chosen(["start", "full-512"], quick=True, gpu=False) == ["full-512", "start"]


def test_psnr_is_of_the_pictures_own_range() -> None:
    expected = torch.tensor([0.0, 2.0])
    assert psnr(expected + 0.02, expected) == pytest.approx(40.0, abs=1e-3)
    assert psnr(expected, expected) == 200.0


def shown(psi: float) -> Frame:
    """A picture of this psi."""
    return Frame(Recipe(psi=psi), None, cast(torch.Tensor, None))


def test_a_picture_is_as_old_as_the_movement_that_it_answers() -> None:
    seen = Seen(wanted=[(0.1, 1.0), (0.2, 1.1), (0.3, 1.2), (0.2, 1.3)])
    follow(seen, shown(0.2), 1.15)
    assert seen.first == seen.final == [pytest.approx(50.0)]
    follow(seen, shown(0.2), 1.18)
    assert seen.first == [pytest.approx(50.0)]
    assert seen.final == [pytest.approx(80.0)], "it became finer"
    follow(seen, shown(0.3), 1.3)
    follow(seen, shown(0.2), 1.4)
    assert seen.first == [pytest.approx(ms) for ms in (50.0, 100.0, 100.0)]
    assert seen.stale == 0


def test_a_picture_of_an_older_movement_is_stale() -> None:
    seen = Seen(wanted=[(0.1, 1.0), (0.2, 1.1)])
    follow(seen, shown(0.2), 1.2)
    follow(seen, shown(0.1), 1.3)
    assert seen.stale == 1
    assert len(seen.first) == 1
