"""What is typed into the program's own file dialog."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace
from PIL import Image

from tests.visualizer.driver import Driver
from visualizer.services.dialogs import RECIPE, SAVE_SESSION, SESSION
from widgets.chrome.file_browser import FileBrowser
from widgets.chrome.file_list import Entry


@pytest.mark.parametrize("typed", ["n" * 300, "~nobody-of-this-name/x", "a\0b"])
def test_what_can_be_no_name_is_a_sentence(tmp_path: Path, typed: str) -> None:
    browser = FileBrowser("Open", tmp_path, (".json",))
    assert browser._enter(tmp_path / typed) is None
    assert browser.problem.endswith(".")


@pytest.mark.display
def test_a_file_is_found_by_its_name_and_taken_with_enter(ui: Driver, tmp_path: Path) -> None:
    for name in ("sea.png", "red house.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    ui.app.session.options = replace(ui.app.session.options, capture_folder=str(tmp_path))
    chosen: list[Path] = []
    ui.app._dialogs.ask(RECIPE, tmp_path, chosen.append)
    ui.frames(3)
    ui.until(lambda: ui.app.previews.known(("file", entry(ui, "sea.png"))))

    def body(c: Any) -> None:
        c.item_click("//File browser/##find")
        c.key_chars_replace_enter("red")

    ui(body)
    assert chosen == [tmp_path / "red house.png"]


@pytest.mark.display
@pytest.mark.parametrize(("typed", "name"), [("", "proposed.json"), ("mine", "mine.json")])
def test_one_saves_by_typing_a_name_and_enter(
    ui: Driver, tmp_path: Path, typed: str, name: str
) -> None:
    folder, chosen = tmp_path / "sessions", list[Path]()
    folder.mkdir()
    question = dataclasses.replace(SAVE_SESSION, name="proposed.json")
    ui.app._dialogs.ask(question, folder, chosen.append)
    ui.frames(4)

    def body(c: Any) -> None:
        c.key_chars(typed)
        c.key_press(imgui.Key.enter)

    ui(body)
    assert chosen == [folder / name]


@pytest.mark.display
def test_a_press_on_a_column_s_head_sorts(ui: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    folder.mkdir()
    for name, size in (("a.json", 9), ("b.json", 5)):
        (folder / name).write_bytes(bytes(size))
    ui.app._dialogs.ask(SESSION, folder, lambda path: None)
    ui.frames(3)
    ui(lambda c: c.table_click_header("//File browser/entries", "Size"))
    assert ui.app._dialogs._browser is not None
    entries = ui.app._dialogs._browser.files.entries
    assert [one.path.name for one in entries] == ["b.json", "a.json"]


def entry(ui: Driver, name: str) -> Entry:
    """An entry of the open dialog."""
    assert ui.app._dialogs._browser is not None
    return next(one for one in ui.app._dialogs._browser.files.entries if one.path.name == name)
