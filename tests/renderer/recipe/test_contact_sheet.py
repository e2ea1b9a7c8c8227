"""Sheets: what stands where, what the axes do to a recipe, and JSON that is not trusted."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Kind, Sheet
from renderer.recipe.recipe import (
    MAX_SEED,
    Bend,
    LatentPart,
    MixingPart,
    MixSource,
    MixTrack,
    Morph,
    Pad,
    Prompt,
    Recipe,
    RecipeError,
    TextPart,
    check,
)

BASE = Recipe(
    text=TextPart((Prompt("one", 0.5), Prompt("two", 2.0)), strength=0.7, pad=Pad()),
    latent=LatentPart(7, 9, 0.25, x=0.5, values=(1.0,), morph=Morph(LatentPart(3), 0.5)),
    mixing=MixingPart((MixSource(seed=5, latent=MixTrack((1.0,))),)),
)
SEEDS = Axis("seed", count=3, seed=10)
PSI = Axis("psi", count=5, start=0.1, stop=0.7)
MIX = Axis("mixing", count=2, seed=20, blocks=(1, 3))
KINDS: tuple[Kind, ...] = ("none", "seed", "psi", "prompt", "position", "mixing", "bend")


def test_rows_go_down_and_columns_to_the_right() -> None:
    sheet = Sheet(SEEDS, PSI)
    cells = contact_sheet.cells(sheet, BASE)
    assert contact_sheet.size(sheet, BASE) == (3, 5)
    assert [[cell.latent.seed for cell in row] for row in cells] == [[10] * 5, [11] * 5, [12] * 5]
    assert [cell.psi for cell in cells[1]] == pytest.approx([0.1, 0.25, 0.4, 0.55, 0.7])
    assert (cells[0][0].psi, cells[0][-1].psi) == (0.1, 0.7)
    assert contact_sheet.labels(sheet, BASE) == (
        ("seed 10", "seed 11", "seed 12"),
        ("psi 0.1", "psi 0.25", "psi 0.4", "psi 0.55", "psi 0.7"),
    )


def test_a_seed_shows_itself_not_a_place_beside_it() -> None:
    (cell,) = contact_sheet.cells(Sheet(Axis("seed", count=1, seed=4), Axis()), BASE)[0]
    assert cell.latent == LatentPart(4, 9, 0.0)
    assert replace(cell, latent=BASE.latent) == BASE


@pytest.mark.parametrize("turned", [False, True])
def test_a_walk_starts_from_each_seed_whichever_way_the_axes_lie(turned: bool) -> None:
    walk = Axis("position", count=2, start=0.0, stop=1.0)
    sheet = Sheet(walk, SEEDS) if turned else Sheet(SEEDS, walk)
    cells = contact_sheet.cells(sheet, BASE)
    cell = cells[1][2] if turned else cells[2][1]
    assert cell.latent == LatentPart(12, 9, 1.0)


def test_prompts_stand_alone_and_keep_how_text_is_used() -> None:
    sheet = Sheet(Axis("prompt", prompts=("a", "")), Axis())
    cells = contact_sheet.cells(sheet, BASE)
    assert [row[0].text.prompts for row in cells] == [(Prompt("a"),), (Prompt(""),)]
    assert all(row[0].text.strength == 0.7 and row[0].text.pad is None for row in cells)
    assert contact_sheet.labels(sheet, BASE)[0] == ("a", "(no text)")


def test_without_prompts_of_its_own_an_axis_takes_those_of_the_recipe_until_pinned() -> None:
    sheet = Sheet(Axis("prompt"), Axis())
    assert contact_sheet.labels(sheet, BASE)[0] == ("one", "two")
    taken = contact_sheet.cells(sheet, BASE)[0][0]
    assert contact_sheet.size(sheet, taken) == (1, 1)
    pinned = contact_sheet.pinned(sheet, BASE)
    assert contact_sheet.cells(pinned, taken) == contact_sheet.cells(sheet, BASE)
    assert contact_sheet.pinned(pinned, taken) == pinned


def test_a_mixing_sheet_has_its_sources_along_the_edges() -> None:
    sheet = Sheet(MIX, SEEDS)
    table = contact_sheet.table(sheet, BASE)
    assert (len(table), len(table[0])) == contact_sheet.table_size(sheet, BASE) == (3, 4)
    assert table[0][0] is None
    top, left = table[0][1:], [row[0] for row in table[1:]]
    assert [cell.latent.seed for cell in top if cell] == [10, 11, 12]
    assert [cell.latent.seed for cell in left if cell] == [20, 21]
    assert not any(cell.mixing.active for cell in (*top, *left) if cell)
    cell = contact_sheet.cells(sheet, BASE)[1][2]
    assert cell.latent.seed == 12
    assert cell.mixing == MixingPart((MixSource(seed=21, latent=MixTrack((0.0, 1.0, 1.0))),))


def test_two_axes_may_mix_different_blocks() -> None:
    fine = replace(MIX, seed=30, blocks=(3, 4))
    (cell, *_), *_ = contact_sheet.cells(Sheet(MIX, fine), BASE)
    assert [source.seed for source in cell.mixing.sources] == [20, 30]
    assert cell.latent == BASE.latent


def test_the_recipes_own_sources_are_mixed_with_one_another() -> None:
    own = (MixSource(5), MixSource(6, (0.5,) * 4), MixSource(7, (), "a boat", MixTrack((0.3,))))
    recipe = replace(BASE, mixing=MixingPart(own))
    sheet = contact_sheet.of_sources(Sheet(), 4)
    assert contact_sheet.size(sheet, recipe) == (3, 3)
    assert contact_sheet.labels(sheet, recipe)[0] == ("seed 5", "a latent", "a boat")
    coarse, fine = MixTrack((1.0, 1.0)), MixTrack((0.0, 0.0, 1.0, 1.0))
    cell = contact_sheet.cells(sheet, recipe)[2][1]
    assert cell.mixing.sources == (
        replace(own[2], latent=coarse, text=coarse),
        replace(own[1], latent=fine),
    )
    alone = contact_sheet.table(sheet, recipe)[3][0]
    assert alone is not None
    assert (alone.latent.seed, alone.text.prompts) == (7, (Prompt("a boat"),))
    written = contact_sheet.pinned(sheet, recipe)
    assert contact_sheet.cells(written, cell) == contact_sheet.cells(sheet, recipe)
    assert contact_sheet.from_json(contact_sheet.to_json(written)) == written


def test_without_sources_of_its_own_a_recipe_mixes_counted_seeds() -> None:
    sheet, plain = contact_sheet.of_sources(Sheet(), 1), replace(BASE, mixing=MixingPart())
    assert contact_sheet.labels(sheet, plain)[0] == ("seed 0", "seed 1", "seed 2")
    assert contact_sheet.pinned(sheet, plain).rows.sources is None
    assert sheet.columns.blocks == (0, 1)


def test_what_is_not_mixed_keeps_the_recipes_own_mixing() -> None:
    assert contact_sheet.cells(Sheet(SEEDS, PSI), BASE)[0][0].mixing == BASE.mixing


@pytest.mark.parametrize("rows", KINDS)
@pytest.mark.parametrize("columns", KINDS)
def test_every_cell_is_a_sound_recipe_and_taking_one_keeps_the_sheet(
    rows: Kind, columns: Kind
) -> None:
    sheet = Sheet(Axis(rows, count=3, prompts=("a", "b")), Axis(columns, count=2, prompts=("c",)))
    if contact_sheet.clash(sheet):
        assert rows == columns
        return
    cells = contact_sheet.cells(sheet, BASE)
    for cell in (cell for row in cells for cell in row):
        check(cell)
    if "none" not in (rows, columns) and "position" not in (rows, columns):
        taken = cells[-1][-1]
        assert contact_sheet.labels(sheet, taken) == contact_sheet.labels(sheet, BASE)


def test_seeds_begin_again_after_the_last() -> None:
    cells = contact_sheet.cells(Sheet(Axis("seed", count=2, seed=MAX_SEED), Axis()), BASE)
    assert [row[0].latent.seed for row in cells] == [MAX_SEED, 0]


def test_one_step_is_the_beginning() -> None:
    assert (
        contact_sheet.cells(Sheet(Axis("psi", count=1, start=0.3), Axis()), BASE)[0][0].psi == 0.3
    )


# -- sizes ---------------------------------------------------------------------------------------


def test_a_sheet_that_is_too_large_says_so() -> None:
    large = Sheet(Axis("seed", count=64), Axis("psi", count=64))
    assert contact_sheet.too_large(large, BASE, 64) == ""
    sentence = contact_sheet.too_large(large, BASE, 512)
    assert "64 x 64 pictures of 512 pixels" in sentence
    assert "fewer rows or columns" in sentence
    wide = Sheet(Axis(), Axis("psi", count=40))
    assert contact_sheet.too_large(wide, BASE, 1024, ".png") == ""
    assert "16383 pixels" in contact_sheet.too_large(wide, BASE, 1024, ".webp")


# -- JSON ----------------------------------------------------------------------------------------


def test_json_brings_a_sheet_back() -> None:
    sheet = Sheet(replace(MIX, prompts=('"日本"\n',)), PSI, labels=False)
    assert contact_sheet.from_json(contact_sheet.to_json(sheet)) == sheet
    assert contact_sheet.from_json(contact_sheet.to_json(sheet).encode()) == sheet


def hostile(**axis: object) -> str:
    return json.dumps({"stylegan_t_sheet": 1, "sheet": {"rows": axis}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{" * 100_000,
        '{"stylegan_t_sheet": 1}',
        '{"stylegan_t_sheet": "1", "sheet": {}}',
        hostile(kind="everything"),
        hostile(count=0),
        hostile(count=65),
        hostile(count=2**70),
        hostile(seed=-1),
        hostile(start=1e9),
        hostile(stop=float("nan")),
        hostile(prompts=["x"] * 65),
        hostile(blocks=[0, 1000]),
        hostile(surprise=1),
        b"\xff\xfe",
        '{"stylegan_t_sheet": 1, "sheet": ' + " " * 4_000_000 + "}",
    ],
)
def test_what_is_no_sheet_is_refused(text: str | bytes) -> None:
    with pytest.raises(RecipeError, match=r"\.$"):
        contact_sheet.from_json(text)


def test_a_newer_sheet_asks_for_a_newer_program() -> None:
    with pytest.raises(RecipeError, match="newer version"):
        contact_sheet.from_json('{"stylegan_t_sheet": 6, "sheet": {"anything": 1}}')


def test_two_axes_of_one_kind_are_refused() -> None:
    sheet = Sheet(PSI, PSI)
    assert "both vary psi" in contact_sheet.clash(sheet)
    with pytest.raises(RecipeError, match="both vary psi"):
        contact_sheet.from_json(contact_sheet.to_json(sheet))
    assert contact_sheet.clash(Sheet(Axis(), Axis())) == contact_sheet.clash(Sheet(MIX, MIX)) == ""


def test_half_a_character_cannot_be_saved() -> None:
    with pytest.raises(RecipeError, match="cannot be saved"):
        contact_sheet.to_json(Sheet(Axis("prompt", prompts=("\ud800",))))


def test_the_amount_of_a_bend_goes_in_steps() -> None:
    recipe = Recipe(bends=(Bend("b8.input", "gain", 2.0), Bend("b8.input", "blur", 0.1)))
    sheet = Sheet(Axis("bend", count=3, start=0.0, stop=0.2, bend=2), Axis())
    made = [row[0].bends for row in contact_sheet.cells(sheet, recipe)]
    assert [bends[0] for bends in made] == [recipe.bends[0]] * 3
    assert [bends[1].amount for bends in made] == [0.0, 0.1, 0.2]
    assert contact_sheet.labels(sheet, recipe)[0] == ("blur 0", "blur 0.1", "blur 0.2")
    assert contact_sheet.cells(sheet, Recipe())[1][0] == Recipe(), "there is no such bend"
