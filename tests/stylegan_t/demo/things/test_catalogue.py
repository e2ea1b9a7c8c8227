"""The catalogue of things: sound data, and a sentence where it is damaged."""

from pathlib import Path

import pytest

from stylegan_t.demo.things.catalogue import (
    AtlasError,
    Thing,
    all_things,
    catalogue,
    first_things,
    plural,
)
from stylegan_t.demo.things.drawn import DRAWN
from stylegan_t.demo.things.sprites import PALETTE

BY_NAME = {thing.name: thing for thing in all_things()}


def test_there_are_hundreds_and_those_learned_first_come_first() -> None:
    assert len(all_things()) > 400 and len(first_things()) >= 120
    assert all_things()[: len(first_things())] == first_things()
    assert {t.group for t in first_things()} == {t.group for t in all_things()}


def test_what_people_type_first_is_known() -> None:
    first = {name for thing in first_things() for name in thing.names}
    asked = (
        "cat dog car pizza castle house tree rocket apple robot dragon unicorn boat bike kitty "
        "couch plane truck flower star horse fish bird cake burger train ship"
    )
    assert first >= set(asked.split())


def test_what_the_first_model_knows_is_known() -> None:
    assert {"house", "sailboat", "lighthouse", "hot air balloon", "cactus"} <= set(BY_NAME)
    assert "pine tree" in BY_NAME["fir tree"].also


def test_colours_and_tiles_are_sound() -> None:
    tiles = [thing.tile for thing in all_things() if thing.tile >= 0]
    assert len(set(tiles)) == len(tiles)
    for thing in all_things():
        assert thing.color in PALETTE and (thing.paint is None or thing.paint in PALETTE)
        assert (thing.tile < 0) == (thing.name in DRAWN)


def test_nothing_is_named_by_a_colour_alone() -> None:
    names = {name for thing in all_things() for name in thing.names}
    assert not names & (set(PALETTE) - {"orange"})  # the fruit keeps its name
    assert not any(thing.name == "orange" for thing in first_things())


@pytest.mark.parametrize(
    ("name", "many"),
    [("cat", "cats"), ("fox", "foxes"), ("cherries", None), ("mouse", "mice"), ("bus", "buses")],
)
def test_plurals(name: str, many: str | None) -> None:
    assert plural(BY_NAME[name], name) == many


@pytest.mark.parametrize(
    ("name", "many"),
    [("puppy", "puppies"), ("toy", "toys"), ("brush", "brushes"), ("x ray", "x rays")],
)
def test_plurals_follow_the_rule(name: str, many: str) -> None:
    assert plural(Thing(name, "things", 0, "red"), name) == many


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"tile_px": 96, "columns": 20, "source": "", "things": []}',
        '{"tile_px": 0, "columns": 20, "source": "", "things": '
        '[{"name": "a", "group": "food", "tile": 0, "color": "red"}]}',
        '{"tile_px": 96, "columns": 20, "source": "", "things": '
        '[{"name": "a", "group": "food", "tile": 9999999, "color": "red"}]}',
        '{"tile_px": 96, "columns": 20, "source": "", "things": '
        '[{"name": "a", "group": "stars", "tile": 0, "color": "red"}]}',
    ],
)
def test_a_damaged_catalogue_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "objects.json"
    file.write_text(text)
    with pytest.raises(AtlasError, match=r"objects.json, is missing or damaged: install"):
        catalogue(file)


def test_a_missing_catalogue_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="missing or damaged"):
        catalogue(tmp_path / "nothing.json")
