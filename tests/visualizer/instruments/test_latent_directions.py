"""Directions by name: named, moved, renamed, deleted, and travelling as files, in the window."""

from __future__ import annotations

import dataclasses
import json
from array import array
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.frame.frame import LayerInfo
from renderer.recipe.component_moves import Moves
from renderer.recipe.recipe import Move, Recipe, Vector
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.instruments.latent_directions import DirectionLibrary
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.directions_view import (
    DeleteNamed,
    ExportDirection,
    NameDirection,
    OpenDirection,
    UndeleteNamed,
)
from widgets.latent.panel import COMPONENTS

pytestmark = pytest.mark.display
Key = imgui.Key
LAYERS = tuple(LayerInfo(f"b8.convs1.{row}", row, 0, 8, 32) for row in range(3))
OTHER = dataclasses.replace(MODEL, sha256="b" * 64)
TWO = Move("mapped", 1)


def window(open_window: Open, recipe: Recipe | None = None, model: Any = MODEL) -> Driver:
    """A window in which the list is open."""
    options = Options(open_sections=("Latent", COMPONENTS), zoom=0.7)
    thread = FakeThread(model=dataclasses.replace(model, layers=LAYERS))
    return open_window(state=State(recipe or Recipe(), options), thread=thread)


def saved(ui: Driver) -> Moves:
    return ui.app.instrument(DirectionLibrary)._view.moves


def name(ui: Driver, direction: Move, words: str) -> None:
    ui.app.commands.do(NameDirection(direction, words))
    ui.frames(2)


def test_a_component_gets_a_name_a_slider_and_another_name(open_window: Open) -> None:
    ui = window(open_window)
    ui(lambda c: c.scroll_to_bottom("Panels"))

    def give_name(c: Any) -> None:
        c.item_click("**/mapped0/2/###bookmark")
        c.key_chars(" 日  本 ")
        c.key_press(Key.enter)

    ui(give_name)
    ui.until(lambda: bool(saved(ui)))
    assert saved(ui) == (replace(TWO, name="日 本"),)
    assert ui.recipe.moves == (), "a name alone moves nothing"
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/direction0/日 本/##track", (30, 0)))
    (moved,) = ui.recipe.moves
    assert moved.place == TWO.place and moved.name == "日 本" and moved.amount > 0.2

    def rename(c: Any) -> None:
        c.item_click("**/direction0/日 本/###menu")
        c.item_click("//$FOCUSED/Rename")
        c.key_chars_replace_enter("grin")

    ui(rename)
    ui.until(lambda: saved(ui)[0].name == "grin")
    assert [move.name for move in ui.recipe.moves] == ["grin"]
    ui(lambda c: c.item_click("**/direction0/grin/###reset"))
    assert ui.recipe.moves == (replace(TWO, name="grin"),), "it stays in the list"


def test_names_belong_to_a_model_and_are_there_at_the_next_start(open_window: Open) -> None:
    ui = window(open_window)
    name(ui, TWO, "smile")
    name(ui, Move("style", 0, row=2), "smile")
    assert [move.name for move in saved(ui)] == ["smile 2", "smile"]
    ui = window(open_window, model=OTHER)
    ui.frames(5)
    assert saved(ui) == ()
    ui = window(open_window)
    ui.until(lambda: len(saved(ui)) == 2)
    ui.app.session.edit(Recipe(moves=(Move("mapped", 1, 2.0),)))  # as OSC would
    ui.frames(2)
    assert ui.recipe.moves == (Move("mapped", 1, 2.0, name="smile"),)


def test_a_direction_is_deleted_and_comes_back(open_window: Open) -> None:
    ui = window(open_window, Recipe(moves=(Move("mapped", 1, 2.0, name="smile"), Move("style"))))
    name(ui, TWO, "smile")
    ui.app.commands.do(DeleteNamed(saved(ui)[0]))
    ui.frames(2)
    assert saved(ui) == () and [move.place for move in ui.recipe.moves] != [TWO.place]
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_click("**/###undelete direction"))
    ui.frames(2)
    assert [move.name for move in saved(ui)] == ["smile"]
    ui.app.session.document.undo()
    assert any(move.name == "smile" for move in ui.recipe.moves)
    ui.app.commands.do(UndeleteNamed())  # nothing is left: nothing happens


def test_a_file_is_dropped_played_and_written_again(open_window: Open, tmp_path: Path) -> None:
    ui = window(open_window)
    values = np.linspace(-1, 1, MODEL.latent_dim).astype(np.float32)
    np.save(tmp_path / "age.npy", values)
    ui.window.dropped.append(str(tmp_path / "age.npy"))
    ui.until(lambda: bool(saved(ui)))
    assert saved(ui)[0] == Move("vector", name="age", vector=Vector(1, values.tobytes()))
    assert ui.recipe.moves == saved(ui), "in the list, moving nothing yet"
    assert any("Added the direction “age”" in text for text in ui.said)
    (tmp_path / "age.npy").unlink()
    ui.frames(2)
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/direction0/age/##track", (30, 0)))
    assert ui.recipe.moves[0].amount > 0.2
    ui.app._dialogs.ask = lambda *asked: asked[2](tmp_path / "out")  # type: ignore[method-assign]
    for suffix in (".npy", ".json"):
        ui.app.commands.do(ExportDirection(ui.recipe.moves[0], suffix))
    ui.until(lambda: len(list((tmp_path / "out").glob("age*"))) == 2)
    array, text = sorted((tmp_path / "out").iterdir(), key=lambda path: path.suffix, reverse=True)
    assert np.array_equal(np.load(array), values)
    assert json.loads(text.read_text())["name"] == "age"


def test_what_does_not_fit_is_said_and_not_kept(open_window: Open, tmp_path: Path) -> None:
    ui = window(open_window)
    np.save(tmp_path / "wide.npy", np.ones(7))
    ui.app.commands.do(OpenDirection(str(tmp_path / "wide.npy")))
    ui.until(lambda: any("7 numbers in a row" in text for text in ui.said))
    (tmp_path / "bad.json").write_text("[[1], [2, 3]]")
    ui.app.commands.do(OpenDirection(str(tmp_path / "bad.json")))
    ui.until(lambda: any("different lengths" in text for text in ui.said))
    assert saved(ui) == () and ui.recipe.moves == ()


def test_a_damaged_list_is_kept_aside_and_the_sound_rest_is_read(
    open_window: Open, tmp_path: Path
) -> None:
    good = {"model": MODEL.sha256, "move": {"component": 1, "name": "smile"}}
    bad = [
        {"model": MODEL.sha256, "move": {"component": 2}},
        {"model": MODEL.sha256, "move": {"space": "vector", "name": "x"}},
        {"model": "no hash", "move": {"name": "x"}},
    ]
    data = {"stylegan_t_library": "latent-directions", "version": 1, "items": [*bad, good]}
    (tmp_path / "latent-directions.json").write_text(json.dumps(data))
    ui = window(open_window)
    ui.until(lambda: bool(saved(ui)))
    assert saved(ui) == (replace(TWO, name="smile"),)
    assert any("cannot be used" in text for text in ui.said)


def test_a_direction_of_another_model_is_greyed_with_the_reason(open_window: Open) -> None:
    odd = Move("vector", 0, 1.0, name="odd", vector=Vector(1, array("f", [1.0] * 7).tobytes()))
    ui = window(open_window, Recipe(moves=(odd,)))
    ui(lambda c: c.scroll_to_bottom("Panels"))
    ui(lambda c: c.item_drag_with_delta("**/direction0/odd/##track", (30, 0)))
    assert ui.recipe.moves == (odd,)
