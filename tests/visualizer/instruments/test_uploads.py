"""Uploading a model from the window: asked first, seen while it goes, opened when it is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from renderer.errors import PictureError
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.uploads import Pace, Uploads, duration
from visualizer.options.renderer_place import Place
from visualizer.services.render_port import Renderers
from widgets.actions import OpenFiles
from widgets.controls.upload_view import UploadView
from widgets.picture.error_card import said_on

Open = Callable[..., Driver]
FOLDER = "/home/me/stylegan-t-uploads"


@dataclass(eq=False)
class FarThread(FakeThread):
    """A renderer on another computer that takes uploads slowly."""

    connected: bool = True
    uploads: str = FOLDER
    sent: list[Path] = field(default_factory=list)
    may_end: threading.Event = field(default_factory=threading.Event)
    refuses: str = ""
    gave_up: bool = False
    connecting: None = None

    def hurry(self) -> None:
        """There is no pause to end."""

    def asking(self, label: str) -> FarThread:
        """Itself."""
        return self

    def uploaded(self, path: Path, tell: Callable[[str, float], None]) -> str:
        """Send half of it, then wait."""
        self.sent.append(path)
        try:
            tell("Reading", 1.0)
            while not self.may_end.is_set():
                tell("Uploading", 0.5)
                time.sleep(0.002)
        except BaseException:
            self.gave_up = True
            raise
        if self.refuses:
            raise PictureError(self.refuses)
        return f"{FOLDER}/{path.name}"

    listed = opened_tower = None


@pytest.fixture
def far() -> FarThread:
    return FarThread()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "mine.pkl"
    path.write_bytes(b"\x80\x04" + bytes(2_000_000))
    return path


@pytest.fixture
def ui(open_window: Open, far: FarThread) -> Driver:
    place = Place(host="me@box")
    renderers = Renderers(lambda device: far, "auto", place, lambda place: lambda device: far)
    ui = open_window(thread=cast(FakeThread, renderers))
    ui.frames(2)
    return ui


def view(ui: Driver) -> UploadView:
    return next(iter(ui.app.instrument(Uploads).views(0.0)))  # type: ignore[return-value]


def dropped(ui: Driver, model: Path) -> None:
    ui.app.commands.do(OpenFiles((str(model),)))
    ui.until(lambda: view(ui).question)
    ui.frames(3)


def press(ui: Driver, button: str) -> None:
    """Press a button of the question, which is there again after a run of the engine has begun."""

    def body(c: Any) -> None:
        c.yield_(3)
        c.set_ref("//Upload")
        c.item_click(button)

    ui(body)


@pytest.mark.display
def test_a_dropped_model_is_uploaded_on_the_user_s_word_and_opened_there(
    ui: Driver, far: FarThread, model: Path
) -> None:
    before = ui.recipe.model.path
    dropped(ui, model)
    assert view(ui).question == "Upload mine.pkl (2 MB) to me@box?"
    assert FOLDER in view(ui).explained
    assert far.sent == []
    press(ui, "###upload")
    ui.until(lambda: "Uploading" in view(ui).doing)
    assert view(ui).doing == "Uploading mine.pkl, 1 MB of 2 MB"
    assert view(ui).share == 0.5
    assert ui.recipe.model.path == before  # one works on meanwhile
    far.may_end.set()
    ui.until(lambda: not view(ui).doing)
    ui.frames(2)
    assert ui.recipe.model.path == f"{FOLDER}/mine.pkl"


@pytest.mark.display
def test_an_upload_is_cancelled_on_its_card(ui: Driver, far: FarThread, model: Path) -> None:
    dropped(ui, model)
    press(ui, "###upload")
    ui.until(lambda: "Uploading" in view(ui).doing)
    ui.frames(2)
    ui(lambda c: c.item_click("//Picture/###cancel upload"))
    ui.until(lambda: far.gave_up)
    assert view(ui).doing == ""
    assert "nothing of it is left there" in ui.said[-1]
    dropped(ui, model)
    press(ui, "Cancel")
    ui.frames(2)
    assert len(far.sent) == 1
    assert not view(ui).question


@pytest.mark.display
def test_what_there_refuses_is_a_sentence(ui: Driver, far: FarThread, model: Path) -> None:
    far.refuses = "mine.pkl needs 2 MB in /home/me, where only 1 MB are free."
    far.may_end.set()
    dropped(ui, model)
    press(ui, "###upload")
    ui.until(lambda: far.refuses in ui.said)
    far.uploads = ""
    dropped(ui, model)
    assert "takes no uploads" in view(ui).explained
    assert not view(ui).possible
    far.connected = False
    assert "no connection" in view(ui).explained
    ui.frames(2)
    press(ui, "Close")
    ui.frames(2)
    assert len(far.sent) == 1


@pytest.mark.display
def test_a_model_that_is_not_there_but_here_is_offered(
    ui: Driver, far: FarThread, model: Path
) -> None:
    far.error, far.fault = f"There is no file {model}.", "missing there"
    ui.app.session.edit(with_model(ui, str(model)))
    ui.until(lambda: view(ui).offered == str(model))
    ui.frames(3)
    ui(lambda c: c.item_click("//Picture/###upload"))
    ui.until(lambda: view(ui).question)
    assert "mine.pkl" in view(ui).question
    far.error, far.fault = "There is no file /gone.pkl.", "missing there"
    ui.app.session.edit(with_model(ui, "/gone.pkl"))
    ui.until(lambda: not view(ui).offered)


@pytest.mark.display
def test_a_damaged_model_that_lies_on_both_computers_is_not_offered(
    ui: Driver, far: FarThread, model: Path
) -> None:
    far.error, far.fault = f"{model} is no model.", "model"
    ui.app.session.edit(with_model(ui, str(model)))
    ui.until(lambda: ui.app.session.error)
    ui.frames(2)
    assert not view(ui).offered


def with_model(ui: Driver, path: str) -> Any:
    return replace(ui.recipe, model=replace(ui.recipe.model, path=path))


def test_the_time_that_is_left_is_told_once_it_is_known() -> None:
    pace = Pace(Path("a.pkl"), 1_200_000_000)
    assert pace.words("Reading", 0.5, 0.0) == "Reading a.pkl"
    assert pace.words("Uploading", 0.0, 10.0) == "Uploading a.pkl, 0.1 MB of 1.2 GB"
    words = pace.words("Uploading", 0.25, 20.0)
    assert words == "Uploading a.pkl, 300 MB of 1.2 GB, 30 s left"
    assert [duration(s) for s in (0.2, 89, 200, 9000)] == ["1 s", "89 s", "3 min", "2.5 h"]


def test_an_error_says_which_computer_it_is_about_unless_it_is_this_one_or_is_named() -> None:
    missing = "There is no file at /models/a.pkl."
    assert said_on(missing, "box") == "This is about box, where the renderer is."
    assert said_on(missing, "") == ""
    assert said_on("There is no renderer at box: it is off.", "box") == ""
