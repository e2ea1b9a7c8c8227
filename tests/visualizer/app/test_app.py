"""The program as a whole, on a fake renderer."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from imgui_bundle import imgui
from PIL import Image

from renderer.files.images import encode_png, read_recipe
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, to_json
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeStatus, FakeThread
from visualizer.session.session import FIRST_LATENT
from visualizer.session.state import State, Store
from widgets import actions
from widgets.context import Options
from widgets.picture.viewport import View
from widgets.sections import truncation

pytestmark = pytest.mark.display

Key = imgui.Key
OTHER = Recipe(
    text=TextPart((Prompt("日本の家 😀", 0.5), Prompt("a boat"))),
    latent=LatentPart(seed=77),
    psi=0.3,
)


def drop(ui: Driver, *paths: Path) -> None:
    """Let files fall on the window, as glfw reports them."""
    ui.window.dropped.extend(str(path) for path in paths)
    ui.frames(2)


# -- pictures ------------------------------------------------------------------------------------


def test_the_picture_is_on_the_screen(open_window: Open) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    ui = open_window(thread=FakeThread(picture=picture))
    ui.app.commands.do(actions.ActualSize())
    screen = ui.app.screenshot()
    left, top, right, bottom = (round(edge) for edge in ui.app.layout.picture.box or (0, 0, 0, 0))
    assert np.array_equal(screen[top:bottom, left:right], picture)


def test_a_recipe_is_submitted_once(ui: Driver) -> None:
    ui.frames(5)
    before = len(ui.thread.submitted)
    ui.frames(5)
    assert len(ui.thread.submitted) == before
    ui.app.session.edit(OTHER)
    ui.frames(3)
    assert ui.thread.submitted[before:] == [OTHER]


def test_a_newcomer_begins_with_words_that_the_model_knows(ui: Driver) -> None:
    assert ui.recipe.text.prompts[0].text == MODEL.example_prompts[0]
    assert ui.recipe.latent == FIRST_LATENT
    assert not ui.app.session.document.can_undo


def test_whoever_was_here_before_finds_their_own_words(open_window: Open) -> None:
    assert open_window(state=State(recipe=Recipe())).recipe == Recipe()
    assert open_window(recipe=OTHER).recipe == OTHER


def test_an_error_is_shown_and_the_last_picture_stays(ui: Driver) -> None:
    shown = ui.app.session.frame
    ui.thread.error = "This model needs more memory than there is."
    ui.app.session.edit(OTHER)
    ui.frames(3)
    assert ui.app.session.error == ui.thread.error
    assert ui.app.session.frame is shown
    ui(lambda c: c.item_click("//Picture/###retry"))
    assert ui.thread.forgot == 1
    ui.thread.error = None
    ui(lambda c: c.item_click("//Picture/###retry"))
    assert ui.app.session.error is None


def test_before_the_first_picture_the_window_says_what_it_waits_for(open_window: Open) -> None:
    thread = FakeThread(answers=False, status=FakeStatus("loading", "Loading the demo model"))
    ui = open_window(thread=thread)
    canvas = ui.app.screenshot()[100:800, 500:1200]
    assert len(np.unique(canvas.reshape(-1, 3), axis=0)) > 4  # an arc and words, not only black


def test_notes_of_a_frame_are_said_once(open_window: Open) -> None:
    ui = open_window()
    answer = ui.thread.answer

    def noted(recipe: Recipe) -> Any:
        import dataclasses

        return dataclasses.replace(answer(recipe), notes=("Made with another model file.",))

    ui.thread.answer = noted
    for psi in (0.1, 0.2, 0.3):
        ui.app.session.edit(Recipe(psi=psi))
        ui.frames(2)
    assert ui.said.count("Made with another model file.") == 1


def test_a_panel_that_breaks_does_not_take_the_window_with_it(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Recipe:
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(truncation.PSI.__class__, "draw", broken)
    ui.app.frame(wait=False)
    monkeypatch.undo()
    ui.frames(5)
    assert any("by design" in text for text in ui.said)
    ui(lambda c: c.item_drag_with_delta("**/Psi/##track", (-60, 0)))
    assert ui.recipe.psi < 1.0


def test_a_panel_that_stays_broken_ends_the_program_with_its_error(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Recipe:
        raise ZeroDivisionError("by design")

    with monkeypatch.context() as patch:
        patch.setattr(truncation.PSI.__class__, "draw", broken)
        with pytest.raises(ZeroDivisionError):
            for _ in range(20):
                ui.app.frame(wait=False)
    ui.window.end_frame()
    ui.frames(3)


# -- files ---------------------------------------------------------------------------------------


def test_a_dropped_capture_brings_everything_back(ui: Driver, tmp_path: Path) -> None:
    path = tmp_path / "a picture 日本.png"
    path.write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8), OTHER, "test"))
    before = ui.recipe
    drop(ui, path)
    ui.until(lambda: ui.recipe == OTHER)
    assert any(text.startswith("Restored everything") for text in ui.said)
    ui.app.commands.do(actions.Undo())
    assert ui.recipe == before


def test_a_dropped_json_brings_everything_back(ui: Driver, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(to_json(OTHER), "utf-8")
    drop(ui, path)
    ui.until(lambda: ui.recipe == OTHER)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.png", b"not a picture", "a.png"),
        ("a.json", b"{}", "not a recipe"),
        ("a.txt", b"", "neither a model"),
        ("missing.png", None, "no file"),
    ],
)
def test_a_dropped_file_that_is_of_no_use_gets_a_sentence(
    ui: Driver, tmp_path: Path, name: str, data: bytes | None, words: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    before = ui.recipe
    drop(ui, tmp_path / name)
    ui.until(lambda: any(words in text for text in ui.said))
    assert ui.recipe == before


def test_a_dropped_model_is_opened_and_remembered(ui: Driver, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    drop(ui, path)
    ui.until(lambda: ui.recipe.model.path == str(path))
    ui.frames(2)
    assert ui.app.session.recent[0] == str(path)


def test_of_several_dropped_files_one_is_opened_and_that_is_said(
    ui: Driver, tmp_path: Path
) -> None:
    drop(ui, tmp_path / "a.safetensors", tmp_path / "b.safetensors")
    ui.until(lambda: ui.recipe.model.path == str(tmp_path / "a.safetensors"))
    assert any("first of the 2 files" in text for text in ui.said)


def test_captures_carry_the_recipe_and_never_overwrite(ui: Driver) -> None:
    for _ in range(3):
        ui(lambda c: c.key_press(Key.s | Key.mod_ctrl))
    ui.until(lambda: len(list((ui.home / "captures").glob("*.png"))) == 3)
    for path in (ui.home / "captures").glob("*.png"):
        recipe = read_recipe(path)
        assert recipe.model.sha256 == MODEL.sha256
        assert msgspec.structs.replace(recipe, model=ui.recipe.model) == ui.recipe
        with Image.open(path) as image:
            assert image.size == (MODEL.resolution, MODEL.resolution)
    ui.until(lambda: ui.app.session.last_capture)


def test_the_window_is_captured_as_it_is_seen(ui: Driver) -> None:
    ui(lambda c: c.key_press(Key.s | Key.mod_ctrl | Key.mod_shift))
    ui.until(lambda: ui.app.session.last_capture)
    path = Path(ui.app.session.last_capture)
    assert path.name.startswith("window-")
    assert read_recipe(path) == ui.app.session.recipe
    with Image.open(path) as image:
        assert image.size == ui.window.framebuffer_size


def test_a_capture_folder_that_cannot_be_written_gives_a_sentence(ui: Driver) -> None:
    (ui.home / "captures").write_text("a file is in the way")
    ui.app.commands.do(actions.CaptureImage())
    ui.until(lambda: any("cannot be written" in text for text in ui.said))
    assert (ui.home / "captures").read_text() == "a file is in the way"


def test_without_a_picture_there_is_nothing_to_save(open_window: Open) -> None:
    ui = open_window(thread=FakeThread(answers=False))
    ui.app.commands.do(actions.CaptureImage())
    assert ui.said[-1] == "There is no picture to save yet."


def test_the_own_file_browser_opens_a_model(ui: Driver, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "net.pkl").touch()
    (tmp_path / "models" / "readme.txt").touch()

    def body(c: Any) -> None:
        c.key_press(Key.o | Key.mod_ctrl)
        c.yield_(2)
        c.item_click("//File browser/##path")
        c.key_chars_replace_enter(str(tmp_path))
        c.item_click("//File browser/**/###models")
        c.yield_(2)
        c.item_click("//File browser/**/###net.pkl")

    ui(body)
    assert ui.recipe.model.path == str(tmp_path / "models" / "net.pkl")
    assert ui.app._dialogs._browser is None


def test_the_own_file_browser_chooses_a_folder(ui: Driver, tmp_path: Path) -> None:
    def body(c: Any) -> None:
        c.menu_click("//##MainMenuBar/File/Choose capture folder…")
        c.yield_(2)
        c.item_click("//File browser/##path")
        c.key_chars_replace_enter(str(tmp_path))
        c.item_click("//File browser/Choose this folder")

    ui(body)
    assert ui.app.session.capture_folder == tmp_path


def test_the_own_file_browser_can_be_left(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.key_press(Key.o | Key.mod_ctrl)
        c.yield_(2)
        c.item_click("//File browser/##path")
        c.key_chars_replace_enter("/no/such/place")
        c.yield_(2)
        c.item_click("//File browser/Cancel")

    ui(body)
    assert ui.recipe.model.path == "demo"
    assert ui.app._dialogs._browser is None


# -- state ---------------------------------------------------------------------------------------


def test_everything_is_there_again_after_a_restart(open_window: Open) -> None:
    ui = open_window(state=State(options=Options(open_sections=("Prompt",))))
    ui.app.session.edit(OTHER)
    ui(lambda c: c.item_click("**/Noise##header"))
    ui.frames(2)
    options = ui.app.session.options
    ui = open_window()  # closes the first, which saves
    assert ui.recipe == OTHER
    assert ui.app.session.options == options
    assert ui.app.session.recent == ("demo",)


def test_the_state_is_saved_while_the_window_is_open(open_window: Open, tmp_path: Path) -> None:
    now_s = [100.0]
    ui = open_window(clock=lambda: now_s[0])
    ui.app.session.edit(OTHER)
    now_s[0] += 10.0
    ui.frames(2)
    ui.until(lambda: Store(tmp_path).load().recipe == OTHER)


def test_a_damaged_state_file_is_moved_aside_and_told(open_window: Open, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{ half a file")
    ui = open_window()
    assert any("damaged" in text for text in ui.said)
    assert (tmp_path / "state.broken.json").read_text() == "{ half a file"


def test_a_state_folder_that_cannot_be_written_is_told(open_window: Open, tmp_path: Path) -> None:
    now_s = [100.0]
    ui = open_window(clock=lambda: now_s[0])
    ui.app.saving._store.autosave._file.path = tmp_path / "nowhere" / "session.json"
    (tmp_path / "nowhere").write_text("a file")
    ui.app.session.edit(OTHER)
    now_s[0] += 10.0
    ui.until(lambda: any("Autosave does not work" in text for text in ui.said))


def test_the_window_has_its_size_again(open_window: Open, tmp_path: Path) -> None:
    open_window()
    open_window()
    saved = json.loads((tmp_path / "state.json").read_text("utf-8"))
    assert (saved["window"]["width"], saved["window"]["height"]) == (1280, 900)


# -- keys ----------------------------------------------------------------------------------------


def test_keys_step_the_seed_when_nobody_types(ui: Driver) -> None:
    first = FIRST_LATENT.seed
    for key, step in ((Key.right_arrow, 1), (Key.right_arrow, 2), (Key.left_arrow, 1)):
        ui(lambda c, key=key: c.key_press(key))
        assert ui.recipe.latent.seed == first + step
    ui(lambda c: c.key_press(Key.r))
    assert ui.recipe.latent.seed != first + 1


def test_arrows_step_the_seed_after_a_click_and_walk_after_tab(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.item_click("**/examples/a boat on the sea at night###2")
        c.key_press(Key.right_arrow)
        c.key_press(Key.right_arrow)
        c.yield_(2)

    ui(body)
    assert ui.recipe.latent.seed == FIRST_LATENT.seed + 2
    assert not imgui.get_io().nav_visible

    def walk(c: Any) -> None:
        c.item_click("**/examples/a boat on the sea at night###2")
        c.key_press(Key.tab)
        c.key_press(Key.right_arrow)
        c.yield_(2)

    ui(walk)
    assert ui.recipe.latent.seed == FIRST_LATENT.seed + 2


def test_keys_type_while_somebody_types(open_window: Open) -> None:
    ui = open_window(state=State(Recipe()))

    def body(c: Any) -> None:
        c.item_click("**/prompt0/##text")
        c.key_press(Key.right_arrow)
        c.key_press(Key.r)
        c.key_press(Key.escape)

    ui(body)
    assert ui.recipe.latent.seed == 0


def test_undo_and_redo_by_keys(ui: Driver) -> None:
    first = ui.recipe
    ui.app.session.edit(OTHER)
    ui(lambda c: c.key_press(Key.z | Key.mod_ctrl))
    assert ui.recipe == first
    ui(lambda c: c.key_press(Key.z | Key.mod_ctrl | Key.mod_shift))
    assert ui.recipe == OTHER
    ui(lambda c: c.key_press(Key.z | Key.mod_ctrl | Key.mod_shift))
    assert ui.said[-1] == "There is nothing to redo."


def test_escape_never_quits_and_ctrl_q_does(ui: Driver) -> None:
    ui(lambda c: c.key_press(Key.escape, 3))
    assert not ui.window.wants_close
    ui(lambda c: c.key_press(Key.q | Key.mod_ctrl))
    assert ui.window.wants_close


def test_the_overview_of_keys_opens_and_closes(ui: Driver) -> None:
    def body(c: Any) -> None:
        c.key_press(Key.f1)
        c.yield_(2)
        c.item_click("//Shortcuts/Close")

    ui(body)
    ui(lambda c: c.key_press(Key.r))  # keys work again
    assert ui.recipe.latent.seed != 0


def test_full_screen_and_back(ui: Driver) -> None:
    ui.app.commands.do(actions.ToggleFullscreen())
    ui.frames(3)
    assert ui.window.framebuffer_size == (1920, 1080)
    assert ui.window.size == (1280, 900)
    ui.app.commands.do(actions.ToggleFullscreen())
    ui.frames(3)
    assert ui.window.framebuffer_size == (1280, 900)


def test_the_menus_do_what_they_say(ui: Driver) -> None:
    first = ui.recipe
    ui(lambda c: c.menu_click("//##MainMenuBar/Edit/Next seed"))
    assert ui.recipe.latent.seed == FIRST_LATENT.seed + 1
    ui(lambda c: c.menu_click("//##MainMenuBar/Edit/Reset everything"))
    assert (ui.recipe.text, ui.recipe.latent) == (first.text, first.latent)
    ui(lambda c: c.menu_click("//##MainMenuBar/View/Larger text"))
    assert ui.app.session.options.zoom == pytest.approx(1.1)
    ui(lambda c: c.menu_click("//##MainMenuBar/View/Panels"))
    assert not ui.app.session.options.show_sidebar


def test_the_recipe_travels_over_the_clipboard(ui: Driver) -> None:
    ui.app.session.edit(OTHER)
    ui.app.commands.do(actions.CopyRecipe())
    ui.app.session.edit(Recipe())
    ui.app.commands.do(actions.PasteRecipe())
    assert ui.recipe == OTHER
    imgui.set_clipboard_text("nothing of this kind")
    ui.app.commands.do(actions.PasteRecipe())
    assert ui.recipe == OTHER
    assert ui.said[-1].startswith("There is no recipe on the clipboard.")


# -- looking at the picture ----------------------------------------------------------------------


def test_the_wheel_zooms_at_the_cursor_and_a_double_click_fits(ui: Driver) -> None:
    area = ui.app.layout.picture
    fitted = area.scale
    ui.app.commands.do(actions.ChooseTool("hand"))

    def zoom(c: Any) -> None:
        c.mouse_move_to_pos((700, 300))
        c.mouse_wheel_y(1)
        c.mouse_wheel_y(1)
        c.yield_(2)

    ui(zoom)
    assert area.scale == int(fitted) + 2
    assert area.view.centre != (0.0, 0.0)
    before = area.view.centre

    def drag(c: Any) -> None:
        c.mouse_down(0)
        c.mouse_move_to_pos((760, 340))
        c.mouse_up(0)

    ui(drag)
    moved = (area.view.centre[0] - before[0], area.view.centre[1] - before[1])
    assert moved == pytest.approx((60.0, 40.0), abs=1.0)
    ui(lambda c: c.mouse_double_click(0))
    assert area.view == View()
    assert area.scale == fitted


def test_pixels_are_shown_as_they_are_on_wish(ui: Driver) -> None:
    ui(lambda c: c.item_click("**/##MenuBar/###smooth"))
    assert ui.app.session.options == msgspec.structs.replace(Options(), smooth=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no X server")
def test_what_is_really_typed_arrives(open_window: Open) -> None:
    """The whole way: X server, glfw, Dear ImGui, panel, document."""
    import shutil
    import subprocess

    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    ui = open_window(state=State(Recipe()))
    handle = subprocess.run(
        ["xdotool", "search", "--name", "StyleGAN-T Explorer"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()[-1]
    words = "a boat, at night"
    script = [
        ["windowfocus", "--sync", handle],
        ["mousemove", "--window", handle, "200", "110", "click", "1"],
        ["type", "--window", handle, "--delay", "30", words],
    ]
    for command in script:
        process = subprocess.Popen(["xdotool", *command])
        while process.poll() is None:
            ui.frames(1)
        assert process.returncode == 0
        ui.frames(5)
    ui.until(lambda: ui.recipe.text.prompts[0].text == words)
    typed = [recipe.text.prompts[0].text for recipe in ui.thread.submitted]
    assert typed[-len(words) :] == [words[:end] for end in range(1, len(words) + 1)]


def test_a_dropped_file_is_named_before_it_is_read(ui: Driver, tmp_path: Path) -> None:
    drop(ui, tmp_path / "house.png")
    assert "Opening house.png…" in ui.said
