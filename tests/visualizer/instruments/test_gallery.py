"""The gallery in the real window: what is seen is decoded, what is searched is read."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imgui_bundle import imgui

from renderer.files import image_folder
from renderer.files.image_folder import ImageFile
from renderer.files.images import encode, read_recipe
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import LatentPart, Prompt, Recipe, TextPart, to_json
from renderer.timeline.serialization import timeline_to_json
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.visualizer.conftest import Open
from tests.visualizer.driver import Driver
from visualizer.instruments import capture_files, gallery
from visualizer.instruments.gallery import Gallery
from visualizer.session import dropped_files
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.timeline_view import TimelineView
from widgets.tabs.gallery import GalleryView
from widgets.tabs.gallery_trash import Trash

pytestmark = pytest.mark.display

Right = imgui.MouseButton_.right
OPEN = State(Recipe(), Options(drawer="Gallery", drawer_em=16.0, open_sections=()))


def put(folder: Path, name: str, words: str = "a house", age_s: float = 0.0, seed: int = 0) -> Path:
    """A capture that is `age_s` old."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    recipe = Recipe(text=TextPart((Prompt(words),)), latent=LatentPart(seed=seed))
    pixels = np.full((32, 32, 3), (seed * 40 % 256, 90, 30), np.uint8)
    path.write_bytes(encode(pixels, recipe, path.suffix))
    os.utime(path, (1e9 - age_s, 1e9 - age_s))
    return path


def view(ui: Driver) -> GalleryView:
    return ui.app._context(0.0).see(GalleryView)


def names(ui: Driver) -> list[str]:
    return [file.name for file in view(ui).files]


def look_again(ui: Driver) -> None:
    """As if the pause between two looks at the folder were over."""
    item = ui.app.instrument(Gallery)
    item._asked_s = float("-inf")
    ui.frames(1)


def shown(ui: Driver, file: ImageFile) -> bool:
    return ui.app.previews.known(file) is not None


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    return tmp_path / "captures"


def test_a_closed_gallery_reads_nothing(
    open_window: Open, captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(captures, "a.png")
    monkeypatch.setattr(gallery, "listed", None)
    ui = open_window()
    ui.frames(10)
    assert not view(ui).listed


def test_captures_are_shown_newest_first_with_their_words(
    open_window: Open, captures: Path
) -> None:
    put(captures, "old.png", "a boat", 100)
    put(captures, "new.webp", "a house")
    ui = open_window(state=OPEN)
    ui.until(lambda: len(view(ui).facts) == 2)
    assert names(ui) == ["new.webp", "old.png"]
    assert [view(ui).facts[file].words for file in view(ui).files] == ["a house", "a boat"]
    assert all(shown(ui, file) for file in view(ui).files)


def test_a_click_restores(open_window: Open, captures: Path) -> None:
    path = put(captures, "a.png", "a boat", seed=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).files)
    ui(lambda c: c.item_click("**/a.png/picture"))
    ui.until(lambda: ui.recipe == read_recipe(path))
    assert ui.said[-1].startswith("Restored everything from a.png.")
    ui.app.session.document.undo()
    assert ui.recipe == Recipe()


def test_what_is_saved_appears(open_window: Open) -> None:
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).listed)
    assert view(ui).total == 0
    ui(lambda c: c.key_press(imgui.Key.s | imgui.Key.mod_ctrl))
    ui.until(lambda: ui.app.session.last_capture)
    look_again(ui)
    ui.until(lambda: view(ui).total == 1)


