"""Choosing a model on the computer of the renderer."""

from __future__ import annotations

from typing import Any

import pytest
from imgui_bundle import icons_fontawesome_6 as icons
from imgui_bundle import imgui

from tests.visualizer.driver import Driver
from widgets.chrome.far_browser import FarBrowser, FarEntry, FarFolder

RUN = FarEntry("best.safetensors", "/home/me/runs/best.safetensors", False, 7)
HOME = FarFolder(
    "/home/me",
    "",
    (FarEntry("runs", "/home/me/runs", True), FarEntry("a.pkl", "/home/me/a.pkl", False, 5)),
)
RUNS = FarFolder("/home/me/runs", "/home/me", (RUN,))


class Far:
    """Answers at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.made: list[FarBrowser] = []

    def browser(self, heading: str) -> FarBrowser:
        def ask(path: str) -> None:
            self.asked.append(path)
            known = {"": HOME, HOME.path: HOME, RUNS.path: RUNS}
            self.made[-1].show(known.get(path, FarFolder(problem=f"{path} cannot be read.")))

        self.made.append(FarBrowser(f"{heading} on me@box", ask))
        ask("")
        return self.made[-1]


@pytest.mark.display
def test_a_model_is_found_in_a_folder_there(ui: Driver) -> None:
    far, chosen = Far(), list[str]()
    ui.app._dialogs.far = far  # pyright: ignore[reportAttributeAccessIssue]
    ui.app._dialogs.ask_for_model(ui.app.session.capture_folder, lambda path: None, chosen.append)
    ui.frames(4)

    assert far.made[-1].heading == "Open a model on me@box"
    press(ui, "runs")
    assert far.asked == ["", "/home/me/runs"]
    press(ui, "best")
    assert chosen == ["/home/me/runs/best.safetensors"]
    assert ui.app._dialogs._far_browser is None


def press(ui: Driver, words: str) -> None:
    """Narrow the list to one entry, and press it."""
    browser = ui.app._dialogs._far_browser
    assert browser is not None
    entry = next(one for one in browser.folder.entries if words in one.name)

    def body(c: Any) -> None:
        c.set_ref("//Far files")
        c.item_click(f"**/{entry_label(entry)}")

    ui(body)
    ui.frames(3)


def entry_label(entry: FarEntry) -> str:
    """The label of a row."""
    icon = icons.ICON_FA_FOLDER if entry.inside else icons.ICON_FA_CUBE
    return f"{icon}  {entry.name}##{entry.path}".replace("/", "\\/")


def test_a_problem_keeps_the_folder_that_was_shown() -> None:
    browser = FarBrowser("Open", lambda path: None)
    browser.show(HOME)
    browser.show(FarFolder(problem="That cannot be read."))
    assert browser.folder.path == HOME.path
    assert browser.folder.problem == "That cannot be read."
    browser.show(RUNS)
    assert browser.folder == RUNS


@pytest.mark.display
def test_escape_closes_it_without_a_choice(ui: Driver) -> None:
    far, chosen = Far(), list[str]()
    ui.app._dialogs.far = far  # pyright: ignore[reportAttributeAccessIssue]
    ui.app._dialogs.ask_for_model(ui.app.session.capture_folder, lambda path: None, chosen.append)
    ui.frames(4)
    ui(lambda c: c.key_press(imgui.Key.escape))
    ui.frames(3)
    assert ui.app._dialogs._far_browser is None
    assert chosen == []
