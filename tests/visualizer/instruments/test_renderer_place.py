"""Moving the renderer while the window is open."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from imgui_bundle import imgui

from renderer.remote.line_keeper import Connecting
from renderer.remote.wire import LineError
from tests.visualizer.driver import Driver
from tests.visualizer.fake import MODEL, FakeThread
from visualizer.instruments.renderer_place import RendererPlaces, ago
from visualizer.options.renderer_place import HERE, Place
from visualizer.services.render_port import Renderers
from visualizer.window.shared_glfw import glfw
from visualizer.window.window import TITLE
from widgets.actions import ShowDialog
from widgets.chrome.renderer_dialog import RendererPlace
from widgets.controls.place_view import ConnectingView, UseRenderer

pytestmark = pytest.mark.display
Open = Callable[..., Driver]


class World:
    """Threads by the place that they were made for."""

    def __init__(self) -> None:
        self.made: list[tuple[Place, FakeThread]] = []

    def makers(self, place: Place) -> Callable[[str], FakeThread]:
        def make(device: str) -> FakeThread:
            if place.host == "-bad":
                raise LineError("'-bad' is not the name of a computer: say user@host.")
            self.made.append((place, FakeThread()))
            return self.made[-1][1]

        return make

    def open(self, open_window: Open) -> Driver:
        renderers = Renderers(self.makers(HERE), "cpu", HERE, self.makers)
        return open_window(thread=cast(FakeThread, renderers))


def test_the_renderer_moves_and_the_picture_is_asked_for_again(open_window: Open) -> None:
    world = World()
    ui = world.open(open_window)
    ui.frames(3)
    ui.app.commands.do(UseRenderer("host", "me@box"))
    ui.frames(3)
    place, thread = world.made[-1]
    assert place == Place(host="me@box")
    assert thread.submitted[-1] == ui.app.session.recipe
    assert ui.app._dialogs.far is not None
    assert (view(ui).kind, view(ui).host, view(ui).name) == ("host", "me@box", "me@box")
    assert title(ui) == f"{MODEL.name} - on me@box - {TITLE}"
    ui.app.commands.do(UseRenderer("process"))
    ui.frames(3)
    assert world.made[-1][0] == Place(process=True)
    assert ui.app._dialogs.far is None
    assert view(ui).kind == "process"
    assert title(ui) == f"{MODEL.name} - {TITLE}"


def test_a_place_that_cannot_be_meant_is_a_sentence_and_all_stays(open_window: Open) -> None:
    world = World()
    ui = world.open(open_window)
    ui.app.commands.do(UseRenderer("host", "-bad"))
    ui.frames(2)
    assert "user@host" in ui.app.session.notices.all[-1].text
    assert ui.app.renderers.place == HERE
    assert len(world.made) == 1
    assert view(ui).known == ()


def test_computers_are_remembered_chosen_again_and_forgotten(
    open_window: Open, tmp_path: Path
) -> None:
    world = World()
    ui = world.open(open_window)
    ui.frames(2)

    def connect(c: Any) -> None:
        c.menu_click("//##MainMenuBar/File/Renderer/Another computer…")
        c.yield_(3)
        c.set_ref("//Renderer")
        assert imgui.is_any_item_active()  # one can type at once
        c.item_input_value("##Computer", "me@box")  # with Enter, which connects

    ui(connect)
    ui.frames(3)
    assert world.made[-1][0] == Place(host="me@box")
    docker = 'docker exec -i "my box" stylegan-t serve --stdio'
    ui.app.commands.do(UseRenderer("host", "", docker))
    ui.frames(3)
    assert [one.name for one in view(ui).known] == [docker, "me@box"]
    assert view(ui).known[0].used == "just now"

    ui = world.open(open_window)  # closes the first
    assert len(view(ui).known) == 2
    made = len(world.made)
    assert world.made[-1][0] == HERE  # none is connected to by itself
    ui(lambda c: c.menu_click("//##MainMenuBar/File/Renderer/###me@box "))
    ui.frames(3)
    assert len(world.made) == made + 1
    assert world.made[-1][0] == Place(host="me@box")
    assert [one.name for one in view(ui).known] == ["me@box", docker]
    ui.app.commands.do(ShowDialog("renderer"))
    ui.frames(3)

    def forget(c: Any) -> None:
        c.item_click(f"//Renderer/**/{docker_id(docker)}/###forget")
        c.key_press(imgui.Key.escape)

    ui(forget)
    assert [one.name for one in view(ui).known] == ["me@box"]
    ui.until(lambda: docker not in (tmp_path / "renderers.json").read_text())


def test_a_list_that_is_damaged_is_moved_aside(open_window: Open, tmp_path: Path) -> None:
    (tmp_path / "renderers.json").write_text('{"stylegan_t_library": "renderers", "items": 3}')
    ui = World().open(open_window)
    ui.until(lambda: any("renderers" in text for text in ui.said))
    assert view(ui).known == ()


def test_a_session_brings_no_computer_and_no_command(open_window: Open) -> None:
    ui = World().open(open_window)
    assert ui.app.instrument(RendererPlaces).state() is None
    assert not ui.app.instrument(RendererPlaces).name


@dataclass(eq=False)
class Away(FakeThread):
    """A renderer on another computer that is not reached."""

    answers: bool = False
    way: Connecting | None = None
    hurried: int = 0
    uploads: str = ""

    @property
    def connecting(self) -> Connecting | None:
        """The way to it."""
        return self.way

    @property
    def connected(self) -> bool:
        """Whether there is a line."""
        return self.way is None

    def hurry(self) -> None:
        """Connect now."""
        self.hurried += 1

    def asking(self, label: str) -> Any:
        """Nobody."""


def test_the_way_there_is_seen_step_by_step_and_left_at_any_time(open_window: Open) -> None:
    now_s = time.monotonic()
    away = Away(way=Connecting("calling", now_s, said="srun: job 7 queued"))
    made: list[Place] = []

    def makers(place: Place) -> Callable[[str], Any]:
        made.append(place)
        return lambda device: away if place.elsewhere else FakeThread()

    place = Place(host="me@box")
    renderers = Renderers(makers(place), "auto", place, makers)
    ui = open_window(thread=cast(FakeThread, renderers))
    ui.frames(3)
    assert way(ui).step == "calling"
    assert way(ui).said == "srun: job 7 queued"
    assert view(ui).known == ()  # it has not answered yet
    away.way = Connecting("pausing", now_s, now_s + 900, 1, "the host is down.")
    ui.frames(3)
    assert way(ui).why == "the host is down."
    assert way(ui).pause_s > 60
    ui(lambda c: c.item_click("//Picture/###now"))
    assert away.hurried == 1
    away.way = None
    ui.frames(3)
    assert not way(ui).place
    assert [one.name for one in view(ui).known] == ["me@box"]
    away.way = Connecting("starting", now_s)
    ui.frames(2)
    assert not way(ui).place  # it may be there again in a moment
    keeper = ui.app.instrument(RendererPlaces)
    assert keeper._lost_s is not None
    keeper._lost_s -= 10
    ui.frames(3)
    assert way(ui).lost
    ui(lambda c: c.item_click("//Picture/###here"))
    ui.frames(2)
    assert made[-1] == HERE
    assert not way(ui).place


def test_times_are_told_in_words() -> None:
    known = [ago(s) for s in (-5, 60, 600, 7200, 90_000, 400_000)]
    assert known == ["just now", "just now", "10 min ago", "2 h ago", "25 h ago", "5 days ago"]


def docker_id(command: str) -> str:
    """The scope of its row, as the driver writes it."""
    return f" {command}".replace("/", "\\/")


def title(ui: Driver) -> str:
    """What the window's title bar says."""
    return str(glfw.get_window_title(ui.app.window.handle))


def view(ui: Driver) -> RendererPlace:
    """What the dialog is told."""
    ui.frames(2)
    return ui.app._context(ui.app._clock()).see(RendererPlace)


def way(ui: Driver) -> ConnectingView:
    """What the card is told."""
    return ui.app._context(ui.app._clock()).see(ConnectingView)
