"""The files of the renderer's computer, on their way to the dialog."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, cast

from renderer.errors import PictureError
from renderer.remote.calls import Listed, ListedFile
from visualizer.options.renderer_place import Place
from visualizer.services.background import Background
from visualizer.services.far_files import FarFiles, folder_of
from visualizer.services.render_port import Renderers
from widgets.chrome.far_browser import FarEntry

LISTED = Listed("/models", (ListedFile("b.pkl", False, 3), ListedFile("deep", True, 0)), ("/",))


class Renderer:
    """Lists slowly: its answers wait to be given."""

    def __init__(self) -> None:
        self.place = Place(host="me@box")
        self.waiting: list[tuple[Any, Future[Any]]] = []

    @property
    def now(self) -> Renderer:
        return self

    def run(self, work: Any, label: str) -> Future[Any]:
        self.waiting.append((work, Future()))
        return self.waiting[-1][1]

    def listed(self, path: str) -> Listed:
        if path == "/secret":
            raise PictureError("/secret is outside the folders that may be read.")
        return LISTED if path != "/other" else Listed("/other", (), ())

    def answer(self, index: int) -> None:
        work, future = self.waiting[index]
        try:
            future.set_result(work(self))
        except PictureError as error:
            future.set_exception(error)


def made() -> tuple[Renderer, Background, FarFiles]:
    renderer, background = Renderer(), Background(lambda: None)
    return renderer, background, FarFiles(cast(Renderers, renderer), background)


def test_folders_come_first_and_have_their_paths() -> None:
    folder = folder_of(LISTED)
    assert folder.entries == (
        FarEntry("deep", "/models/deep", True),
        FarEntry("b.pkl", "/models/b.pkl", False, 3),
    )
    assert folder.above == "/"
    assert folder_of(Listed("/", (ListedFile("a.pt", False, 1),), ())).entries[0].path == "/a.pt"
    windows = Listed("C:\\models", (ListedFile("a.pt", False, 1),), ())
    assert folder_of(windows).entries[0].path == "C:\\models\\a.pt"


def test_a_dialog_begins_in_the_first_folder_and_waits_for_it() -> None:
    renderer, background, files = made()
    browser = files.browser("Open a model")
    assert browser.heading == "Open a model on me@box"
    assert browser.waits
    renderer.answer(0)
    background.poll()
    assert not browser.waits
    assert browser.folder.path == "/models"
    background.close()


def test_only_the_newest_folder_that_was_asked_for_is_shown() -> None:
    renderer, background, files = made()
    browser = files.browser("Open a model")
    browser.list("/other")
    renderer.answer(1)
    background.poll()
    renderer.answer(0)
    background.poll()
    assert browser.folder.path == "/other"
    background.close()


def test_what_may_not_be_read_is_a_sentence() -> None:
    renderer, background, files = made()
    browser = files.browser("Open a model")
    browser.list("/secret")
    renderer.answer(1)
    background.poll()
    assert "outside the folders" in browser.folder.problem
    background.close()
