"""Sessions in the real window: saved, opened, set aside, and restored after a crash."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from imgui_bundle import imgui
from msgspec import Raw
from msgspec.structs import replace

from renderer.files.images import encode_png
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.instruments import sessions as saving
from visualizer.session import earlier_sessions
from visualizer.session.session import greeting
from visualizer.session.session_file import SessionFile, encode, read_session
from visualizer.session.state import State, Store
from widgets.actions import Action, ResetRecipe, Undo
from widgets.chrome.session_menu import (
    BrowseSession,
    NewSession,
    SaveSession,
    SaveSessionAs,
    SessionsView,
)
from widgets.controls.timeline_view import SetTimeline

pytestmark = pytest.mark.display

Key = imgui.Key
MINE = Recipe(text=TextPart((Prompt("my house"),)), psi=0.3)
OTHER = Recipe(text=TextPart((Prompt("日本の家 😀"),)), latent=LatentPart(seed=77))


@pytest.fixture
def ui(open_window: Open) -> Driver:
    return open_window(state=State(MINE))


def view(ui: Driver) -> SessionsView:
    (seen,) = ui.app.saving.views(0.0)
    assert isinstance(seen, SessionsView)
    return seen


def drop(ui: Driver, path: Path) -> None:
    """Let a file fall on the window, as glfw reports it."""
    said = len(ui.said)
    ui.window.dropped.append(str(path))
    ui.until(lambda: ui.said[said:] and not ui.said[-1].startswith("Opening"))
    ui.frames(3)


def wait_for(ui: Driver, words: str) -> None:
    ui.until(lambda: any(re.search(words, text) for text in ui.said))


def written(path: Path, session: SessionFile) -> Path:
    path.write_bytes(encode(session))
    return path


# -- saving ----------------------------------------------------------------------------------------


def save_as(ui: Driver, folder: Path, name: str | None, *, enter: bool = False) -> None:
    """Save by our own dialog, as a user types; no `name` takes the one that stands there."""

    def body(c: Any) -> None:
        c.set_ref("File browser")
        c.item_input_value("##path", str(folder))
        c.key_press(Key.enter)
        c.item_click("##name")
        if name is not None:
            c.key_chars_replace(name or " ")
        if enter:
            c.key_press(Key.enter)
        else:
            c.item_click("###save")

    ui.app.commands.do(SaveSessionAs())
    ui.frames(3)
    ui(body)


def test_a_session_is_saved_where_one_says_and_from_then_on_there(
    ui: Driver, tmp_path: Path
) -> None:
    folder = tmp_path / "my sessions"
    folder.mkdir()
    save_as(ui, folder, "boats")
    wait_for(ui, "Saved the session boats.json")
    path = folder / "boats.json"
    assert unhashed(read_session(path).recipe) == MINE
    assert (view(ui).path, view(ui).recent) == (str(path), (str(path),))
    ui.app.session.edit(OTHER)
    ui(lambda c: c.key_press(Key.mod_ctrl | Key.e))
    ui.until(lambda: unhashed(read_session(path).recipe) == OTHER)


def test_a_file_that_is_there_is_replaced_only_by_its_name(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = written(tmp_path / "mine" / "old.json", SessionFile(OTHER))
    save_as(ui, path.parent, "old.json", enter=True)
    ui(lambda c: c.key_press(Key.escape))
    assert read_session(path).recipe == OTHER
    save_as(ui, path.parent, "old.json")
    wait_for(ui, "Saved the session old.json")
    assert unhashed(read_session(path).recipe) == MINE


def test_the_name_is_ready_and_enter_saves(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    save_as(ui, tmp_path / "mine", "", enter=True)
    ui(lambda c: c.key_press(Key.escape))
    save_as(ui, tmp_path / "mine", None, enter=True)
    wait_for(ui, "Saved the session my-house-seed0.json")


def test_the_program_s_own_files_are_not_replaced(ui: Driver, tmp_path: Path) -> None:
    save_as(ui, tmp_path, "state")
    wait_for(ui, "own files")
    assert view(ui).path == ""


@pytest.mark.parametrize("name", ["", "a/b", "there"])
def test_what_is_no_name_is_not_taken(ui: Driver, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "mine"
    (folder / "there.json").mkdir(parents=True)
    (folder / "a").mkdir()
    save_as(ui, folder, name)
    ui(lambda c: c.key_press(Key.escape))
    ui.until(lambda: not ui.app._background._pending)
    assert sorted(folder.rglob("*")) == [folder / "a", folder / "there.json"]


def test_where_nothing_can_be_written_it_is_told(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ui.app.saving._save(tmp_path / "file" / "a.json")
    wait_for(ui, "cannot be written")
    assert view(ui).path == ""


def test_save_asks_where_when_it_does_not_know(ui: Driver) -> None:
    ui.app.commands.do(SaveSession())
    ui.frames(3)
    ui(lambda c: c.item_click("//File browser/Cancel"))
    assert view(ui).path == ""


# -- opening ---------------------------------------------------------------------------------------


def test_a_session_that_is_dropped_opens_and_the_one_before_is_set_aside(
    ui: Driver, tmp_path: Path
) -> None:
    path = written(tmp_path / "theirs.json", SessionFile(OTHER, {"strange": Raw(b'{"a": [1]}')}))
    drop(ui, path)
    assert ui.recipe == OTHER
    assert view(ui).path == str(path)
    ui.until(lambda: view(ui).aside)
    ((kept, _),) = view(ui).aside
    assert unhashed(read_session(Path(kept)).recipe) == MINE
    drop(ui, Path(kept))
    assert ui.recipe == MINE
    assert view(ui).path == ""


def test_what_this_version_does_not_know_is_kept(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    path = written(
        tmp_path / "mine" / "a.json", SessionFile(OTHER, {"strange": Raw(b'{"a": [1]}')})
    )
    drop(ui, path)
    said = len(ui.said)
    ui.app.commands.do(SaveSession())
    ui.until(lambda: ui.said[said:] and not ui.said[-1].startswith("Opening"))
    assert msgspec.json.decode(read_session(path).parts["strange"]) == {"a": [1]}
    ui.app.commands.do(NewSession())
    assert "strange" not in ui.app.saving.session().parts


def test_opening_is_undone_like_anything_else(ui: Driver, tmp_path: Path) -> None:
    drop(ui, written(tmp_path / "a.json", SessionFile(OTHER)))
    ui(lambda c: c.key_press(Key.mod_ctrl | Key.z))
    assert ui.recipe == MINE


@pytest.mark.parametrize("recipe", [MINE, OTHER])
def test_undo_brings_back_picture_and_timeline_of_before(
    ui: Driver, tmp_path: Path, recipe: Recipe
) -> None:
    document = ui.app.session.document
    mine = document.recipe
    keys = Timeline((KeyFrame(0.0, MINE), KeyFrame(1.0, OTHER)), 3.0)
    ui.app.commands.do(SetTimeline(keys))
    drop(ui, written(tmp_path / "other.json", SessionFile(recipe)))
    assert not document.timeline.keys
    ui.app.commands.do(Undo())
    ui.frames(1)
    assert (unhashed(document.recipe), document.timeline) == (unhashed(mine), keys)
    ui.app.commands.do(NewSession())
    ui.frames(1)
    assert not document.timeline.keys
    ui.app.commands.do(Undo())
    ui.frames(1)
    assert document.timeline == keys


def test_a_session_is_chosen_in_a_dialog(ui: Driver, tmp_path: Path) -> None:
    written(tmp_path / "a.json", SessionFile(OTHER))
    ui.app.commands.do(BrowseSession())
    ui.frames(3)

    def body(c: Any) -> None:
        c.set_ref("File browser")
        c.item_input_value("##path", str(tmp_path / "a.json"))
        c.key_press(Key.enter)

    ui(body)
    ui.until(lambda: ui.recipe == OTHER)


def test_recent_sessions_are_in_the_menu(ui: Driver, tmp_path: Path) -> None:
    path = written(tmp_path / "a.json", SessionFile(OTHER))
    drop(ui, path)
    ui.app.commands.do(NewSession())
    ui.frames(3)
    model = ui.app.session.model
    assert model is not None and ui.recipe == greeting(ui.recipe.model, model)
    ui(lambda c: c.menu_click("//##MainMenuBar/File/Recent sessions/###recent0"))
    ui.until(lambda: ui.recipe == OTHER)


def test_one_and_the_same_session_is_set_aside_only_when_it_changed(
    ui: Driver, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    path = written(tmp_path / "mine" / "a.json", ui.app.saving.session())
    drop(ui, path)
    ui.until(lambda: view(ui).aside)  # it was nowhere but in the window
    ui.app.commands.do(SaveSession())
    wait_for(ui, "Saved")
    count = len(view(ui).aside)
    drop(ui, written(tmp_path / "b.json", SessionFile(OTHER)))
    ui.app._background.close()
    assert len(list((tmp_path / "aside").iterdir())) == count


def test_only_some_sessions_are_kept_aside(ui: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(earlier_sessions, "MAX_ASIDE", 2)
    for number in range(4):
        ui.app.session.edit(Recipe(latent=LatentPart(seed=number)))
        before = view(ui).aside
        ui.app.commands.do(NewSession())
        ui.until(lambda before=before: view(ui).aside != before)
    files = [read_session(Path(path)).recipe.latent.seed for path, _ in view(ui).aside]
    assert files == [3, 2]
    assert all(re.fullmatch(r"\d+ [A-Z][a-z]{2} \d\d:\d\d", when) for _, when in view(ui).aside)


BODY = to_json(Recipe())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"stylegan_t_session": 1', "not a session"),
        (f'{{"stylegan_t_session": 99, "recipe": {BODY}}}'.encode(), "newer version"),
        (b'{"stylegan_t_session": 1, "recipe": NaN}', "not a session"),
        (b'{"stylegan_t_session": 1, "a": ' + b"[" * 100_000 + b"}", "not a session"),
        (b'{"stylegan_t_session": 1, "recipe": {}}', "not a recipe"),
    ],
)
def test_what_is_broken_is_told_in_one_sentence_and_changes_nothing(
    ui: Driver, tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "bad.json").write_bytes(data)
    before = len(ui.said)
    drop(ui, tmp_path / "bad.json")
    assert re.fullmatch(f"bad.json cannot be opened: .*{words}.*\\.", ui.said[-1])
    assert ui.said[before:-1] == ["Opening bad.json…"]
    assert ui.recipe == MINE
    assert view(ui).aside == ()


@pytest.mark.parametrize(
    "part",
    [
        b"7",
        b'{"version": 99}',
        b'{"version": 2, "entries": [{"number": 1, "recipe": {"psi": 1e300}}]}',
        b'{"version": 2, "entries": [{"number": -1, "recipe": {}}]}',
    ],
)
def test_a_broken_part_does_not_take_the_rest_with_it(
    ui: Driver, tmp_path: Path, part: bytes
) -> None:
    path = written(tmp_path / "a.json", SessionFile(OTHER, {"history": Raw(part)}))
    drop(ui, path)
    assert ui.recipe == OTHER
    assert re.search("Part of a.json is missing. The history", ui.said[-1])


def test_a_session_of_another_model_asks_for_it_as_a_picture_does(
    ui: Driver, tmp_path: Path
) -> None:
    recipe = msgspec.structs.replace(
        OTHER, model=msgspec.structs.replace(OTHER.model, path="/gone/boats.pkl")
    )
    drop(ui, written(tmp_path / "a.json", SessionFile(recipe)))
    assert ui.thread.submitted[-1].model.path == "/gone/boats.pkl"
    assert ui.app.session.dropped_from == tmp_path


def test_recipes_and_pictures_still_restore(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(to_json(OTHER), "utf-8")
    drop(ui, tmp_path / "a.json")
    assert ui.recipe == OTHER
    pixels = ui.thread._pixels(MINE)
    (tmp_path / "a.png").write_bytes(encode_png(pixels, MINE))
    drop(ui, tmp_path / "a.png")
    assert ui.recipe == MINE
    assert view(ui).path == ""


# -- across a restart ------------------------------------------------------------------------------


def test_the_next_start_goes_on_with_the_same_session(open_window: Open, tmp_path: Path) -> None:
    ui = open_window(state=State(MINE))
    path = written(tmp_path / "a.json", SessionFile(OTHER, {"strange": Raw(b"1")}))
    drop(ui, path)
    ui = open_window()
    assert ui.recipe == OTHER
    assert view(ui).path == str(path)
    assert ui.app.saving.session().parts["strange"] == Raw(b"1")
    assert not any("Restored" in text for text in ui.said)


def test_after_a_crash_it_says_that_everything_is_there(open_window: Open, tmp_path: Path) -> None:
    now_s = [100.0]
    ui = open_window(state=State(MINE), clock=lambda: now_s[0])
    ui.until(lambda: not Store(tmp_path).load().ended)
    crashed = Store(tmp_path).load()
    ui = open_window(state=crashed)
    assert ui.recipe == MINE
    assert "Restored your last session." in ui.said
    ui = open_window()
    assert not any("Restored" in text for text in ui.said)


def test_starts_that_come_to_nothing_are_counted_until_there_is_a_picture(
    open_window: Open, tmp_path: Path
) -> None:
    now_s = [100.0]
    thread = FakeThread(answers=False)
    state = State(MINE, failed_starts=1, ended=False)
    ui = open_window(state=state, thread=thread, clock=lambda: now_s[0])
    ui.until(lambda: Store(tmp_path).load().failed_starts == 2)
    thread.answers = True
    ui.app.session.edit(OTHER)
    now_s[0] += 2 * saving.AUTOSAVE_S
    ui.frames(3)
    now_s[0] += 2 * saving.AUTOSAVE_S
    ui.frames(3)
    ui.until(lambda: Store(tmp_path).load().failed_starts == 0)


def test_an_edit_is_kept_some_seconds_later_although_nothing_else_happens(
    open_window: Open, tmp_path: Path
) -> None:
    now_s = [100.0]
    ui = open_window(state=State(MINE), clock=lambda: now_s[0])
    wakes: list[float] = []
    wake: Callable[[float], None] = ui.app.saving.desk.wake_at
    object.__setattr__(ui.app.saving.desk, "wake_at", lambda at: (wakes.append(at), wake(at)))
    now_s[0] += 0.5
    ui.app.session.edit(OTHER)
    ui.frames(3)
    assert unhashed(Store(tmp_path).load().recipe or MINE) == MINE
    due_s = [at for at in wakes if at > now_s[0]]
    assert due_s
    assert max(due_s) - now_s[0] <= saving.AUTOSAVE_S + 0.1
    now_s[0] = max(due_s)
    ui.frames(1)
    ui.until(lambda: unhashed(Store(tmp_path).load().recipe or MINE) == OTHER)


def test_a_window_at_rest_writes_nothing_and_asks_for_no_redraw(
    open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [100.0]
    ui = open_window(state=State(MINE), clock=lambda: now_s[0])
    kept: list[State] = []
    save = ui.app.saving._store.save
    monkeypatch.setattr(
        ui.app.saving._store, "save", lambda state: (kept.append(state), save(state))[1]
    )
    for _ in range(3):  # everything has been kept
        now_s[0] += 2 * saving.AUTOSAVE_S
        ui.frames(3)
    ui.until(lambda: kept)
    before = len(kept)
    wakes: list[float] = []
    object.__setattr__(ui.app.saving.desk, "wake_at", wakes.append)
    for _ in range(20):
        now_s[0] += saving.AUTOSAVE_S + 0.1
        ui.frames(1)
    assert len(kept) == before
    assert wakes == []
    ui.app.session.edit(OTHER)
    now_s[0] += saving.AUTOSAVE_S + 0.1
    ui.frames(1)
    ui.until(lambda: len(kept) == before + 1)


def test_the_model_that_is_named_later_does_not_trouble_the_history(ui: Driver) -> None:
    assert ui.app.session.recipe.model.sha256 == MODEL.sha256
    assert ui.app.saving.session().recipe == ui.app.session.recipe


@pytest.mark.parametrize("action", [NewSession(), ResetRecipe()])
def test_beginning_again_shows_what_the_first_start_shows(
    open_window: Open, action: Action
) -> None:
    ui = open_window()
    first = ui.recipe
    assert first.text.prompts[0].text == MODEL.example_prompts[0]
    ui.app.session.edit(replace(ui.app.session.recipe, text=TextPart(), psi=0.1))
    ui.frames(2)
    ui.app.commands.do(action)
    ui.frames(3)
    assert ui.recipe == first
    ui.app.commands.do(Undo())
    assert ui.recipe.psi == 0.1


def test_beginning_again_while_the_model_loads_shows_it_once_that_is_known(
    open_window: Open,
) -> None:
    ui = open_window(state=State(Recipe(psi=0.1)), thread=FakeThread(answers=False))
    ui.app.commands.do(NewSession())
    ui.frames(2)
    assert ui.recipe == Recipe()
    ui.thread.answers = True
    ui.thread.submit(ui.app.session.recipe)
    ui.frames(3)
    assert ui.recipe.text.prompts[0].text == MODEL.example_prompts[0]