def test_an_unchanged_folder_is_not_read_again(
    open_window: Open, captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(captures, "a.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).files)
    monkeypatch.setattr(gallery, "listed", None)
    look_again(ui)
    ui.frames(20)
    assert names(ui) == ["a.png"]


def test_a_folder_that_vanishes_is_empty_and_comes_back(open_window: Open, captures: Path) -> None:
    path = put(captures, "a.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).files)
    path.unlink()
    captures.rmdir()
    look_again(ui)
    ui.until(lambda: not view(ui).files)
    assert view(ui).problem == ""
    put(captures, "b.png")
    look_again(ui)
    ui.until(lambda: names(ui) == ["b.png"])


def test_another_capture_folder_is_another_gallery(
    open_window: Open, captures: Path, tmp_path: Path
) -> None:
    put(captures, "a.png")
    put(tmp_path / "other", "b.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: names(ui) == ["a.png"])
    ui.app.session.options = Options(drawer="Gallery", capture_folder=str(tmp_path / "other"))
    ui.until(lambda: names(ui) == ["b.png"])


def test_hostile_files_are_shown_as_broken(open_window: Open, captures: Path) -> None:
    captures.mkdir()
    (captures / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (captures / "b.jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    (captures / "c.png").write_bytes(encode(np.zeros((9, 9, 3), np.uint8), None, ".png"))
    ui = open_window(state=OPEN)
    ui.until(lambda: len(view(ui).facts) == 3)
    facts = {file.name: known for file, known in view(ui).facts.items()}
    assert all(known.broken.endswith(".") for known in facts.values())
    assert [facts[name].shows for name in ("a.png", "b.jpg", "c.png")] == [False, False, True]
    before = ui.recipe
    ui(lambda c: c.item_click("**/a.png/picture"))
    ui.until(lambda: any("a.png" in text for text in ui.said))
    assert ui.recipe == before


def test_only_what_can_be_seen_is_decoded(open_window: Open, captures: Path) -> None:
    first = put(captures, "0000.png", age_s=1)
    for index in range(1, 400):
        os.link(first, captures / f"{index:04d}.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).total == 400 and view(ui).facts)
    ui.frames(60)
    ui.until(lambda: not _decoding(ui))
    decoded = len(view(ui).facts)
    assert 5 < decoded < 60
    assert not shown(ui, view(ui).files[-1])

    def scroll(c: Any) -> None:
        c.mouse_move("**/0398.png/picture")
        c.mouse_wheel_y(-500)

    ui(scroll)
    ui.until(lambda: shown(ui, view(ui).files[-1]))
    assert len(view(ui).facts) < 150


def _decoding(ui: Driver) -> set[ImageFile]:
    return ui.app.instrument(Gallery)._decoding


# -- searching -----------------------------------------------------------------------------------


def search(ui: Driver, words: str) -> None:
    def body(c: Any) -> None:
        c.item_click("**/search/##text")
        c.key_chars_replace(words)
        c.yield_(2)

    ui(body)


def test_prompts_and_names_are_searched(open_window: Open, captures: Path) -> None:
    for index, words in enumerate(("A red house", "a red boat", "日本の家")):
        put(captures, f"{index}.png", words, index)
    put(captures, "red-hill.png", "something else", 9)
    (captures / "broken-red.png").write_bytes(b"nothing")
    os.utime(captures / "broken-red.png", (1, 1))
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).total == 5)
    search(ui, "red")
    ui.until(lambda: not view(ui).searching)
    assert names(ui) == ["0.png", "1.png", "red-hill.png", "broken-red.png"]
    search(ui, "HOUSE a red")
    assert names(ui) == ["0.png"]
    search(ui, "家")
    assert names(ui) == ["2.png"]
    search(ui, "nowhere")
    assert names(ui) == []
    search(ui, "")
    assert len(names(ui)) == 5


def test_recipes_are_read_only_for_a_search_and_once(
    open_window: Open, captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    real = image_folder.facts

    def counted(path: Path) -> image_folder.Facts:
        read.append(path)
        return real(path)

    monkeypatch.setattr(gallery, "facts", counted)
    first = put(captures, "0000.png", "a boat", 1)
    for index in range(1, 300):
        os.link(first, captures / f"{index:04d}.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).total == 300 and not _decoding(ui) and view(ui).facts)
    ui.frames(60)
    assert len(read) < 60
    search(ui, "boat")
    ui.until(lambda: not view(ui).searching)
    assert len(view(ui).files) == 300
    count = len(read)
    search(ui, "boats")
    ui.frames(5)
    assert len(read) == count


# -- the menu ------------------------------------------------------------------------------------


def choose(ui: Driver, name: str, entry: str) -> str:
    """Right-click a picture and take an entry; returns what is on the clipboard then."""
    texts: list[str] = []

    def body(c: Any) -> None:
        imgui.set_clipboard_text("")
        c.item_click(f"**/{name}/picture", Right)
        c.item_click(f"//$FOCUSED/{entry}")
        while entry.startswith("Copy") and not imgui.get_clipboard_text():
            c.yield_(1)
        texts.append(imgui.get_clipboard_text())  # while the driver holds it

    ui(body)
    return texts[0]


def test_the_menu_copies_the_command_and_the_path(open_window: Open, captures: Path) -> None:
    path = put(captures, "a.png", "a boat", seed=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).facts)
    assert "render --model demo --prompt 'a boat' --seed 5" in choose(ui, "a.png", "Copy command")
    assert choose(ui, "a.png", "Copy path") == str(path)


def test_the_command_of_a_sheet_draws_the_sheet(open_window: Open, captures: Path) -> None:
    captures.mkdir()
    path = captures / "sheet one.png"
    path.write_bytes(encode(np.zeros((9, 9, 3), np.uint8), Recipe(), ".png", sheet=Sheet()))
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).facts)
    words = shlex.split(choose(ui, "sheet one.png", "Copy command"))
    assert words[-5:] == ["grid", "--recipe", str(path), "--out", "again-sheet one.png"]


def test_the_menu_restores_and_shows_the_folder(
    open_window: Open, captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: list[Path] = []
    monkeypatch.setattr(
        dropped_files, "show_in_file_manager", lambda folder: not folders.append(folder)
    )
    path = put(captures, "a.png", "a boat", seed=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).facts)
    choose(ui, "a.png", "Show in the file manager")
    assert folders == [captures]
    choose(ui, "a.png", "Restore")
    ui.until(lambda: ui.recipe == read_recipe(path))


def test_json_beside_the_captures_is_no_picture(open_window: Open, captures: Path) -> None:
    captures.mkdir()
    (captures / "a.json").write_text(to_json(Recipe()))
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).listed)
    assert view(ui).total == 0


# -- the files themselves --------------------------------------------------------------------------


def test_a_capture_is_deleted_and_brought_back(open_window: Open, captures: Path) -> None:
    path = put(captures, "a.png")
    put(captures, "b.png", age_s=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: len(names(ui)) == 2 and view(ui).facts)
    choose(ui, "a.png", "Delete")
    ui.until(lambda: names(ui) == ["b.png"])
    assert not path.exists()
    ui(lambda c: c.item_click("**/###undelete"))
    ui.until(lambda: names(ui) == ["a.png", "b.png"])
    assert path.exists()
    assert not view(ui).deleted


def test_the_trash_is_emptied_once_one_has_said_so_again(open_window: Open, captures: Path) -> None:
    put(captures, "a.png")
    put(captures, "b.png", age_s=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: len(names(ui)) == 2 and view(ui).facts)
    assert view(ui).trash == Trash()
    choose(ui, "a.png", "Delete")
    ui.until(lambda: view(ui).trash.count == 1)

    def answer(button: str) -> None:
        def body(c: Any) -> None:
            c.item_click("**/###trash")
            c.item_click(f"//$FOCUSED/###{button}")

        ui(body)

    answer("keep")
    assert capture_files.trash(captures).count == 1
    answer("empty")
    ui.until(lambda: view(ui).trash == Trash())
    assert [file.name for file in captures.iterdir()] == ["b.png"]
    assert not view(ui).deleted
    assert ui.said[-1] == "The trash is empty: 1 capture is deleted permanently."


def test_a_capture_is_renamed_in_its_menu(open_window: Open, captures: Path) -> None:
    put(captures, "a.png")
    ui = open_window(state=OPEN)
    ui.until(lambda: view(ui).facts)

    def body(c: Any) -> None:
        c.item_click("**/a.png/picture", Right)
        c.item_click("//$FOCUSED/Rename")
        c.item_input("//$FOCUSED/##name")
        c.key_chars_replace_enter("the best")

    ui(body)
    ui.until(lambda: names(ui) == ["the best.png"])


def test_starred_captures_can_be_shown_alone(open_window: Open, captures: Path) -> None:
    put(captures, "a.png")
    put(captures, "b.png", age_s=5)
    ui = open_window(state=OPEN)
    ui.until(lambda: len(view(ui).facts) == 2)
    choose(ui, "b.png", "Star")
    ui.until(lambda: view(ui).starred == {"b.png"})
    ui(lambda c: c.item_click("**/###stars"))
    assert names(ui) == ["b.png"]
    again = open_window(state=OPEN)
    again.until(lambda: view(again).starred == {"b.png"})


def test_clips_are_shown_with_their_length_and_open_their_timeline(
    open_window: Open, captures: Path
) -> None:
    captures.mkdir()
    keys = (KeyFrame(0.0, Recipe(text=TextPart((Prompt("a boat"),)))), KeyFrame(2.5, Recipe()))
    timeline = Timeline(keys=keys, length_s=2.5)
    text = timeline_to_json(timeline)
    (captures / "clip.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(12) + text.encode())
    (captures / "broken.gif").write_bytes(b"GIF89a")
    ui = open_window(state=OPEN)
    ui.until(lambda: len(view(ui).facts) == 2)
    facts = {file.name: known for file, known in view(ui).facts.items()}
    assert (facts["clip.mp4"].words, facts["clip.mp4"].length_s) == ("a boat", 2.5)
    assert facts["broken.gif"].broken
    ui(lambda c: c.item_click("**/clip.mp4/picture"))
    ui.until(lambda: ui.app._context(0.0).see(TimelineView).timeline == timeline)
