"""The files of the renderer's computer, on their way to the file dialog."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, cast

from renderer.errors import PictureError
from renderer.remote.calls import Listed, ListedFile
from visualizer.options.renderer_place import Place
from visualizer.services.background import Background
from visualizer.services.far_files import FarFiles, folder_of
from visualizer.services.render_port import Renderers
from widgets.chrome.file_browser import FileBrowser
from widgets.chrome.file_list import Entry

MODELS = PurePosixPath("/models")
FILES = (ListedFile("b.pkl", False, 3, 1700), ListedFile("deep", True, 0, 1800))
LISTED = Listed("/models", FILES, ("/",))
SUFFIXES = (".pkl",)


class Renderer:
    """Lists slowly: its answers wait to be given."""

    def __init__(self) -> None:
        self.place = Place(host="me@box")
        self.waiting: list[tuple[str, Future[Any]]] = []

    def far(self, label: str) -> Renderer:
        return self

    def listed(self, path: str, kind: str) -> Future[Any]:
        assert kind == "model"
        self.waiting.append((path, Future()))
        return self.waiting[-1][1]

    def answer(self, index: int) -> None:
        path, future = self.waiting[index]
        if path == "/secret":
            future.set_exception(PictureError("/secret is outside the folders that may be read."))
        elif path == "/models/b.pkl":
            future.set_result(Listed("/models", FILES, ("/",), path))
        else:
            future.set_result(LISTED if path != "/other" else Listed("/other", (), ()))


class World:
    def __init__(self) -> None:
        self.renderer, self.background = Renderer(), Background(lambda: None)
        source = FarFiles(cast(Renderers, self.renderer), self.background, "model")
        self.browser = FileBrowser("Open a model", "", SUFFIXES, source=source)

    def answer(self, index: int) -> None:
        self.renderer.answer(index)
        self.background.poll()


def test_paths_are_those_of_the_system_there() -> None:
    found = folder_of(LISTED)
    assert found.folder == MODELS
    assert found.above == PurePosixPath("/")
    assert found.entries == [
        Entry(MODELS / "b.pkl", False, 1700.0, 3),
        Entry(MODELS / "deep", True, 1800.0, 0),
    ]
    windows = folder_of(Listed("C:\\models", (ListedFile("a.pt", False, 1),), ("C:\\",)))
    assert windows.entries[0].path == PureWindowsPath("C:\\models\\a.pt")
    odd = folder_of(Listed("/a\\b", (ListedFile("a.pt", False, 1),), ()))
    assert str(odd.entries[0].path) == "/a\\b/a.pt"


def test_a_dialog_waits_for_the_first_folder_and_sorts_it_as_any_other() -> None:
    world = World()
    assert world.browser.waits
    assert world.browser.source.place == "me@box"
    world.answer(0)
    assert not world.browser.waits
    assert world.browser.typed == "/models"
    assert [one.path.name for one in world.browser.files.entries] == ["deep", "b.pkl"]
    world.background.close()


def test_only_the_newest_folder_that_was_asked_for_is_shown() -> None:
    world = World()
    world.browser.go("/other")
    world.answer(1)
    world.answer(0)
    assert world.browser.folder == PurePosixPath("/other")
    assert world.browser._above is None
    world.background.close()


def test_what_may_not_be_read_is_a_sentence_and_the_folder_stays() -> None:
    world = World()
    world.answer(0)
    world.browser.go("/secret")
    world.answer(1)
    assert "outside the folders" in world.browser.problem
    assert world.browser.folder == MODELS
    assert len(world.browser.files.entries) == 2
    world.background.close()


def test_a_file_s_path_that_is_typed_chooses_it() -> None:
    world = World()
    world.answer(0)
    world.browser.go("/models/b.pkl")
    world.answer(1)
    assert world.browser._chosen == MODELS / "b.pkl"
    world.background.close()


def test_a_renderer_that_has_moved_home_meanwhile_is_told() -> None:
    world = World()
    world.answer(0)
    world.renderer.far = lambda label: None  # type: ignore[method-assign,assignment,return-value]
    world.browser.go("/other")
    assert world.browser.problem
    assert not world.browser.waits
    world.background.close()
