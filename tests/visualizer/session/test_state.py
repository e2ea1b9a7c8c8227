from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest
from msgspec import Raw

from renderer.recipe.recipe import Prompt, Recipe, TextPart, to_json
from tests.renderer.files.test_plain import OBSTACLES, unix
from visualizer.control import settings
from visualizer.control.settings import ControlSettings
from visualizer.session.earlier_sessions import EarlierSessions
from visualizer.session.seats import take_seat
from visualizer.session.session_file import read_session
from visualizer.session.state import (
    HOME_VARIABLE,
    MAX_FAILED_STARTS,
    MAX_RECENT,
    State,
    Store,
    WindowSize,
    folders,
    with_recent,
)
from visualizer.session.user_lists import Library
from widgets.context import Options
from widgets.output import OutputOptions

RECIPE = Recipe(text=TextPart((Prompt("日本の家 😀", 0.5),)), psi=0.7)
STATE = State(
    recipe=RECIPE,
    options=Options(open_sections=("Noise",), smooth=False, zoom=1.2),
    recent_models=("demo", "/models/a b.pkl"),
    window=WindowSize(1200, 800, True),
    parts={"timeline": Raw(b'{"fps": 25}')},
    recent_sessions=("/sessions/a b.json",),
    session_path="/sessions/a b.json",
    ended=False,
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    assert Store(tmp_path / "new" / "folder").save(STATE) is None
    store = Store(tmp_path / "new" / "folder")
    assert store.load() == STATE
    assert store.note == ""


def test_the_first_start_has_no_state_and_nothing_to_say(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.load() == State()
    assert store.note == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"stylegan_t_state": "one"}',
        b'{"stylegan_t_state": 999}',
        b'{"stylegan_t_state": 1, "options": {"zoom": 1e300}}',
        b'{"stylegan_t_state": 1, "window": {"width": -5, "height": 10}}',
        b'{"stylegan_t_state": 1, "recent_models": 7}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_moved_aside_and_the_program_starts(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(data)
    store = Store(tmp_path)
    assert store.load() == State()
    assert "state.broken.json" in store.note
    assert (tmp_path / "state.broken.json").read_bytes() == data
    assert store.save(STATE) is None
    assert Store(tmp_path).load() == STATE


def test_a_state_without_a_session_of_its_own_is_still_read(tmp_path: Path) -> None:
    old = {"stylegan_t_state": 1, "recipe": to_json(RECIPE), "recent_models": ["demo"]}
    (tmp_path / "state.json").write_text(json.dumps(old), "utf-8")
    assert Store(tmp_path).load() == State(recipe=RECIPE, recent_models=("demo",))


def test_a_broken_recipe_does_not_take_the_options_with_it(tmp_path: Path) -> None:
    old = {"stylegan_t_state": 1, "recipe": "{}", "options": {"smooth": False}}
    (tmp_path / "state.json").write_text(json.dumps(old), "utf-8")
    store = Store(tmp_path)
    assert store.load() == State(options=Options(smooth=False))
    assert "could not be restored" in store.note


def test_a_broken_session_does_not_take_the_options_with_it(tmp_path: Path) -> None:
    Store(tmp_path).save(STATE)
    (tmp_path / "session.json").write_bytes(b"{")
    store = Store(tmp_path)
    assert store.load() == msgspec.structs.replace(STATE, recipe=None, parts={})
    assert "could not be restored" in store.note
    assert (tmp_path / "session.broken.json").read_bytes() == b"{"


def test_a_broken_state_does_not_take_the_session_with_it(tmp_path: Path) -> None:
    Store(tmp_path).save(STATE)
    (tmp_path / "state.json").write_bytes(b"{")
    assert Store(tmp_path).load() == State(recipe=STATE.recipe, parts=STATE.parts)


def test_a_session_with_which_nothing_starts_is_set_aside(tmp_path: Path) -> None:
    trying = msgspec.structs.replace(STATE, failed_starts=MAX_FAILED_STARTS - 1)
    Store(tmp_path).save(trying)
    assert Store(tmp_path).load() == trying
    Store(tmp_path).save(msgspec.structs.replace(STATE, failed_starts=MAX_FAILED_STARTS))
    store = Store(tmp_path)
    assert store.load() == msgspec.structs.replace(
        STATE, recipe=None, parts={}, session_path="", ended=True
    )
    assert "Recent sessions" in store.note
    ((kept, _),) = EarlierSessions(tmp_path).listed()
    assert read_session(Path(kept)).recipe == RECIPE


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"stylegan_t_state": 1, "timeline": [1, 2]}', "utf-8")
    assert Store(tmp_path).load() == State()
    assert path.exists()


def test_the_same_state_is_not_written_twice(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(STATE)
    before = [os.stat(path).st_ino for path in (store.path, store.autosave.path)]
    store.save(STATE)
    assert [os.stat(path).st_ino for path in (store.path, store.autosave.path)] == before
    store.save(msgspec.structs.replace(STATE, recipe=Recipe()))
    assert os.stat(store.path).st_ino == before[0]
    assert os.stat(store.autosave.path).st_ino != before[1]
    store.save(State())
    assert os.stat(store.path).st_ino != before[0]


def test_a_folder_that_cannot_be_written_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "home")
    problem = store.save(STATE)
    assert problem is not None
    assert problem.startswith("Autosave does not work")
    assert store.save(STATE) == problem
    (tmp_path / "file").unlink()
    assert store.save(STATE) is None
    assert Store(tmp_path / "file" / "home").load() == STATE


