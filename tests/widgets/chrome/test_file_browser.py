"""What is typed into the program's own file dialog."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from imgui_bundle import imgui
from msgspec.structs import replace
from PIL import Image

from tests.visualizer.driver import Driver
from visualizer.services.dialogs import MODEL, RECIPE, SAVE_SESSION, SESSION
from widgets.chrome.file_browser import FileBrowser
from widgets.chrome.file_list import Entry
from widgets.chrome.file_source import FoundFolder


def test_a_path_that_is_not_there_is_a_sentence_and_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    browser = FileBrowser("Open", str(tmp_path), (".json",))
    for typed in ("n" * 300, str(tmp_path / "no.json"), "/no/such/place"):
        browser.go(typed)
        assert browser.problem.endswith(".")
        assert browser.folder == tmp_path
        assert len(browser.files.entries) == 1
    folders = FileBrowser("Choose", str(tmp_path))
    folders.go(str(tmp_path / "a.json"))
    assert folders.problem == f"There is no folder {tmp_path / 'a.json'}."


def test_a_path_to_save_as_need_not_be_there(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    browser = FileBrowser("Save", str(tmp_path), (".json",), "proposed.json")
    browser.go(str(tmp_path / "deep" / "mine.json"))
    assert (browser.folder, browser.name, browser.problem) == (tmp_path / "deep", "mine.json", "")


class Far:
    """The files of another computer; they come at once."""

    place, home = "me@box", "The first folder"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(
        self, path: str, suffixes: tuple[str, ...], answer: Callable[[FoundFolder], None]
    ) -> None:
        self.asked.append(path)
        home, runs = PurePosixPath("/home/me"), PurePosixPath("/home/me/runs")
        known = {
            "": FoundFolder(home, [Entry(runs, True), Entry(home / "a.pkl", False, 9.0, 5)]),
            str(runs): FoundFolder(runs, [Entry(runs / "best.pkl", False, 9.0, 7)], home),
        }
        answer(known.get(path, FoundFolder(problem=f"{path} cannot be read.")))


@pytest.mark.display
def test_a_model_is_found_in_a_folder_of_another_computer(ui: Driver) -> None:
    far, chosen = Far(), list[str]()
    ui.app._dialogs.far = lambda question: far
    folder = ui.app.session.capture_folder
    ui.app._dialogs.ask_renderer(MODEL, folder, lambda path: None, chosen.append)
    ui.frames(3)

    def body(c: Any) -> None:
        c.item_click("//File browser/##find")
        c.key_chars_replace_enter("run")
        c.yield_(2)
        c.item_click("//File browser/**/###best.pkl")

    ui(body)
    ui.frames(2)
    assert far.asked == ["", "/home/me/runs"]
    assert chosen == ["/home/me/runs/best.pkl"]
    assert ui.app._dialogs._browser is None


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
