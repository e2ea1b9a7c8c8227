"""The mixing panel in the real window: sources, weights of blocks and of layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from imgui_bundle import imgui

from renderer.recipe import contact_sheet
from renderer.recipe.recipe import MixingPart, MixSource, MixTrack, Recipe
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from tests.widgets.test_panels import opened, reset, type_value
from visualizer.session.state import State
from widgets.controls.grid_view import SheetView

pytestmark = pytest.mark.display

Key, Right = imgui.Key, imgui.MouseButton_.right
SEEDS = (MixSource(seed=5), MixSource(seed=6, prompt="snow"))


def mixed(open_window: Open, *sources: MixSource, sections: tuple[str, ...] = ()) -> Driver:
    """A window with the mixing section open and these sources in the recipe."""
    state: State = opened("Mixing", *sections)
    return open_window(state=state, recipe=Recipe(mixing=MixingPart(sources)))


def sources(ui: Driver) -> tuple[MixSource, ...]:
    """The sources of the current recipe."""
    return ui.recipe.mixing.sources


def cell(source: int, which: str, block: int) -> str:
    """Where a cell of the matrix is."""
    return f"**/source{source}/{which}{block}/##track"


def test_sources_are_added_copied_and_removed(open_window: Open) -> None:
    ui = mixed(open_window)
    ui(lambda c: c.item_click("**/###add source"))
    ui(lambda c: c.item_click("**/###add source"))
    assert [source.seed for source in sources(ui)] == [1, 2]
    assert not ui.recipe.mixing.active
    ui(lambda c: c.item_click(cell(1, "latent", 2)))
    ui(lambda c: c.item_click("**/###copy"))
    assert [source.seed for source in sources(ui)] == [1, 2, 2]
    assert sources(ui)[1] == sources(ui)[2]
    ui(lambda c: c.item_click("**/source0/head"))
    ui(lambda c: c.item_click("**/details0/###remove"))
    assert [source.seed for source in sources(ui)] == [2, 2]


def test_a_cell_is_dragged_as_one_step_and_clicked_for_all_or_nothing(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    start = ui.recipe

    def drag(c: Any) -> None:
        c.mouse_move(cell(0, "latent", 1))
        c.mouse_down(0)
        for _ in range(6):
            position = imgui.get_io().mouse_pos
            c.mouse_move_to_pos((position.x, position.y - 7))
        c.mouse_up(0)

    ui(drag)
    weight = sources(ui)[0].latent.of_block(1)
    assert 0.3 < weight < 0.8
    assert sources(ui)[1] == SEEDS[1]
    ui.app.session.document.undo()
    assert ui.recipe == start
    ui(lambda c: c.item_click(cell(0, "latent", 1)))
    assert sources(ui)[0].latent == MixTrack((0.0, 1.0))
    ui(lambda c: c.item_click(cell(0, "latent", 1)))
    assert sources(ui)[0].latent == MixTrack()


def test_a_weight_is_typed_and_taken_back(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    ui(lambda c: type_value(c, cell(1, "text", 2), "1.25"))
    assert sources(ui)[1].text == MixTrack((0.0, 0.0, 1.25))
    ui(lambda c: type_value(c, cell(1, "text", 2), "nan"))
    ui(lambda c: type_value(c, cell(1, "text", 2), "33"))
    assert sources(ui)[1].text == MixTrack((0.0, 0.0, 1.25))
    assert "Weight takes values from -1 to 2" in ui.app._entry.refusal
    ui(lambda c: type_value(c, cell(1, "text", 2), "33%"))
    assert sources(ui)[1].text == MixTrack((0.0, 0.0, 0.33))
    ui(lambda c: reset(c, cell(1, "text", 2)))
    assert sources(ui)[1].text == MixTrack()


def latent_of(ui: Driver, source: int, block: int) -> float:
    return sources(ui)[source].latent.of_block(block)


def test_arrows_nudge_the_cell_in_use_and_tab_goes_on(open_window: Open) -> None:
    ui = mixed(open_window, MixSource(seed=5, latent=MixTrack((0.5, 0.5))), SEEDS[1])
    start = ui.recipe

    def body(c: Any) -> None:
        c.nav_move_to(cell(0, "latent", 0))
        c.key_press(Key.up_arrow, 3)
        c.yield_(2)
        assert latent_of(ui, 0, 0) == 0.65
        c.key_press(Key.down_arrow | Key.mod_shift, 2)
        c.yield_(2)
        assert latent_of(ui, 0, 0) == 0.63
        c.key_press(Key.right_arrow)  # to the next cell of the row
        c.key_press(Key.right_arrow)
        c.key_press(Key.down_arrow)
        c.yield_(2)
        assert latent_of(ui, 0, 1) == 0.45
        c.key_press(Key.left_arrow)
        c.key_press(Key.left_arrow)
        c.key_press(Key.up_arrow, 30)
        c.yield_(2)
        assert latent_of(ui, 0, 0) == 1.0, "no further than all"
        c.key_press(Key.tab)
        c.key_press(Key.tab)
        c.key_press(Key.enter)
        c.yield_(2)

    ui(body)
    assert latent_of(ui, 0, 1) == 1.0, "Enter is still all or nothing"
    assert sources(ui)[1] == SEEDS[1]
    assert ui.recipe.latent == start.latent, "the arrows were the matrix's, not the seed's"
    for _ in range(4):  # a burst of presses in one cell is one step
        ui.app.session.document.undo()
    assert ui.recipe == start


def test_tab_walks_from_the_heads_into_the_cells(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)

    def body(c: Any) -> None:
        c.nav_move_to("**/head3")
        for place in ("**/source0/head", cell(0, "latent", 0), cell(0, "text", 0)):
            c.key_press(Key.tab)
            c.yield_(2)
            assert imgui.internal.get_focus_id() == c.item_info(place).id_

    ui(body)


def test_a_nudge_starts_from_a_weight_that_was_typed_beyond_the_end(open_window: Open) -> None:
    ui = mixed(open_window, MixSource(seed=5, latent=MixTrack((1.25, -0.5, 0.333))))

    def press(block: int, key: Any, weight: float) -> None:
        def body(c: Any) -> None:
            c.nav_move_to(cell(0, "latent", block))
            c.yield_(2)
            c.key_press(key)
            c.yield_(2)

        ui(body)
        assert latent_of(ui, 0, block) == weight

    press(0, Key.up_arrow, 1.25)
    press(0, Key.down_arrow, 1.2)
    press(1, Key.down_arrow, -0.5)
    press(1, Key.up_arrow, -0.45)
    press(2, Key.left_arrow, 0.333)  # being in use changes nothing


def test_nothing_is_taken_from_words_that_are_not_there(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    ui(lambda c: c.item_click(cell(0, "text", 0)))
    ui(lambda c: c.item_drag_with_delta(cell(0, "text", 0), (0, -40)))
    assert sources(ui)[0] == SEEDS[0]
    ui(lambda c: c.item_click("**/take/All"))
    assert sources(ui)[0].latent == MixTrack((1.0, 1.0, 1.0, 1.0))
    assert not sources(ui)[0].text.active


def test_the_head_of_a_column_gives_the_block_to_all_and_takes_it_back(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    ui(lambda c: c.item_click("**/head3"))
    last = MixTrack((0.0, 0.0, 0.0, 1.0))
    assert [source.latent for source in sources(ui)] == [last, last]
    assert sources(ui)[1].text == last
    ui(lambda c: c.item_click("**/head3"))
    assert sources(ui) == SEEDS


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        ("Coarse", (1.0,)),
        ("Middle", (0.0, 1.0, 1.0)),
        ("Fine", (0.0, 0.0, 0.0, 1.0)),
        ("None", ()),
    ],
)
def test_the_usual_choices_act_on_the_halves_that_are_shown(
    open_window: Open, kind: str, weights: tuple[float, ...]
) -> None:
    whole = MixTrack((0.5, 0.5))
    ui = mixed(open_window, MixSource(prompt="snow", latent=whole, text=whole))
    ui(lambda c: c.item_click("**/shown/Text"))
    ui(lambda c: c.item_click(f"**/take/{kind}"))
    assert sources(ui)[0].text == MixTrack(weights)
    assert sources(ui)[0].latent == whole


def test_a_layer_goes_its_own_way_and_its_block_takes_it_back(open_window: Open) -> None:
    ui = mixed(open_window, MixSource(latent=MixTrack((0.5,))), sections=("Layers of this source",))
    ui(lambda c: type_value(c, "**/latent row1/##track", "0.9"))
    assert sources(ui)[0].latent == MixTrack((0.5,), ((1, 0.9),))
    ui(lambda c: reset(c, "**/latent row1/##track"))
    assert sources(ui)[0].latent == MixTrack((0.5,))
    ui(lambda c: type_value(c, "**/latent row2/##track", "0"))
    ui(lambda c: type_value(c, cell(0, "latent", 0), "0.25"))
    assert sources(ui)[0].latent == MixTrack((0.25,))


def test_undo_reaches_a_source_s_words_while_they_are_typed(open_window: Open) -> None:
    ui = mixed(open_window, MixSource())

    def body(c: Any) -> None:
        c.item_click("**/Text/##text")
        c.key_chars("snow")
        c.yield_(2)
        c.key_press(Key.z | Key.mod_ctrl)
        c.yield_(4)
        c.key_chars("rain")
        c.yield_(2)

    ui(body)
    assert sources(ui)[0].prompt == "rain"


def test_a_new_seed_takes_the_place_of_saved_values(open_window: Open) -> None:
    ui = mixed(open_window, MixSource(seed=3, values=(0.5, -0.5)))
    ui(lambda c: c.item_click("**/Seed/###next"))
    assert sources(ui)[0] == MixSource(seed=4)


def test_the_grid_mixes_rows_of_sources_with_columns_of_sources(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    ui(lambda c: c.item_click("**/###grid"))
    assert ui.app.session.options.drawer == "Grid"
    sheet = ui.app._context(0.0).see(SheetView).sheet
    assert (sheet.rows.kind, sheet.columns.kind) == ("mixing", "mixing")
    assert contact_sheet.size(sheet, ui.recipe) == (len(SEEDS), len(SEEDS))
    cell = contact_sheet.cells(sheet, ui.recipe)[1][0]
    assert [source.seed for source in cell.mixing.sources] == [SEEDS[1].seed, SEEDS[0].seed]
    ui(lambda c: c.item_click("**/Rows/###sources"))
    assert ui.app._context(0.0).see(SheetView).sheet.rows.sources is None


def test_each_source_gets_a_small_picture_of_its_own(open_window: Open) -> None:
    ui = mixed(open_window, *SEEDS)
    asked: list[Recipe] = []
    wish = ui.thread.wish

    def listen(wishes: Any) -> None:
        asked.extend(one.recipe for one in wishes)
        wish(wishes)

    ui.thread.wish = listen
    ui.app.previews.forget_refused()
    ui(lambda c: c.item_click("**/Seed/###next"))
    assert any(r.latent.seed == 6 and not r.mixing.sources for r in asked)


def test_the_most_sources_that_a_recipe_holds(open_window: Open) -> None:
    many = tuple(MixSource(seed=i) for i in range(64))
    ui = mixed(open_window, *many)
    ui(lambda c: c.item_click("**/###add source"))
    ui(lambda c: c.item_click("**/###copy"))
    assert sources(ui) == many
    ui(lambda c: c.item_click(cell(3, "latent", 0)))
    assert sources(ui)[3].latent == MixTrack((1.0,))
    assert ui.said == []


def test_without_a_model_nothing_can_be_changed(open_window: Open) -> None:
    ui = open_window(
        thread=FakeThread(model=None),
        state=opened("Mixing"),
        recipe=Recipe(mixing=MixingPart(SEEDS)),
    )
    ui(lambda c: c.item_click(cell(0, "latent", 0)))
    ui(lambda c: c.item_click("**/take/All"))
    ui(lambda c: c.item_click("**/head1"))
    assert sources(ui) == SEEDS


@pytest.mark.parametrize("changes", [{"c_dim": 0}, {"condition": "classes"}])
def test_a_model_without_text_has_latents_only(open_window: Open, changes: dict[str, Any]) -> None:
    ui = open_window(
        thread=FakeThread(model=replace(MODEL, **changes)),
        state=opened("Mixing"),
        recipe=Recipe(mixing=MixingPart(SEEDS)),
    )
    ui(lambda c: c.item_click("**/head1"))
    assert [source.latent.weights for source in sources(ui)] == [(0.0, 1.0)] * 2
    assert not any(source.text.active for source in sources(ui))


def test_where_both_halves_are_shown_a_legend_says_which_is_which(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui = mixed(open_window, *SEEDS)
    said: list[str] = []
    write = imgui.text_unformatted
    monkeypatch.setattr(imgui, "text_unformatted", lambda text: (said.append(text), write(text)))
    ui.frames(1)
    assert {"left: latent", "right: text"} <= {*said}
    ui(lambda c: c.item_click("**/shown/Text"))
    said.clear()
    ui.frames(1)
    assert not {"left: latent", "right: text"} & {*said}