def test_the_environment_chooses_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "mine"))
    assert folders().state == tmp_path / "mine"
    assert folders().captures == tmp_path / "mine" / "captures"
    monkeypatch.delenv(HOME_VARIABLE)
    assert "stylegan-t" in str(folders().state)


def test_recent_models_are_short_and_newest_first() -> None:
    recent: tuple[str, ...] = ()
    for number in range(MAX_RECENT + 5):
        recent = with_recent(recent, f"{number}.pkl")
    recent = with_recent(recent, "10.pkl")
    assert recent[0] == "10.pkl"
    assert len(recent) == len(set(recent)) == MAX_RECENT


# -- two windows -----------------------------------------------------------------------------------


def windows(folder: Path) -> tuple[Store, Store]:
    """Two windows that are open at once."""
    return Store(folder, take_seat(folder)), Store(folder, take_seat(folder))


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_of_two_windows_nothing_is_lost(first_ends_first: bool, tmp_path: Path) -> None:
    one, two = windows(tmp_path)
    before, beside = one.load(), two.load()
    assert (before.recipe, one.note) == (None, "")
    assert "Another window of this program is open" in two.note
    mine = State(Recipe(psi=0.25), Options(zoom=2.0), ("a.pkl",))
    yours = State(Recipe(psi=0.75), beside.options, ("b.pkl",), session_path="x.json")
    assert one.save(mine) is two.save(yours) is one.save(mine) is None
    for store, state in ((one, mine), (two, yours))[:: 1 if first_ends_first else -1]:
        assert store.finish(state) is None
    again = Store(tmp_path, take_seat(tmp_path))
    state = again.load()
    assert state.recipe == Recipe(psi=0.25)
    assert set(state.recent_models) == {"a.pkl", "b.pkl"}
    assert (state.options.zoom, state.session_path, state.ended) == (2.0, "", True)
    ((aside, _),) = EarlierSessions(tmp_path).listed()
    assert read_session(Path(aside)).recipe == Recipe(psi=0.75)
    assert not list(tmp_path.glob("session-2*"))
    again.finish(state)


def test_a_second_window_leaves_the_output_to_the_first(tmp_path: Path) -> None:
    kept = OutputOptions(on=True, place="HDMI-1", sinks=("ndi",))
    one, two = windows(tmp_path)
    one.load()
    assert one.save(State(Recipe(), Options(output=kept))) is None
    beside = two.load()
    assert beside.options.output == OutputOptions(place="HDMI-1")
    louder = msgspec.structs.replace(beside.options, zoom=1.5)
    assert two.save(State(Recipe(), louder)) is None
    last = Store(tmp_path).load().options
    assert (last.output, last.zoom) == (kept, 1.5)


def test_a_window_that_is_killed_beside_another_leaves_its_session(tmp_path: Path) -> None:
    seat, other = take_seat(tmp_path), take_seat(tmp_path)
    Store(tmp_path, seat).save(State(Recipe(psi=0.25), ended=False))
    Store(tmp_path, other).save(State(Recipe(psi=0.75)))
    other.leave()  # as the system does for whoever is killed
    third = Store(tmp_path, take_seat(tmp_path))
    assert third.load().recipe == Recipe(psi=0.25)
    ((aside, _),) = EarlierSessions(tmp_path).listed()
    assert read_session(Path(aside)).recipe == Recipe(psi=0.75)
    third.finish(State())
    seat.leave()
    last = Store(tmp_path, take_seat(tmp_path))
    state = last.load()
    assert (state.recipe, state.ended) == (Recipe(psi=0.25), False)  # the first was killed, too
    last.finish(state)


def test_a_second_window_that_was_only_looked_at_leaves_nothing(tmp_path: Path) -> None:
    one, two = windows(tmp_path)
    one.save(State(Recipe(psi=0.25)))
    state = two.load()
    assert state.recipe == Recipe(psi=0.25)
    assert two.finish(state) is None
    assert EarlierSessions(tmp_path).listed() == ()
    one.finish(State())


@unix
@pytest.mark.parametrize("name", OBSTACLES)
@pytest.mark.parametrize("file", ["state.json", "session.json", "control.json", "prompts.json"])
def test_what_is_no_file_of_ours_keeps_nothing_from_starting(
    file: str, name: str, tmp_path: Path
) -> None:
    OBSTACLES[name](tmp_path / file)
    store = Store(tmp_path)
    assert store.load() == State()
    library: Library[str] = Library(tmp_path, "prompts", msgspec.json.Decoder(str), 10)
    notes = [store.note, settings.load(tmp_path)[1], library.load()[1]]
    assert sum(map(bool, notes)) == 1
    assert store.save(State(Recipe(psi=0.25))) is None
    settings.save(tmp_path, ControlSettings())
    assert library.save(("words",)) is None
    assert Store(tmp_path).load().recipe == Recipe(psi=0.25)
