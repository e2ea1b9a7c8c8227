"""The Grid tab, clicked and typed into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.export_progress import ExportProgress
from widgets.controls.grid_view import SetSheet, SheetView
from widgets.tabs.grid_axis import _reached

pytestmark = pytest.mark.display

Key = imgui.Key
TWO = Recipe(text=TextPart((Prompt("a house"), Prompt("a boat", 2.0))), latent=LatentPart(4))


@pytest.fixture
def grid(open_window: Open) -> Driver:
    """A window with the tab open, high enough for all of its controls."""
    return open_window(state=State(TWO, Options(drawer="Grid", drawer_em=20.0, open_sections=())))


def sheet(ui: Driver) -> Sheet:
    return ui.app._context(0.0).see(SheetView).sheet


def wished(ui: Driver) -> set[Recipe]:
    """The recipes whose previews the tab looks for now."""
    looked: set[Recipe] = set()
    get = ui.app.previews.get

    def spy(recipe: Recipe, size_px: int) -> Any:
        looked.add(unhashed(recipe))
        return get(recipe, size_px)

    ui.app.previews.get = spy
    ui.frames(1)
    ui.app.previews.get = get
    return looked


def every_cell(ui: Driver) -> set[Recipe]:
    table = contact_sheet.table(sheet(ui), ui.recipe)
    return {cell for row in table for cell in row if cell is not None}


def type_number(ui: Driver, item: str, text: str) -> None:
    def body(c: Any) -> None:
        c.key_down(Key.mod_ctrl)
        c.item_click(item)
        c.key_up(Key.mod_ctrl)
        c.key_chars_replace_enter(text)

    ui(body)


def test_all_cells_are_looked_for_and_follow_the_prompt(grid: Driver) -> None:
    assert wished(grid) == every_cell(grid)
    before = wished(grid)
    grid.app.session.edit(replace(TWO, text=TextPart((Prompt("a tree"),))))
    grid.frames(1)
    assert wished(grid) == every_cell(grid)
    assert not before & wished(grid)


def test_a_closed_tab_looks_for_nothing(grid: Driver) -> None:
    grid(lambda c: c.item_click("Drawer/Grid##tab"))
    assert not wished(grid) & every_cell(grid)


def test_a_click_takes_the_cell_as_one_step_of_undo(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/2,1"))
    assert grid.recipe == contact_sheet.cells(sheet(grid), TWO)[2][1]
    assert grid.recipe.latent.seed == 2
    grid.app.session.document.undo()
    assert grid.recipe == TWO


def test_taking_a_prompt_keeps_the_other_prompts_in_the_sheet(grid: Driver) -> None:
    grid.app.commands.do(SetSheet(Sheet(Axis("prompt"), Axis("psi", count=2))))
    grid(lambda c: c.item_click("**/1,0"))
    assert grid.recipe.text.prompts == (Prompt("a boat"),)
    assert sheet(grid).rows.prompts == ("a house", "a boat")


def test_what_rows_and_columns_vary_is_chosen(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/Rows/kind/Position"))
    grid(lambda c: c.item_click("**/Columns/kind/Seed"))
    assert (sheet(grid).rows.kind, sheet(grid).columns.kind) == ("position", "seed")
    assert wished(grid) == every_cell(grid)


def test_choosing_what_the_other_has_swaps_them(grid: Driver) -> None:
    assert (sheet(grid).rows.kind, sheet(grid).columns.kind) == ("seed", "psi")
    grid(lambda c: c.item_click("**/Rows/kind/Psi"))
    assert (sheet(grid).rows.kind, sheet(grid).columns.kind) == ("psi", "seed")
    grid(lambda c: c.item_click("**/Columns/kind/Psi"))
    assert (sheet(grid).rows.kind, sheet(grid).columns.kind) == ("seed", "psi")


def test_values_are_typed(grid: Driver) -> None:
    type_number(grid, "**/Columns/From/##track", "-0.5")
    type_number(grid, "**/Columns/To/##track", "1.5")
    type_number(grid, "**/Columns/Count/##track", "3")
    assert sheet(grid).columns == Axis("psi", count=3, start=-0.5, stop=1.5)
    type_number(grid, "**/Columns/Count/##track", "65")
    assert sheet(grid).columns.count == 3

    def seed(c: Any) -> None:
        c.item_click("**/Rows/##seed")
        c.key_chars_replace_enter(str(2**40))

    grid(seed)
    assert sheet(grid).rows.seed == 2**40


def test_prompts_are_written_one_on_each_line(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/Rows/kind/Prompt"))
    assert contact_sheet.size(sheet(grid), grid.recipe)[0] == 2

    def body(c: Any) -> None:
        c.item_click("**/Rows/###edit")
        c.item_click("//$FOCUSED/##prompts")
        c.key_chars("a tree")
        c.key_press(Key.enter)
        c.key_chars("日本")
        c.yield_(2)

    grid(body)
    assert sheet(grid).rows.prompts == ("a tree", "日本")


def test_a_file_of_prompts_is_taken(grid: Driver, tmp_path: Path) -> None:
    grid.app.commands.do(SetSheet(Sheet(Axis("psi"), Axis("prompt"))))
    path = tmp_path / "list.txt"
    path.write_text("a boat\n# no\na house\n", "utf-8")

    def ask(question: object, folder: object, answer: Callable[[Path], None]) -> None:
        answer(path)

    grid.app._dialogs.ask = ask

    def choose(c: Any) -> None:
        c.item_click("**/Columns/###edit")
        c.item_click("//$FOCUSED/###prompt file")

    grid(choose)
    grid.until(lambda: sheet(grid).columns.prompts == ("a boat", "a house"))
    assert sheet(grid).rows.kind == "psi"
    path.write_text("#")
    grid(choose)
    grid.until(lambda: any("list.txt contains no prompts" in text for text in grid.said))
    assert sheet(grid).columns.prompts == ("a boat", "a house")


def test_the_panel_s_prompts_are_copied_and_emptied(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/Rows/kind/Prompt"))

    def press(name: str) -> None:
        def body(c: Any) -> None:
            c.item_click("**/Rows/###edit")
            c.item_click(f"//$FOCUSED/{name}")
            c.key_press(Key.escape)

        grid(body)

    press("Copy from the panel")
    assert sheet(grid).rows.prompts == ("a house", "a boat")
    press("Empty")
    assert sheet(grid).rows.prompts == ()


def test_blocks_are_chosen_from_the_model_s(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/Rows/kind/Mix"))
    assert sheet(grid).rows.blocks == (0, 2)

    def body(c: Any) -> None:
        c.item_click("**/Rows/###blocks")
        c.item_click("//$FOCUSED/###block2")

    grid(body)
    assert sheet(grid).rows.blocks == (0, 3)
    assert wished(grid) == every_cell(grid)


@pytest.mark.parametrize(
    ("index", "blocks"),
    [(0, (0, 4)), (1, (2, 4)), (2, (2, 3)), (3, (1, 3)), (4, (1, 5)), (6, (6, 7))],
)
def test_a_click_on_a_block_moves_the_nearest_end(index: int, blocks: tuple[int, int]) -> None:
    assert _reached((1, 4), index) == blocks


def test_many_cells_scroll_and_only_what_is_seen_is_looked_for(grid: Driver) -> None:
    grid.app.commands.do(SetSheet(Sheet(Axis("seed", count=64), Axis("psi", count=64))))
    grid.frames(2)
    seen = wished(grid)
    assert 20 < len(seen) < 1000
    assert contact_sheet.cells(sheet(grid), grid.recipe)[0][0] in seen


def test_saving_shows_its_progress_and_can_be_cancelled(grid: Driver) -> None:
    grid(lambda c: c.item_click("**/Labels"))
    assert not sheet(grid).labels
    grid.thread.run = lambda work, label: grid_future()
    grid(lambda c: c.item_click("**/###save this sheet"))
    assert progress(grid) == ExportProgress("Picture 1 of 15", 0.0)
    grid(lambda c: c.item_click("**/###pause grid"))
    assert progress(grid) == ExportProgress("Paused", 0.0, paused=True)
    grid(lambda c: c.item_click("**/###pause grid"))
    grid(lambda c: c.item_click("**/###cancel grid"))
    assert progress(grid) is None
    assert "cancelled" in grid.said[-1]


def progress(ui: Driver) -> ExportProgress | None:
    """How far the saving is."""
    return ui.app._context(0.0).see(SheetView).saving


def grid_future() -> Any:
    """A job that never ends."""
    from concurrent.futures import Future

    return Future()


def test_saving_stays_in_sight_in_a_low_tab(open_window: Open) -> None:
    ui = open_window(state=State(TWO, Options(drawer="Grid", open_sections=())))
    heights: list[tuple[float, float]] = []

    def body(c: Any) -> None:
        info = c.item_info("**/###save this sheet")
        heights.append((info.rect_clipped.get_height(), info.rect_full.get_height()))

    ui(body)
    assert heights[0][0] == heights[0][1] > 0
