"""The model as an axis of a grid: each cell another checkpoint, the rest of the recipe as it is."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.contact_sheet import (
    MAX_COUNT,
    Axis,
    Sheet,
    cells,
    from_json,
    labels,
    of_models,
    size,
    to_json,
)
from renderer.recipe.recipe import ModelBlend, ModelRef, Recipe

OWN = Recipe(model=ModelRef("/a.pkl", "ab" * 32, "open_clip:x/y", ModelBlend("/b.pkl")), psi=0.5)
PATHS = tuple(f"/run/network-snapshot-{kimg:06d}.pkl" for kimg in (1, 20, 300))
SHEET = Sheet(Axis("model", models=(*PATHS, "/a.pkl")), Axis("seed", count=2))


def test_each_row_is_another_model_and_only_its_own_has_the_hash() -> None:
    rows = cells(SHEET, OWN)
    assert size(SHEET, OWN) == (4, 2)
    assert [row[0].model.path for row in rows] == [*PATHS, "/a.pkl"]
    assert rows[0][0].model == replace(OWN.model, path=PATHS[0], sha256="")
    assert rows[3][0].model == OWN.model
    assert {cell.psi for row in rows for cell in row} == {0.5}


def test_snapshots_are_labelled_by_what_they_have_seen() -> None:
    assert labels(SHEET, OWN)[0] == ("1 kimg", "20 kimg", "300 kimg", "a.pkl")


def test_many_are_thinned_evenly_with_both_ends() -> None:
    paths = [f"/{number}" for number in range(5000)]
    axis = of_models(Axis(), paths, 5)
    assert axis.kind == "model" and axis.models == ("/0", "/1250", "/2500", "/3749", "/4999")
    assert of_models(Axis(), paths, 1).models == ("/4999",)
    assert len(of_models(Axis(), paths).models) == MAX_COUNT
    assert of_models(Axis(), paths[:3], 9).models == tuple(paths[:3])


def test_without_models_the_axis_is_the_recipes_own() -> None:
    sheet = Sheet(Axis("model"), Axis("psi", count=2))
    assert size(sheet, OWN) == (1, 2) and cells(sheet, OWN)[0][0].model == OWN.model


def test_it_travels() -> None:
    assert from_json(to_json(SHEET)) == SHEET
