"""Axes as they are typed."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from renderer.recipe.contact_sheet import Axis
from renderer.recipe.recipe import MAX_SEED
from visualizer.options.grid_axes import parse_axis


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("seed=0..7", Axis("seed", count=8)),
        ("seed=5", Axis("seed", seed=5, count=1)),
        ("seed=5:4", Axis("seed", seed=5, count=4)),
        (f"seed={MAX_SEED}", Axis("seed", seed=MAX_SEED, count=1)),
        ("psi=0..1", Axis("psi")),
        (" psi=-0.5..1.5:7 ", Axis("psi", count=7, start=-0.5, stop=1.5)),
        ("psi=0.7", Axis("psi", count=1, start=0.7, stop=0.7)),
        ("psi", Axis("psi")),
        ("position=1..0:3", Axis("position", count=3, start=1.0, stop=0.0)),
        ("prompt", Axis("prompt")),
        ("none", Axis()),
        ("mixing=2..4:1..3", Axis("mixing", seed=2, count=3, blocks=(1, 4))),
        ("mixing=2..4:0", Axis("mixing", seed=2, count=3, blocks=(0, 1))),
        ("mixing=2", Axis("mixing", seed=2, count=1)),
    ],
)
def test_an_axis_is_read(text: str, axis: Axis) -> None:
    assert parse_axis(text) == axis


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hue=0..1",
        "seed=7..0",
        "seed=0..64",
        "seed=-1..3",
        "seed=0.5..3",
        "seed=x",
        "seed=0..",
        f"seed={MAX_SEED + 1}",
        "seed=1:0",
        "seed=1:65",
        "seed=" + "9" * 5000,
        "psi=a..b",
        "psi=nan..1",
        "psi=0..1:0",
        "psi=0..1:many",
        "psi=0..1:2.5",
        "prompt=a",
        "mixing=0..3:3..1",
        "mixing=0..3:0..99",
        "mixing=0..3:fine",
    ],
)
def test_what_makes_no_sense_is_refused_with_the_name_of_the_option(text: str) -> None:
    with pytest.raises(click.UsageError, match="--columns"):
        parse_axis(text, "--columns")


def test_the_prompts_of_a_file_are_an_axis(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("a boat\n\n# no\na house\n", "utf-8")
    assert parse_axis(f"prompt=@{path}") == Axis("prompt", prompts=("a boat", "a house"))
    with pytest.raises(click.ClickException, match="cannot be read"):
        parse_axis("prompt=@missing.txt")


def test_the_amount_of_a_bend_is_an_axis() -> None:
    assert parse_axis("bend=0..2:3") == Axis("bend", count=3, start=0.0, stop=2.0)
    assert parse_axis("bend/2=0..1") == Axis("bend", count=5, start=0.0, stop=1.0, bend=2)
    for text in ("bend/x=0..1", "bend/0=0..1", "bend/65=0..1", "psi/2=0..1"):
        with pytest.raises(click.UsageError):
            parse_axis(text)
