"""Saving a sheet in the window: cell by cell, cancelled at every stage, kept over a restart."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import Raw
from PIL import Image

from renderer.files.images import read_recipe, read_sheet
from renderer.recipe import contact_sheet
from renderer.recipe.contact_sheet import Axis, Sheet
from renderer.recipe.recipe import Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread, SlowThread
from visualizer.instruments.grid import Sheets
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.grid_view import CancelSheet, PauseSheet, SaveSheet, SetSheet, SheetView

pytestmark = pytest.mark.display

SHEET = Sheet(Axis("seed", count=2, seed=5), Axis("psi", count=3))


def instrument(ui: Driver) -> Sheets:
    return ui.app.instrument(Sheets)


def view(ui: Driver) -> SheetView:
    return ui.app._context(0.0).see(SheetView)


@pytest.fixture
def slow(open_window: Open) -> Iterator[tuple[Driver, SlowThread]]:
    """A window whose sheet waits for each cell."""
    thread = SlowThread()
    ui = open_window(thread=thread, state=State(Recipe(), Options()))
    ui.app.commands.do(SetSheet(SHEET))
    ui.app.commands.do(SaveSheet())
    yield ui, thread
    for _ in range(99):
        thread.let.release()


def label(ui: Driver) -> str:
    """What the tab says of the sheet that is being saved; empty where none is."""
    progress = view(ui).saving
    return progress.label if progress else ""


def drawn_to(ui: Driver, thread: SlowThread, cells: int) -> None:
    """Let cells be drawn and placed, until there are so many."""
    while label(ui) != f"Picture {cells + 1} of 6":
        thread.let.release()
        now = label(ui)
        ui.until(lambda now=now: label(ui) != now)


def captures(ui: Driver) -> list[Path]:
    return sorted((ui.home / "captures").glob("*"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_sheet_is_saved_with_itself_inside(open_window: Open, suffix: Any) -> None:
    ui = open_window(state=State(Recipe(), Options(capture_format=suffix)))
    ui.app.commands.do(SetSheet(SHEET))
    ui.app.commands.do(SaveSheet())
    ui.until(lambda: ui.app.session.last_capture)
    path = Path(ui.app.session.last_capture)
    assert path.name == f"sheet-picture-seed0-0001.{suffix}"
    assert read_sheet(path) == SHEET
    assert read_recipe(path) == ui.app.session.recipe
    assert label(ui) == ""
    with Image.open(path) as image:
        drawn = {tuple(int(v) for v in row) for row in np.asarray(image).reshape(-1, 3)}
    if suffix != "jpg":
        for cell in (
            cell for row in contact_sheet.cells(SHEET, ui.app.session.recipe) for cell in row
        ):
            assert tuple(int(v) for v in ui.thread.answer(cell).pixels()[0, 0]) in drawn


def test_it_tells_how_far_it_is_while_the_window_goes_on(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    shares = []
    for done in range(6):
        drawn_to(ui, thread, done)
        assert thread.asked == done + 1, "one cell at a time: the window's picture goes first"
        progress = view(ui).saving
        assert progress is not None
        shares.append(progress.share)
        ui.app.session.edit(Recipe(psi=done / 10))  # what is typed meanwhile changes nothing
        ui.frames(1)
    thread.let.release()
    ui.until(lambda: ui.app.session.last_capture)
    assert shares == [done / 6 for done in range(6)]
    assert read_recipe(captures(ui)[0]).psi == 1.0


def test_a_paused_sheet_rests_and_goes_on(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    drawn_to(ui, thread, 1)
    ui.app.commands.do(PauseSheet(True))
    assert label(ui) == "Paused"
    for _ in range(9):
        thread.let.release()
    ui.frames(20)
    assert thread.asked <= 3, "one may have been on its way"
    ui.app.commands.do(PauseSheet(False))
    ui.until(lambda: ui.app.session.last_capture)


@pytest.mark.parametrize("cells", [0, 1, 5])
def test_cancelled_at_any_cell_nothing_is_written(
    slow: tuple[Driver, SlowThread], cells: int
) -> None:
    ui, thread = slow
    drawn_to(ui, thread, cells)
    ui.app.commands.do(CancelSheet())
    assert view(ui).saving is None
    thread.let.release()  # the cell that was in work is abandoned
    ui.until(lambda: not [t for t in threading.enumerate() if t.name == "Writing a grid"])
    assert captures(ui) == []
    assert ui.said[-1] == "The grid was cancelled; nothing was saved."
    ui.app.commands.do(SaveSheet())
    assert label(ui) == "Picture 1 of 6"


def test_a_second_wish_while_one_is_saved_changes_nothing(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    ui.until(lambda: thread.asked == 1)
    ui.app.commands.do(SaveSheet())
    assert thread.asked == 1


def test_a_cell_that_fails_ends_it_with_a_sentence(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    drawn_to(ui, thread, 1)
    thread.error = "There is not enough memory."
    thread.let.release()
    ui.until(lambda: view(ui).saving is None)
    assert ui.said[-1] == "The grid was not written: picture 2: There is not enough memory."
    assert captures(ui) == []


def test_a_place_that_cannot_be_written_is_a_sentence(ui: Driver) -> None:
    (ui.home / "captures").write_text("a file is in the way")
    ui.app.commands.do(SaveSheet())
    ui.until(lambda: any("cannot be written" in text for text in ui.said))
    assert view(ui).saving is None


def test_too_large_a_sheet_is_refused_before_any_work(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = SlowThread()
    ui = open_window(thread=thread)
    monkeypatch.setattr(contact_sheet, "MAX_PIXELS", 1000)
    ui.app.commands.do(SaveSheet())
    assert "fewer rows or columns" in ui.said[-1]
    assert thread.asked == 0


def test_without_a_picture_there_is_no_sheet(open_window: Open) -> None:
    ui = open_window(thread=FakeThread(answers=False))
    ui.app.commands.do(SaveSheet())
    assert ui.said[-1] == "There is no picture yet to make a grid of."


def test_the_window_may_close_in_the_middle(slow: tuple[Driver, SlowThread]) -> None:
    ui, thread = slow
    drawn_to(ui, thread, 1)
    instrument(ui).close()
    assert view(ui).saving is None
    writing = [one for one in threading.enumerate() if one.name == "Writing a grid"]
    for one in writing:
        one.join(5.0)
    assert not any(one.is_alive() for one in writing)
    assert captures(ui) == []


# -- what is kept --------------------------------------------------------------------------------


def test_the_sheet_survives_a_restart(open_window: Open) -> None:
    ui = open_window()
    ui.app.commands.do(SetSheet(SHEET))
    ui = open_window()
    assert view(ui).sheet == SHEET


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b'{"rows": {"count": 9999}}', b'{"labels": "x"}', b"[" * 50_000]
)
def test_what_is_no_sheet_is_a_sentence_and_a_fresh_sheet(ui: Driver, raw: bytes) -> None:
    ui.app.commands.do(SetSheet(SHEET))
    sentence = instrument(ui).restore(Raw(raw))
    assert sentence is not None
    assert sentence.endswith(".")
    assert view(ui).sheet == Sheet()


def test_axes_that_clash_are_not_restored(ui: Driver) -> None:
    clash = Sheet(Axis("psi"), Axis("psi"))
    assert instrument(ui).restore(Raw(msgspec.json.encode(clash))) is None
    assert view(ui).sheet == Sheet()


def test_labels_in_other_scripts_are_drawn(open_window: Open) -> None:
    recipe = Recipe(text=TextPart((Prompt("日本の家"), Prompt("дом 😀"))))
    ui = open_window(state=State(recipe, Options()))
    ui.app.commands.do(SetSheet(Sheet(Axis("prompt"), Axis())))
    ui.app.commands.do(SaveSheet())
    ui.until(lambda: ui.app.session.last_capture)
    assert read_recipe(Path(ui.app.session.last_capture)).text == recipe.text
