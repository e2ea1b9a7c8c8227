"""The render thread: newest wins, nothing starves, nothing kills it, and it stops."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import cast

import pytest
import torch
from msgspec.structs import replace

from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame
from renderer.frame.status import Status
from renderer.pipeline import progressive, render_thread
from renderer.pipeline.preemption import LONG_S, PATIENCE_S, Patience
from renderer.pipeline.render_thread import RenderThread
from renderer.pipeline.renderer import Abandoned, Renderer
from renderer.recipe.recipe import Recipe
from stylegan_t import CheckpointError
from tests.renderer.fakes import CountingLoader, nothing, plain_loader, raising, recipe

WAIT_S = 10.0
"""Far more than anything here takes; a test that waits this long has failed."""


class Stage:
    """A render thread with everything that it says."""

    def __init__(self, loader: CountingLoader) -> None:
        self.loader = loader
        self.woken = threading.Event()
        self.wakes = 0
        self.statuses: list[Status] = []
        self.thread = RenderThread("cpu", self._wake, load=loader)

    def _wake(self) -> None:
        self.wakes += 1
        self.statuses.append(self.thread.status)
        self.woken.set()

    def until(self, what: Callable[[], object]) -> None:
        """Wait until `what` is true."""
        end = time.monotonic() + WAIT_S
        while not what():
            assert time.monotonic() < end, "this never happened"
            time.sleep(0.001)

    def next_frame(self) -> Frame:
        """Wait for a frame as the window does."""
        end = time.monotonic() + WAIT_S
        while (frame := self.thread.take()) is None:
            assert time.monotonic() < end, "no frame came"
            self.woken.wait(0.05)
            self.woken.clear()
        return frame

    def show(self, wanted: Recipe) -> Frame:
        """Submit, and wait for the whole frame that answers."""
        self.thread.submit(wanted)
        while (frame := self.next_frame()).recipe != wanted or frame.early:
            pass
        return frame


@pytest.fixture
def loader() -> CountingLoader:
    return CountingLoader()


@pytest.fixture
def stage(loader: CountingLoader) -> Iterator[Stage]:
    stage = Stage(loader)
    stage.thread.start()
    yield stage
    loader.block_s = loader.load_s = 0
    assert stage.thread.stop(WAIT_S)


# -- frames --------------------------------------------------------------------------------------


def test_a_recipe_becomes_a_frame(stage: Stage) -> None:
    wanted = recipe("a red house", seed=4)
    frame = stage.show(wanted)
    assert frame.error is None
    assert frame.recipe is wanted
    assert frame.image is not None
    assert stage.thread.take() is None, "a frame is taken once"
    stage.until(lambda: stage.thread.status == Status("idle", "Ready"))


def test_it_is_busy_from_the_moment_it_is_asked(stage: Stage) -> None:
    stage.show(recipe(seed=0))
    stage.until(lambda: stage.thread.status.kind == "idle")
    for seed in range(1, 60):
        wanted = recipe(seed=seed)
        stage.thread.submit(wanted)
        # Whoever sees it at rest now finds the answer there.
        while stage.thread.status.kind != "idle":
            time.sleep(0)
        frame = stage.thread.take()
        assert frame is not None and frame.recipe == wanted


def test_the_thread_draws_what_a_renderer_draws(stage: Stage) -> None:
    wanted = recipe("a red house", seed=4, psi=0.5)
    frame, direct = stage.show(wanted), Renderer("cpu", load=CountingLoader()).render(wanted)
    assert frame.image is not None
    assert direct.image is not None
    assert torch.equal(frame.image, direct.image)


def test_of_waiting_recipes_the_newest_wins(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    gate = threading.Event()
    stage.thread.run(lambda renderer: gate.wait(WAIT_S), "Holding the thread")
    stage.until(lambda: stage.thread.status.text == "Holding the thread")
    before = loader.calls["synthesis"]
    for seed in range(1, 50):
        stage.thread.submit(recipe(seed=seed))
    gate.set()
    assert stage.next_frame().recipe == recipe(seed=49)
    assert loader.calls["synthesis"] == before + 1
    assert stage.thread.counts.not_begun == 48


def test_of_unseen_frames_the_newest_is_taken(stage: Stage, loader: CountingLoader) -> None:
    for seed in range(3):
        stage.thread.submit(recipe(seed=seed))
        stage.until(lambda seed=seed: loader.calls["synthesis"] == seed + 1)
    stage.until(lambda: stage.thread.status.kind == "idle")
    assert stage.next_frame().recipe == recipe(seed=2)
    assert stage.thread.take() is None
    assert stage.thread.counts == Counts(not_shown=2)


@pytest.mark.slow
@pytest.mark.parametrize("block_s", [0.0, 0.02, 0.08])
def test_a_drag_shows_pictures_on_its_way(
    stage: Stage, loader: CountingLoader, block_s: float
) -> None:
    """Recipes come faster than pictures: some are shown meanwhile, in order, and the last is."""
    stage.show(recipe())
    loader.block_s = block_s
    shown: list[float] = []
    for step in range(60):
        stage.thread.submit(recipe(psi=1 - step / 64))
        time.sleep(0.016)
        if frame := stage.thread.take():
            shown.append(frame.recipe.psi)
    assert len(shown) >= 2
    while shown[-1] != 1 - 59 / 64:
        shown.append(stage.next_frame().recipe.psi)
    assert shown == sorted(set(shown), reverse=True)


def test_a_slow_picture_makes_way_for_a_newer_one(stage: Stage, loader: CountingLoader) -> None:
    stage.show(recipe())
    loader.block_s = 0.3
    stage.thread.submit(recipe(seed=1))
    stage.until(lambda: loader.calls["block"] == 3)
    stage.thread.submit(recipe(seed=2))
    frame = stage.next_frame()
    assert frame.recipe == recipe(seed=2)
    assert loader.calls["block"] == 2 + 1 + 2, "the first was given up after one block of two"
    assert stage.thread.counts == Counts(given_up=1)


def test_what_is_being_rendered_is_not_begun_again(stage: Stage, loader: CountingLoader) -> None:
    """A window that submits the same recipe at every turn of its loop must get its picture."""
    stage.show(recipe())
    loader.block_s = 0.3
    stage.thread.submit(recipe(seed=1))
    stage.until(lambda: loader.calls["block"] == 3)
    stage.thread.submit(recipe(seed=2))
    for _ in range(3):
        stage.thread.submit(recipe(seed=1))
    assert stage.next_frame().recipe == recipe(seed=1)
    assert loader.calls["synthesis"] == 2
    assert stage.thread.take() is None


def test_another_model_is_not_kept_waiting_and_old_frames_are_dropped(
    stage: Stage, loader: CountingLoader
) -> None:
    stage.show(recipe(model="/b"))
    stage.show(recipe(model="/a"))
    stage.thread.submit(recipe(model="/a", seed=1))
    stage.until(lambda: stage.thread.status.kind == "idle")
    loader.block_s = 0.05  # two blocks are within the patience that the same model would get
    stage.thread.submit(recipe(model="/a", seed=2))
    stage.until(lambda: stage.thread.status.kind == "rendering")
    stage.thread.submit(recipe(model="/b", seed=3))
    assert stage.next_frame().recipe == recipe(model="/b", seed=3)
    assert stage.thread.take() is None


def test_an_unseen_frame_of_the_last_model_is_not_shown(
    stage: Stage, loader: CountingLoader
) -> None:
    stage.show(recipe(model="/b"))
    stage.thread.submit(recipe(model="/a"))
    stage.until(lambda: loader.paths == ["/b", "/a"] and stage.thread.status.kind == "idle")
    loader.block_s = 0.1
    stage.thread.submit(recipe(model="/b", seed=1))
    assert stage.thread.take() is None


def test_a_frame_that_is_done_after_the_model_changed_is_dropped(
    stage: Stage, loader: CountingLoader
) -> None:
    """The first picture fails just after another model was asked for: nobody sees the error."""
    stage.show(recipe(model="/b"))
    first, wanted, seen = recipe(model="/a"), recipe(model="/b", seed=1), []

    def before_synthesis() -> None:
        if not seen:
            seen.append("first")
            stage.thread.submit(wanted)
            raise ZeroDivisionError
        seen.append(stage.thread.take())

    loader.before_synthesis = before_synthesis
    stage.thread.submit(first)
    assert stage.next_frame().recipe == wanted
    assert seen == ["first", None]


# -- errors --------------------------------------------------------------------------------------


def test_errors_are_frames_and_the_thread_lives_on(stage: Stage, loader: CountingLoader) -> None:
    loader.fail["bad"] = RuntimeError("bad is no checkpoint.")
    assert "bad is no checkpoint." in (stage.show(recipe(model="/bad")).error or "")
    assert stage.show(recipe()).error is None
    loader.before_synthesis = raising(torch.OutOfMemoryError("CUDA out of memory."))
    assert "not enough memory" in (stage.show(recipe(seed=1)).error or "")
    loader.before_synthesis = raising(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError" in (stage.show(recipe(seed=2)).error or "")
    loader.before_synthesis = nothing
    assert stage.show(recipe(seed=2)).error is None


def test_a_drag_on_a_bad_model_tries_once(stage: Stage, loader: CountingLoader) -> None:
    loader.fail["bad"] = CheckpointError("bad is no checkpoint.")
    for step in range(10):
        assert stage.show(recipe(model="/bad", psi=step / 10)).error
    assert loader.paths == ["/bad"]


def test_a_broken_wake_does_no_harm(loader: CountingLoader) -> None:
    def wake() -> None:
        raise RuntimeError("the window is gone")

    thread = RenderThread("cpu", wake, load=loader)
    thread.start()
    for seed in range(3):
        thread.submit(recipe(seed=seed))
        assert thread.run(lambda renderer: 1, "Counting").result(WAIT_S) == 1
    assert thread.stop()


def test_the_status_says_how_far_a_slow_picture_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progressive, "LONG_S", 0.0)
    stage = Stage(cast(CountingLoader, plain_loader))
    stage.thread.start()
    stage.show(recipe(seed=1))
    told = [status for status in stage.statuses if status.kind == "rendering"]
    shares = [status.share for status in told if status.share is not None]
    assert shares == sorted(set(shares)) and shares[-1] == pytest.approx(1)
    assert {status.text for status in told} == {"Rendering"}
    stage.until(lambda: stage.thread.status == Status("idle", "Ready"))
    stage.statuses.clear()
    stage.thread.run(lambda renderer: renderer.render(recipe(seed=2)), "Saving").result(WAIT_S)
    assert Status("rendering", "Saving", shares[0]) in stage.statuses
    assert stage.thread.stop(WAIT_S)


# -- loading -------------------------------------------------------------------------------------


def test_loading_blocks_nobody_and_is_visible(stage: Stage, loader: CountingLoader) -> None:
    loader.load_s = 0.02
    begin = time.monotonic()
    stage.thread.submit(recipe(model="/m/large.safetensors"))
    assert stage.thread.take() is None
    assert time.monotonic() - begin < 0.1
    stage.until(lambda: stage.thread.status.kind == "loading")
    assert stage.thread.status.text.startswith("Loading large.safetensors")
    stage.next_frame()
    told = [(status.text, status.share) for status in stage.statuses if status.kind == "loading"]
    read = [share for text, share in told if text.startswith("Loading large.safetensors")]
    assert read == [0.0, *(tenth / 10 for tenth in range(1, 10))]
    assert [text for text, _ in told[len(read) :]] == ["Preparing large.safetensors"]
    assert stage.thread.status.share is None


def test_typing_while_a_model_loads_does_not_begin_the_load_again(
    stage: Stage, loader: CountingLoader
) -> None:
    loader.load_s = 0.04
    for step in range(25):
        stage.thread.submit(recipe("a house"[: step + 1], model="/large"))
        time.sleep(0.02)
    last = recipe("a house", model="/large")
    assert stage.show(last).error is None
    assert loader.paths == ["/large"]


def test_a_load_makes_way_for_another_model(stage: Stage, loader: CountingLoader) -> None:
    loader.load_s = 0.05
    stage.thread.submit(recipe(model="/wrong"))
    stage.until(lambda: stage.thread.status.kind == "loading")
    loader.load_s = 0.0
    stage.thread.submit(recipe(model="/right"))
    frame = stage.next_frame()
    assert frame.model is not None
    assert frame.model.path == "/right"
    infos = stage.thread.run(lambda renderer: renderer.models, "Looking").result(WAIT_S)
    assert [info.path for info in infos] == ["/right"]


def test_of_two_models_in_quick_succession_the_newest_wins(
    stage: Stage, loader: CountingLoader
) -> None:
    stage.show(recipe(model="/first"))
    loader.load_s = 0.02
    stage.thread.submit(recipe(model="/second"))
    stage.until(lambda: stage.thread.status.kind == "loading")
    stage.thread.submit(recipe(model="/third"))
    frame = stage.next_frame()
    assert frame.recipe.model.path == "/third"
    assert frame.image is not None


def test_a_load_that_is_cancelled_shows_the_model_before_it_at_once(
    stage: Stage, loader: CountingLoader
) -> None:
    """Asking for the model before it again is how the window cancels a load."""
    stage.show(recipe(model="/first"))
    loader.load_s = 0.1
    stage.thread.submit(recipe(model="/second"))
    stage.until(lambda: stage.thread.status.kind == "loading")
    begin = time.monotonic()
    stage.thread.submit(recipe(seed=2, model="/first"))
    assert stage.next_frame().recipe == recipe(seed=2, model="/first")
    assert time.monotonic() - begin < 0.5
    assert loader.paths == ["/first", "/second"]


def test_another_precision_gives_a_load_up_too(stage: Stage, loader: CountingLoader) -> None:
    loader.load_s = 0.1
    half = replace(recipe(model="/large"), precision="bfloat16")
    stage.thread.submit(half)
    stage.until(lambda: stage.thread.status.kind == "loading")
    loader.load_s = 0.0
    stage.thread.submit(recipe(model="/large"))
    assert stage.next_frame().recipe == recipe(model="/large")


# -- jobs ----------------------------------------------------------------------------------------


def test_jobs_use_the_renderer_and_give_their_result(stage: Stage) -> None:
    future = stage.thread.run(lambda renderer: renderer.render(recipe(seed=8)), "Exporting")
    frame = future.result(WAIT_S)
    assert frame.image is not None
    assert stage.thread.take() is None, "a job's frames are its own"
    assert Status("rendering", "Exporting") in stage.statuses


def test_a_jobs_exception_is_the_askers(stage: Stage) -> None:
    def job(renderer: Renderer) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        stage.thread.run(job, "Failing").result(WAIT_S)
    assert stage.show(recipe()).error is None


def test_jobs_and_recipes_take_turns(stage: Stage, loader: CountingLoader) -> None:
    gate, drawn = threading.Event(), []
    stage.thread.run(lambda renderer: gate.wait(WAIT_S), "Holding")
    jobs = [
        stage.thread.run(lambda renderer: drawn.append(loader.calls["synthesis"]), "Job")
        for _ in range(4)
    ]
    stage.thread.submit(recipe())
    gate.set()
    jobs[-1].result(WAIT_S)
    assert sorted(drawn) == drawn
    assert drawn[1:] == [1, 1, 1], "the recipe waited for one job at most"


def test_a_drag_does_not_keep_jobs_waiting(stage: Stage, loader: CountingLoader) -> None:
    loader.before_synthesis = lambda: stage.thread.submit(recipe(seed=loader.calls["synthesis"]))
    stage.thread.submit(recipe())
    assert stage.thread.run(lambda renderer: "done", "Job").result(WAIT_S) == "done"
    loader.before_synthesis = nothing


def test_a_cancelled_job_is_not_done(stage: Stage) -> None:
    gate, done = threading.Event(), []
    stage.thread.run(lambda renderer: gate.wait(WAIT_S), "Holding")
    job = stage.thread.run(lambda renderer: done.append(1), "Cancelled")
    assert job.cancel()
    gate.set()
    stage.thread.run(lambda renderer: None, "After").result(WAIT_S)
    assert done == []


# -- stopping ------------------------------------------------------------------------------------


def test_stop_under_load(loader: CountingLoader) -> None:
    stage = Stage(loader)
    stage.thread.start()
    stage.show(recipe())
    loader.block_s = 0.2
    stop_submitting = threading.Event()

    def drag() -> None:
        seed = 0
        while not stop_submitting.is_set():
            seed += 1
            stage.thread.submit(recipe(seed=seed))
            time.sleep(0.002)

    hand = threading.Thread(target=drag)
    hand.start()
    running = stage.thread.run(lambda r: [r.render(recipe(seed=-i)) for i in range(99)], "Video")
    waiting = stage.thread.run(lambda r: None, "Waiting")
    time.sleep(0.3)
    begin = time.monotonic()
    assert stage.thread.stop(2.0)
    assert time.monotonic() - begin < 1.0
    stop_submitting.set()
    hand.join()
    assert stage.thread.status.kind == "stopped"
    assert stage.thread.take() is None
    assert waiting.cancelled() or running.done()
    late = stage.thread.run(lambda r: None, "Late")
    assert late.cancelled()
    stage.thread.submit(recipe())
    assert stage.thread.stop(0.1), "stopping twice is fine"


def test_stop_gives_up_a_job_and_a_load(loader: CountingLoader) -> None:
    loader.block_s = 0.1
    stage = Stage(loader)
    stage.thread.start()
    job = stage.thread.run(
        lambda r: [r.render(recipe(seed=i)).serial for i in range(1000)], "Video"
    )
    stage.until(lambda: loader.calls["block"] > 3)
    assert stage.thread.stop(2.0)
    assert isinstance(job.exception(0), Abandoned)

    slow = Stage(CountingLoader(load_s=0.2))
    slow.thread.start()
    slow.thread.submit(recipe())
    slow.until(lambda: slow.thread.status.kind == "loading")
    assert slow.thread.stop(2.0)


def test_stop_before_start(loader: CountingLoader) -> None:
    thread = RenderThread("cpu", load=loader)
    job = thread.run(lambda renderer: None, "Never")
    assert thread.stop()
    assert job.cancelled()
    assert thread.status.kind == "stopped"


def test_idle_is_idle(stage: Stage) -> None:
    stage.show(recipe())
    stage.until(lambda: stage.thread.status.kind == "idle")
    wakes, cpu = stage.wakes, time.process_time()
    time.sleep(0.3)
    assert stage.wakes == wakes
    assert time.process_time() - cpu < 0.03


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="policies of threads are Linux's")
def test_the_thread_has_the_share_of_the_window_and_gives_way_to_it(stage: Stage) -> None:
    def found(renderer: Renderer | None = None) -> tuple[int, int]:
        return os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    policy, nice = found()
    wanted = os.SCHED_BATCH if policy == os.SCHED_OTHER else policy
    assert stage.thread.run(found, "Asking").result(WAIT_S) == (wanted, nice)
    assert found() == (policy, nice)


# -- patience ------------------------------------------------------------------------------------


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def run_for(patience: Patience, clock: Clock, seconds: float) -> None:
    patience.begin()
    clock.now += seconds


def test_memory_is_given_back_once_when_there_is_rest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    trims: list[str] = []
    monkeypatch.setattr(render_thread, "REST_S", 0.01)
    monkeypatch.setattr(render_thread, "trim_heap", lambda: trims.append(stage.thread.status.kind))
    stage.show(recipe(seed=1))
    stage.until(lambda: trims)
    time.sleep(0.05)
    assert set(trims) == {"idle"}
    before = len(trims)
    stage.show(recipe(seed=2))
    stage.until(lambda: len(trims) > before)
    time.sleep(0.05)
    assert len(trims) == before + 1


def test_a_quick_picture_is_always_finished() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, PATIENCE_S)
    assert not patience.over()


def test_after_one_given_up_the_next_is_finished() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, 0.5)
    assert patience.over()
    patience.given_up()
    run_for(patience, clock, 0.5)
    assert not patience.over()
    patience.finished()
    run_for(patience, clock, 0.2)
    assert patience.over()


def test_a_picture_about_to_be_done_is_finished() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, 0.18)
    patience.finished()
    run_for(patience, clock, 0.12)
    assert not patience.over()
    clock.now += 0.2
    assert patience.over(), "it was expected to be done long ago"


def test_a_very_slow_picture_always_makes_way() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, 10 * LONG_S)
    patience.finished()
    for _ in range(3):
        run_for(patience, clock, 0.2)
        assert patience.over()
        patience.given_up()


def test_of_a_slow_model_what_takes_little_is_finished_once_in_two() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, 10 * LONG_S)
    patience.finished()
    for over in (True, False):
        run_for(patience, clock, 0.3)
        patience.told(0.5)
        assert patience.over() == over
        patience.given_up()
    run_for(patience, clock, 0.3)
    patience.told(0.1)
    assert patience.over(), "this one takes long"
    run_for(patience, clock, 0.3)
    assert patience.over(), "how long this one takes is not known yet"


def test_pictures_from_the_cache_do_not_hide_how_slow_the_model_is() -> None:
    clock = Clock()
    patience = Patience(clock)
    run_for(patience, clock, 5 * LONG_S)
    patience.finished()
    run_for(patience, clock, 0.0)
    patience.finished()
    patience.given_up()
    run_for(patience, clock, 0.2)
    assert patience.over()
