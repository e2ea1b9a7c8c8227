"""A training run in the window: newest first, a slider, news, the key, and folders that go."""

from __future__ import annotations

import json
import pickle
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from imgui_bundle import imgui

from renderer.recipe.recipe import ModelRef, Prompt, Recipe, TextPart
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments import training_run
from visualizer.instruments.training_run import TrainingRun
from visualizer.options.renderer_place import Place
from visualizer.session.state import State
from widgets.actions import OpenFiles
from widgets.context import Options
from widgets.controls.run_view import (
    CloseRun,
    FollowRun,
    OpenRun,
    RunView,
    ShowNewest,
    ShowSnapshot,
)

pytestmark = pytest.mark.display

OPEN = Options(open_sections=("Training run",))
BASE = Recipe(ModelRef("demo", tower="open_clip:x/y"), TextPart((Prompt("a boat"),)), psi=0.4)
WHOLE = pickle.dumps("weights")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_run, "LOOK_S", 0.05)
    monkeypatch.setattr(training_run, "AHEAD_S", 0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "run"
    path.mkdir()
    for kimg in (10, 20, 30):
        put(path, kimg)
    lines = [json.dumps({"images": 1000 * n, "loss": 1 / (n + 1)}) for n in range(31)]
    (path / "log.jsonl").write_text("\n".join(lines))
    return path


@pytest.fixture
def ui(open_window: Open) -> Driver:
    return open_window(state=State(BASE, OPEN))


def put(folder: Path, kimg: int, data: bytes = WHOLE) -> Path:
    path = folder / f"network-snapshot-{kimg:06d}.pkl"
    path.write_bytes(data)
    return path


def view(ui: Driver) -> RunView:
    found = next(iter(ui.app.instrument(TrainingRun).views(0.0)), RunView())
    assert isinstance(found, RunView)
    return found


def shows(ui: Driver, kimg: int) -> Callable[[], bool]:
    return lambda: ui.recipe.model.path.endswith(f"network-snapshot-{kimg:06d}.pkl")


def opened(ui: Driver, folder: Path) -> Driver:
    ui.app.commands.do(OpenFiles((str(folder),)))
    ui.until(shows(ui, 30))
    return ui


def test_a_dropped_folder_shows_its_newest_snapshot_and_the_recipe_stays(
    ui: Driver, folder: Path
) -> None:
    opened(ui, folder)
    assert ui.recipe.psi == 0.4 and ui.recipe.text == BASE.text
    assert ui.recipe.model.tower == BASE.model.tower
    assert view(ui).shown == 2 and [one.kimg for one in view(ui).snapshots] == [10, 20, 30]
    assert view(ui).curves[0].points[-1] == (30.0, 1 / 31)
    ui.app.session.document.undo()
    assert ui.recipe == BASE


def test_the_slider_loads_only_where_it_rests(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    before = len(ui.thread.submitted)
    for place in (1, 0, 1, 0):
        ui.app.commands.do(ShowSnapshot(place))
        ui.frames(1)
        assert view(ui).shown == place, "the slider is where the hand is"
    ui.until(shows(ui, 10))
    models = [recipe.model.path for recipe in ui.thread.submitted[before:]]
    assert not any("000020" in path for path in models)


def test_the_slider_is_dragged_and_typed_into(ui: Driver, folder: Path) -> None:
    opened(ui, folder)

    def type_two(c: Any) -> None:
        c.key_down(imgui.Key.mod_ctrl)
        c.item_click("//**/Snapshot/##track")
        c.key_up(imgui.Key.mod_ctrl)
        c.key_chars_replace_enter("2")

    ui(type_two)
    ui.until(shows(ui, 20))
    ui(lambda c: c.item_click("//**/Snapshot/reset"))
    ui.until(shows(ui, 30))


def test_neighbours_are_loaded_ahead_once_the_picture_is_there(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    ui.app.commands.do(ShowSnapshot(1))
    ui.until(shows(ui, 20))
    ui.until(lambda: ui.thread.ahead)
    kimgs = [Path(path).name[-9:-4] for path in ui.thread.ahead[-2:]]
    assert kimgs == ["00030", "00010"]


def test_a_newer_snapshot_is_told_and_one_key_shows_it(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    put(folder, 40, WHOLE[:-1])  # still being written
    ui.until(lambda: view(ui).unfinished)
    assert not view(ui).newer and shows(ui, 30)()
    put(folder, 40)
    ui.until(lambda: view(ui).newer)
    assert any("network-snapshot-000040.pkl" in line for line in ui.said)
    assert shows(ui, 30)(), "nothing is loaded without being asked for"
    ui(lambda c: c.key_press(imgui.Key.f9))
    ui.until(shows(ui, 40))
    assert not view(ui).newer


def test_following_shows_each_as_it_comes(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    ui.app.commands.do(ShowSnapshot(0))
    ui.until(shows(ui, 10))
    ui.app.commands.do(FollowRun(True))
    ui.until(shows(ui, 30))
    put(folder, 50)
    ui.until(shows(ui, 50))
    assert not view(ui).newer


def test_a_snapshot_that_is_written_again_is_read_again(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    forgot = ui.thread.forgot
    put(folder, 30, pickle.dumps("other weights"))
    ui.until(lambda: view(ui).newer)
    ui(lambda c: c.key_press(imgui.Key.f9))
    ui.until(lambda: ui.thread.forgot > forgot)
    assert shows(ui, 30)()


def test_a_folder_that_goes_away_is_a_sentence_and_may_come_back(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    shutil.move(folder, folder.with_name("elsewhere"))
    ui.until(lambda: "not there any more" in view(ui).problem)
    assert len(view(ui).snapshots) == 3, "what is known stays"
    shutil.move(folder.with_name("elsewhere"), folder)
    ui.until(lambda: not view(ui).problem)
    assert not view(ui).newer


def test_an_empty_folder_is_told_and_a_closed_run_forgotten(ui: Driver, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    ui.app.commands.do(OpenFiles((str(empty),)))
    ui.until(lambda: any("folder without snapshots" in line for line in ui.said))
    ui.app.commands.do(OpenRun(str(empty)))
    ui.until(lambda: any("contains no snapshot" in line for line in ui.said))
    assert ui.recipe == BASE
    ui.app.commands.do(CloseRun())
    ui.frames(2)
    assert view(ui) == RunView()


def test_a_session_opens_the_run_again(ui: Driver, folder: Path) -> None:
    opened(ui, folder)
    ui.app.commands.do(FollowRun(True))
    run = ui.app.instrument(TrainingRun)
    kept = msgspec.Raw(msgspec.json.encode(run.state()))
    assert run.restore(None) is None and view(ui) == RunView()
    assert run.restore(kept) is None
    ui.until(lambda: len(view(ui).snapshots) == 3)
    assert view(ui).follow and not view(ui).newer
    assert run.restore(msgspec.Raw(b'{"folder": 1}')) == "The training run could not be restored."


def test_five_thousand_snapshots_stay_quick(ui: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    for kimg in range(5000):
        put(folder, kimg)
    ui.app.commands.do(OpenRun(str(folder)))
    ui.until(lambda: len(view(ui).snapshots) == 5000, 30.0)
    begin = time.perf_counter()
    ui.frames(10)
    assert time.perf_counter() - begin < 10
    ui.app.commands.do(ShowSnapshot(1234))
    ui.until(shows(ui, 1234))


def test_with_a_renderer_elsewhere_snapshots_are_out_of_reach_and_it_says_why(
    ui: Driver, folder: Path
) -> None:
    opened(ui, folder)
    assert not view(ui).out_of_reach
    assert len(view(ui).readable) == 3
    ui.app.instrument(TrainingRun).desk.renderers.place = Place(host="box")
    before = ui.recipe
    for action in (ShowSnapshot(0), ShowNewest(), FollowRun(True)):
        ui.app.commands.do(action)
        ui.frames(3)
    ui.until(lambda: "the renderer is on box" in ui.said[-1])
    put(folder, 40)
    ui.until(lambda: len(view(ui).snapshots) == 4)
    assert ui.recipe == before
    assert view(ui).curves, "the log is read here"
    assert view(ui).readable == ()
    greyed: list[Any] = []

    def look(c: Any) -> None:
        info = c.item_info("//**/###newest")
        greyed.append(info.item_flags & imgui.ItemFlags_.disabled)

    ui(look)
    assert greyed[0]
