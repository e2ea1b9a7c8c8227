"""A renderer that hangs, ends or runs out of memory: said in the window, and gone on after."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from renderer.errors import PictureError
from renderer.frame.preview import Granted
from renderer.models.device import Device, DeviceError
from renderer.pipeline.render_thread import RenderThread
from renderer.timeline.timeline import KeyFrame, Timeline
from tests.renderer.fakes import CountingLoader, raising, recipe, tiny_model
from tests.visualizer.driver import Driver
from tests.visualizer.fake import FakeStatus, FakeThread
from visualizer.instruments.opening import FileOpener
from visualizer.instruments.watchdog import AGAIN, LOADING_QUIET_S, QUIET_S
from visualizer.services.render_port import RESTARTED, Renderers
from visualizer.session.state import State
from widgets.context import Options
from widgets.controls.timeline_view import SetTimeline
from widgets.picture.unresponsive_card import RestartRenderer, Silence

pytestmark = pytest.mark.display
WAIT_S = 20.0
Open = Callable[..., Driver]


def silence(ui: Driver) -> Silence:
    """What the panels are told."""
    ui.frames(2)
    return ui.app._context(ui.app._clock()).see(Silence)


def hang(ui: Driver, quiet_s: float, kind: str = "rendering") -> None:
    """Let the renderer be quiet while it is busy."""
    ui.thread.quiet_s, ui.thread.status = quiet_s, FakeStatus(kind, "Rendering")
    ui.frames(2)


# -- the card ------------------------------------------------------------------------------------


def test_a_renderer_that_answers_is_not_talked_of(ui: Driver) -> None:
    assert not silence(ui).worth_saying
    hang(ui, QUIET_S - 1)
    assert not silence(ui).worth_saying


def test_a_renderer_that_hangs_is_talked_of_until_one_goes_on_waiting(ui: Driver) -> None:
    hang(ui, QUIET_S + 1)
    assert silence(ui) == Silence(False, int(QUIET_S + 1), "cpu")
    ui(lambda c: c.item_click("//Picture/###wait"))
    assert not silence(ui).worth_saying
    hang(ui, AGAIN * QUIET_S + 1)
    assert silence(ui).worth_saying, "it is said again"
    hang(ui, 0.0, "idle")
    hang(ui, QUIET_S + 1)
    assert silence(ui).worth_saying, "patience is for one hang"


def test_a_load_may_take_longer(ui: Driver) -> None:
    hang(ui, QUIET_S + 1, "loading")
    assert not silence(ui).worth_saying
    hang(ui, LOADING_QUIET_S + 1, "loading")
    assert silence(ui).worth_saying


def test_a_renderer_that_hangs_is_restarted(ui: Driver) -> None:
    hang(ui, QUIET_S + 1)
    ui(lambda c: c.item_click("//Picture/###restart"))
    assert ui.thread.restarts == [""]
    assert not silence(ui).worth_saying
    assert ui.said[-1] == "The renderer was restarted on CPU, 1 thread."


def test_a_renderer_that_hangs_on_a_graphics_card_is_restarted_on_the_cpu(
    open_window: Open,
) -> None:
    ui = open_window(thread=FakeThread(device_kind="cuda"))
    hang(ui, QUIET_S + 1)
    ui(lambda c: c.item_click("//Picture/###on cpu"))
    assert ui.thread.restarts == ["cpu"]


def test_a_renderer_that_has_ended_is_restarted(ui: Driver) -> None:
    ui.thread.status = FakeStatus("stopped", "Stopped")
    assert silence(ui).ended
    ui(lambda c: c.item_click("//Picture/###restart"))
    assert ui.thread.restarts == [""]


def test_a_device_that_is_not_there_is_said(ui: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeThread, "restart", lambda *_: raising(DeviceError("No GPU."))())
    hang(ui, QUIET_S + 1)
    ui(lambda c: c.item_click("//Picture/###restart"))
    assert ui.said[-1] == "No GPU."


# -- what can be done about errors ---------------------------------------------------------------


def test_without_memory_half_precision_and_the_cpu_are_offered(open_window: Open) -> None:
    ui = open_window(thread=FakeThread(device_kind="cuda", error="No memory.", fault="memory"))
    ui(lambda c: c.item_click("//Picture/###halve"))
    assert ui.recipe.precision == "bfloat16"
    ui(lambda c: c.item_click("//Picture/###on cpu"))
    assert ui.thread.restarts == ["cpu"]
    assert ui.app.session.error is None


def test_when_the_device_is_lost_one_goes_on_on_the_cpu_with_the_same_document(
    open_window: Open,
) -> None:
    thread = FakeThread(device_kind="cuda", error="The card is gone.", fault="device")
    ui = open_window(thread=thread)
    before = ui.recipe
    ui(lambda c: c.item_click("//Picture/###on cpu"))
    assert (ui.thread.restarts, ui.recipe) == (["cpu"], before)
    assert ui.app.session.frame is not None
    assert ui.app.session.error is None


def test_a_picture_that_cannot_be_fetched_from_a_lost_device_is_said(ui: Driver) -> None:
    class Gone:
        is_cuda = False

        def cpu(self) -> Any:
            raise RuntimeError("CUDA error: unspecified launch failure")

    good = ui.app.session.frame
    frame = ui.thread.answer(ui.app.session.recipe)
    object.__setattr__(frame, "image", Gone())
    ui.thread._frame = frame
    ui.frames(2)
    assert ui.app.session.fault == "device"
    assert ui.app.session.frame is good


# -- a mistake of ours ---------------------------------------------------------------------------


def test_an_action_that_fails_does_not_take_the_window_away(
    ui: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ui.app.instrument(FileOpener), "_retry", raising(ValueError("oops")))
    ui.thread.error = "Something."
    ui.thread.submit(ui.app.session.recipe)
    ui.frames(2)
    ui(lambda c: c.item_click("//Picture/###retry"))
    assert ui.said[-1] == "Something went wrong: ValueError: oops"


# -- with real threads ---------------------------------------------------------------------------


def test_a_thread_that_hangs_is_replaced_and_the_picture_comes(
    open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualizer.instruments.watchdog.QUIET_S", 0.05)
    hung, let_go = threading.Event(), threading.Event()
    loader = CountingLoader()

    def model(name: str) -> Any:
        made = tiny_model()
        encode = made.encode_text

        def hang_once(prompts: list[str]) -> torch.Tensor:
            if not hung.is_set():
                hung.set()
                assert let_go.wait(WAIT_S)
            return encode(prompts)

        made.encode_text = hang_once
        return made

    loader.make = model
    made: list[RenderThread] = []

    def make(device: str) -> RenderThread:
        made.append(RenderThread(device, load=loader))
        return made[-1]

    ui = open_window(thread=cast(FakeThread, Renderers(make, "cpu")), state=State(recipe("a")))
    job = ui.app.thread.run(lambda renderer: None, "Waiting")
    ui.until(lambda: silence(ui).worth_saying)
    ui(lambda c: c.item_click("//Picture/###restart"))
    with pytest.raises(PictureError, match=RESTARTED.rstrip(".")):
        job.result(0)
    ui.until(lambda: ui.app.session.frame is not None, WAIT_S)
    assert len(made) == 2
    assert ui.app.thread.status.kind in ("idle", "rendering")
    let_go.set()
    assert made[0].stop(WAIT_S), "the one that hung ends by itself"


def test_who_takes_over_is_asked_for_the_picture_and_the_previews(open_window: Open) -> None:
    class Mute(FakeThread):
        def take_granted(self) -> list[Granted]:
            return []

    made: list[Mute] = []

    def make(device: str) -> Mute:
        made.append(Mute(answers=False, device_kind=device))
        return made[-1]

    opened = State(recipe("a"), Options(drawer="Timeline"))
    ui = open_window(thread=cast(FakeThread, Renderers(make, "first")), state=opened)
    keys = KeyFrame(0.0, recipe("a")), KeyFrame(1.0, recipe("b"))
    ui.app.commands.do(SetTimeline(Timeline(keys)))
    ui.until(lambda: made[0].wished)
    ui.frames(6)
    ui.app.commands.do(RestartRenderer("second"))
    ui.frames(3)
    assert [thread.device_kind for thread in made] == ["first", "second"]
    assert made[1].submitted == [ui.app.session.recipe]
    assert made[1].wished == made[0].wished != []
    ui.app.commands.do(RestartRenderer())
    assert made[2].device_kind == "second"


def test_a_restart_that_is_not_possible_leaves_everything_as_it_was() -> None:
    made: list[RenderThread] = []

    def make(device: str) -> RenderThread:
        made.append(RenderThread(device, load=CountingLoader()))
        return made[-1]

    renderers = Renderers(make, "cpu")
    renderers.now.start()
    with pytest.raises(DeviceError):
        renderers.restart("cuda:99")
    renderers.now.submit(recipe())
    end = time.monotonic() + WAIT_S
    while renderers.now.take() is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert len(made) == 1
    assert renderers.stop(WAIT_S)


def test_another_device_takes_over() -> None:
    renderers = Renderers(
        lambda device: RenderThread(
            Device(torch.device("cpu"), f"on {device}"), load=CountingLoader()
        ),
        "first",
    )
    renderers.now.start()
    renderers.restart("second")
    renderers.now.submit(recipe(seed=3))
    assert renderers.now.device_name == "on second"
    end = time.monotonic() + WAIT_S
    while (frame := renderers.now.take()) is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert frame.recipe == recipe(seed=3)
    assert renderers.stop(WAIT_S)


def test_threads_that_were_left_and_have_ended_are_let_go() -> None:
    alive: weakref.WeakSet[RenderThread] = weakref.WeakSet()

    def make(device: str) -> RenderThread:
        thread = RenderThread(device, load=CountingLoader())
        alive.add(thread)
        return thread

    renderers = Renderers(make, "cpu")
    renderers.now.start()
    for _ in range(4):
        renderers.restart()
        assert all(thread.stop(WAIT_S) for thread in alive if thread is not renderers.now)
    renderers.restart()
    end_s = time.monotonic() + WAIT_S
    while len(alive) > 2 and time.monotonic() < end_s:
        gc.collect()  # which does nothing while another thread is at it
        time.sleep(0.01)
    assert len(alive) <= 2, "the current one, and the one that was left last"
    assert renderers.stop(WAIT_S)
