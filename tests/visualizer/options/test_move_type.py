"""`--move`: components, and the directions of files."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pytest
from msgspec.structs import replace

from renderer.recipe.contact_sheet import Axis, Sheet, at, from_json, labels, to_json
from renderer.recipe.fresh import FRESH
from renderer.recipe.recipe import Move, Recipe, Vector
from visualizer.options.as_command import as_options
from visualizer.options.grid_axes import parse_axis
from visualizer.options.move_type import MoveType

VALUES = np.linspace(-1, 1, 8).astype("<f4")
SMILE = Move("vector", name="smile=1", vector=Vector(1, VALUES.tobytes()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    np.save(tmp_path / "smile=1.npy", VALUES)
    return tmp_path / "smile=1.npy"


def test_a_component_or_a_file(file: Path) -> None:
    read = MoveType().convert
    assert read("block/2/1=-1", None, None) == Move("block", 0, -1.0, 2)
    assert read(f"{file}=0.5", None, None) == replace(SMILE, amount=0.5)
    for wrong in ("mapped/3", "mapped/3=x", "nothing=1", f"{file}=1e9", "missing.npy=1"):
        with pytest.raises(click.UsageError):
            read(wrong, None, None)


def test_the_command_of_a_picture_says_its_components() -> None:
    moved = replace(FRESH, moves=(Move("block", 0, -1.0, 2), Move("mapped", 2, 1.5)))
    assert as_options(moved) == ("--move", "block/2/1=-1.0", "--move", "mapped/3=1.5")
    assert as_options(replace(FRESH, moves=(replace(SMILE, amount=1.0),))) is None


def test_a_direction_is_an_axis(file: Path) -> None:
    axis = parse_axis("move/mapped/3=-1..1:3")
    assert axis == Axis("move", count=3, start=-1.0, stop=1.0, move=Move("mapped", 2))
    assert parse_axis("move/mapped/3") == Axis("move", start=-2.0, stop=2.0, move=Move("mapped", 2))
    own = parse_axis(f"move/{file}=0..2:3")
    assert own.move == SMILE
    sheet = Sheet(own, axis)
    assert from_json(to_json(sheet)) == sheet
    recipe = Recipe(moves=(Move("mapped", 2, 9.0), Move("style", 0, 1.0, 4)))
    cell = at(sheet, recipe, 2, 0)
    assert cell is not None
    assert {(move.space, move.amount) for move in cell.moves} == {
        *(("mapped", -1.0), ("style", 1.0), ("vector", 2.0)),
    }
    assert labels(sheet, recipe)[0] == ("smile=1 0", "smile=1 1", "smile=1 2")
    assert labels(sheet, recipe)[1][2] == "mapped/3 1"
    for wrong in ("move/", "move/mapped/0=1..2", "move/mapped/3=a..b"):
        with pytest.raises(click.UsageError):
            parse_axis(wrong)
    with pytest.raises(click.ClickException):
        parse_axis("move/missing.npy=0..1")
