"""Moving the renderer while the window is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from msgspec import Raw

from renderer.remote.wire import LineError
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.instruments.renderer_place import LastHost, RendererPlaces
from visualizer.options.renderer_place import HERE, Place
from visualizer.services.render_port import Renderers
from widgets.actions import ShowDialog
from widgets.chrome.renderer_dialog import RendererPlace, UseRenderer

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
    assert view(ui) == RendererPlace("host", "me@box")
    ui.app.commands.do(UseRenderer("process", "me@box"))
    ui.frames(3)
    assert world.made[-1][0] == Place(process=True)
    assert ui.app._dialogs.far is None
    assert view(ui) == RendererPlace("process", "me@box")


def test_a_place_that_cannot_be_meant_is_a_sentence_and_all_stays(open_window: Open) -> None:
    world = World()
    ui = world.open(open_window)
    ui.app.commands.do(UseRenderer("host", "-bad"))
    ui.frames(2)
    assert "user@host" in ui.app.session.notices.all[-1].text
    assert ui.app.renderers.place == HERE
    assert len(world.made) == 1


def test_the_dialog_is_filled_in_and_connects(open_window: Open) -> None:
    world = World()
    ui = world.open(open_window)
    ui.frames(2)
    ui.app.commands.do(ShowDialog("renderer"))
    ui.frames(3)

    def body(c: Any) -> None:
        c.set_ref("//Renderer")
        c.item_click("**/On another computer")
        c.item_input_value("##Computer", "me@box")
        c.item_click("###use")

    ui(body)
    ui.frames(3)
    assert world.made[-1][0] == Place(host="me@box")


def test_the_last_computer_is_remembered_and_never_connected_to(open_window: Open) -> None:
    world = World()
    ui = world.open(open_window)
    keeper = ui.app.instrument(RendererPlaces)
    assert keeper.restore(Raw(b'{"host":"me@box","command":""}')) is None
    assert keeper.state() == LastHost("me@box")
    assert view(ui) == RendererPlace("thread", "me@box")
    assert len(world.made) == 1
    assert keeper.restore(Raw(b'{"host":3}')) is not None
    assert keeper.state() == LastHost()


def view(ui: Driver) -> RendererPlace:
    """What the dialog is told."""
    ui.frames(2)
    return ui.app._context(ui.app._clock()).see(RendererPlace)
