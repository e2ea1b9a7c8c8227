"""Samples as lines of JSON, there and back; lines that do not follow one another are refused."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from renderer.recipe.recipe import LatentPart, LayoutLock, Morph, Recipe, RecipeError
from renderer.timeline.take import Sample
from renderer.timeline.take_lines import Line, LineReader, lines_of
from renderer.timeline.timeline import TimelineError
from tests.renderer.recipe.test_recipe import FULL
from tests.renderer.timeline.test_take import played

DECODER = msgspec.json.Decoder(Line)
FIRST = next(lines_of([Sample(0.0, Recipe())]))


def decoded(line: dict[str, object]) -> Line:
    return DECODER.decode(msgspec.json.encode(line))


def read(lines: list[bytes]) -> list[Sample]:
    reader = LineReader()
    return [reader.read(DECODER.decode(line)) for line in lines]


def test_samples_come_back_as_they_were() -> None:
    morph = Recipe(latent=LatentPart(morph=Morph(LatentPart(3, values=(1.0, 2.0)), 0.5)))
    recipes = [Recipe(), FULL, Recipe(psi=0.5), morph, Recipe(layout=LayoutLock()), FULL, FULL]
    samples = [Sample(float(i), recipe) for i, recipe in enumerate(recipes)]
    samples += [Sample(9.0 + t, recipe) for t, recipe in played(Random(1), 100)]
    lines = [msgspec.json.encode(line) for line in lines_of(samples)]
    back = read(lines)
    assert [recipe for _, recipe in back] == [recipe for _, recipe in samples]
    assert [t for t, _ in back] == pytest.approx([t for t, _ in samples], abs=1e-6)


def test_a_line_holds_what_changed_and_what_did_not_is_shared() -> None:
    moved = msgspec.structs.replace(FULL, psi=0.25)
    samples = [Sample(0.0, FULL), Sample(0.5, moved), Sample(1.0, moved)]
    lines = [msgspec.json.encode(line) for line in lines_of(samples)]
    assert lines[1:] == [b'{"t":0.5,"changed":{"psi":0.25}}', b'{"t":1.0}']
    back = read(lines)
    assert back[1].recipe.text is back[0].recipe.text
    assert back[2].recipe is back[1].recipe


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"t": 1, "changed": {"psy": 1.0}}, "damaged"),
        ({"t": 1, "changed": {"psi": "high"}}, "damaged"),
        ({"t": 1, "changed": {"psi": 1e300}}, "damaged"),
        ({"t": 1, "changed": {"latent": {"morph": {"to": {"seed": -1}}}}}, "damaged"),
        ({"t": 1, "changed": {"latent": None}}, "damaged"),
        ({"t": 1, "recipe": {}}, "not a recipe"),
        ({"t": 0, "changed": {"psi": 1.0}}, "order of time"),
    ],
)
def test_a_line_that_is_none_is_refused(line: dict[str, object], words: str) -> None:
    reader = LineReader()
    reader.read(FIRST)
    with pytest.raises(TimelineError, match=words):
        reader.read(decoded(line))


def test_the_first_line_is_a_whole_recipe() -> None:
    with pytest.raises(TimelineError, match="begin"):
        LineReader().read(Line(0.0))


def test_morphs_do_not_pile_up_line_by_line() -> None:
    reader, deeper = LineReader(), dict[str, object]()
    reader.read(FIRST)
    for _ in range(30):
        deeper = {"morph": {"to": dict(deeper), "position": 0.5}}
    with pytest.raises(TimelineError, match="interpolates between interpolations"):
        reader.read(decoded({"t": 1, "changed": {"latent": deeper}}))


def test_an_impossible_recipe_is_not_written() -> None:
    with pytest.raises(RecipeError):
        list(lines_of([Sample(0.0, Recipe()), Sample(1.0, Recipe(psi=float("nan")))]))
