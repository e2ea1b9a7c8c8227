"""The workers beside a renderer, chosen while the window is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from renderer.models.device import DeviceError
from renderer.pipeline.painter import MakeWorker
from tests.renderer.pipeline.crew import Hand
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeThread
from visualizer.options.renderer_place import HERE, Place
from visualizer.services.render_port import Renderers
from widgets.actions import ShowDialog
from widgets.chrome.worker_rows import WorkersView, counted

pytestmark = pytest.mark.display
Open = Callable[..., Driver]


class World:
    """Renderers of which each worker is held in the hand."""

    def __init__(self, place: Place = HERE) -> None:
        self.hands, self.made = list[Hand](), list[tuple[Place, str]]()
        makers = self._makers
        self.renderers = Renderers(makers(place), "cpu", place, makers, self._workers)

    def _makers(self, place: Place) -> Callable[[str], FakeThread]:
        def make(device: str) -> FakeThread:
            self.made.append((place, device))
            return FakeThread()

        return make

    def _workers(self, place: Place, thread: Any) -> Sequence[MakeWorker]:
        if place.workers == "auto" or not place.here:
            return ()
        if place.workers == "bad":
            raise DeviceError("There is no such device.")
        return [self._hand] * len(place.workers.split(","))

    def _hand(self, wake: Callable[[], None]) -> Hand:
        self.hands.append(Hand("cpu", wake))
        return self.hands[-1]


def view(ui: Driver) -> WorkersView:
    """What the dialog is told."""
    ui.frames(2)
    return ui.app._context(ui.app._clock()).see(WorkersView)


def typed(ui: Driver, text: str, host: str = "") -> None:
    """Type workers into the dialog, and a computer or the place in use, and press its button."""
    ui.app.commands.do(ShowDialog("renderer"))
    ui.frames(3)

    def fill(c: Any, box: str, value: str) -> None:
        c.item_click(box)
        c.key_chars_replace(value)

    def body(c: Any) -> None:
        c.set_ref("//Renderer")
        if host:
            fill(c, "##Computer", host)
        else:
            c.item_click("**/In this program")
        fill(c, "##workers", text)
        c.item_click("**/###use")

    ui(body)
    ui.frames(2)


def test_they_are_typed_in_the_dialog_and_what_they_tell_is_told(open_window: Open) -> None:
    world = World()
    ui = open_window(thread=cast(FakeThread, world.renderers))
    ui.frames(3)
    assert view(ui) == WorkersView("auto", 0, 0)
    typed(ui, "cpu,cpu")
    assert view(ui) == WorkersView("cpu,cpu", 2, 0)
    assert len(world.made) == 1, "the renderer itself goes on"
    world.renderers.pool.draw(ui.app.session.recipe, "a picture")
    world.hands[0].arrive()
    assert view(ui) == WorkersView("cpu,cpu", 2, 1)
    world.hands[0].notes = ["The worker on cpu stopped."]
    ui.frames(3)
    assert ui.said[-1] == "The worker on cpu stopped."
    typed(ui, "bad")
    assert ui.said[-1] == "There is no such device."
    assert view(ui).wanted == "cpu,cpu"
    assert world.renderers.share("auto") is False
    assert [hand.stopped for hand in world.hands] == [True, True]


def test_one_button_moves_the_renderer_and_chooses_its_workers(open_window: Open) -> None:
    world = World()
    ui = open_window(thread=cast(FakeThread, world.renderers))
    ui.frames(3)
    typed(ui, "cuda:1,cuda:2", "me@box")
    assert world.made[1:] == [(Place(host="me@box", workers="cuda:1,cuda:2"), "auto")]
    assert view(ui).wanted == "cuda:1,cuda:2"


def test_a_renderer_elsewhere_is_started_again_with_its_workers() -> None:
    world = World(Place(host="me@box"))
    assert world.renderers.share("cuda:1")
    assert world.made[-1] == (Place(host="me@box", workers="cuda:1"), "cpu")


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (WorkersView(), "There are no workers now: one device does everything."),
        (WorkersView("1", 1, 0), "1 worker; it starts with the first work that can be shared."),
        (WorkersView("1", 1, 1), "1 worker, ready."),
        (WorkersView("2", 2, 1), "2 workers, 1 of them ready."),
    ],
)
def test_their_number_is_a_sentence(shown: WorkersView, sentence: str) -> None:
    assert counted(shown) == sentence
