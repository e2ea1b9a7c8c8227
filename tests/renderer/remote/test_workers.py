"""Workers over a line: the same pixels, in order, whichever of them stops in the meantime."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial

import numpy as np
import pytest

from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.pipeline.batch import in_order
from renderer.pipeline.pool import Pool
from renderer.pipeline.render_thread import RenderThread
from renderer.pipeline.renderer import Renderer
from renderer.recipe.recipe import LatentPart, ModelRef, Recipe
from renderer.remote import workers
from renderer.remote.connection import ProcessConnection, here
from renderer.remote.wire import LineError
from renderer.remote.workers import RemoteWorker, workers_on
from tests.renderer.fakes import CountingLoader, tiny_model
from tests.renderer.remote.loopback import WAIT_S, Loopback

COUNT = 12
MODEL = tiny_model()


def loader() -> CountingLoader:
    """One whose models are equal also where several load at once, from the generator of numbers
    that they share."""
    made = CountingLoader()
    made.make = lambda name: deepcopy(MODEL)
    return made


def recipe(seed: int) -> Recipe:
    return Recipe(model=ModelRef("tiny"), latent=LatentPart(seed))


def wait_until(what: Callable[[], object], limit_s: float = WAIT_S) -> None:
    """Wait until `what` is true."""
    end_s = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end_s, "this never happened"
        time.sleep(0.002)


class Crew:
    """A render thread with workers at the ends of lines within this process."""

    def __init__(self, count: int = 2) -> None:
        self.loader = loader()
        self.lines = [Loopback(self.loader) for _ in range(count)]
        self.first = RenderThread("cpu", load=self.loader)
        self.pool = Pool(self.first, [self._maker(line) for line in self.lines])
        self.first.start()

    def _maker(self, line: Loopback) -> Callable[[Callable[[], None]], RemoteWorker]:
        return lambda wake: RemoteWorker(line.connect, "cpu", wake)

    def until(self, what: Callable[[], object]) -> None:
        wait_until(what)

    def drawn(self, count: int, between: Callable[[int], None] = lambda done: None) -> list[Frame]:
        """Draw recipes with all of them."""
        found = list[Frame]()
        made = in_order(
            count,
            lambda: self.pool.width,
            lambda index: self.pool.draw(recipe(index), str(index)),
            lambda ahead: ahead.exception(WAIT_S),
        )
        for frame in made:
            found.append(frame)
            between(len(found))
        return found

    def stop(self) -> None:
        self.loader.block_s = 0.0
        assert self.pool.stop(WAIT_S)
        assert self.first.stop(WAIT_S)


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = Crew()
    yield crew
    crew.stop()


def alone(count: int) -> list[np.ndarray]:
    """The pixels as one renderer draws them."""
    renderer = Renderer("cpu", load=loader())
    return [renderer.render(recipe(seed)).pixels() for seed in range(count)]


def test_all_draw_and_the_pixels_are_those_of_one(crew: Crew) -> None:
    crew.drawn(1)
    crew.until(lambda: crew.pool.workers[1] == 2)
    frames = crew.drawn(COUNT)
    assert [frame.recipe for frame in frames] == [recipe(seed) for seed in range(COUNT)]
    for frame, pixels in zip(frames, alone(COUNT), strict=True):
        assert frame.error is None
        assert frame.exact
        assert np.array_equal(frame.pixels(), pixels)
    assert len(crew.loader.paths) == 3, "each of the three has loaded the model"


def test_a_worker_that_stops_in_the_middle_loses_nothing(crew: Crew) -> None:
    crew.drawn(1)
    crew.until(lambda: crew.pool.workers[1] == 2)
    crew.loader.block_s = 0.005

    def between(done: int) -> None:
        if done in (2, 6):
            crew.lines[done == 6].cut()

    frames = crew.drawn(COUNT, between)
    for frame, pixels in zip(frames, alone(COUNT), strict=True):
        assert np.array_equal(frame.pixels(), pixels)
    crew.until(lambda: crew.pool.workers[1] == 2)
    assert all(len(line.lines) == 2 for line in crew.lines), "both were started again"


def test_previews_are_shared_and_each_comes_once(crew: Crew) -> None:
    crew.first.submit(recipe(0))
    crew.until(lambda: crew.first.take() is not None)
    wishes, granted = [Wish(recipe(seed), 8) for seed in range(40)], list[Granted]()
    crew.pool.wish(wishes[:1])
    crew.until(lambda: crew.pool.workers[1] == 2)
    crew.pool.wish(wishes)

    def all_there() -> bool:
        granted.extend(crew.pool.take_granted())
        return len({one.wish for one in granted}) == len(wishes)

    crew.until(all_there)
    assert all(one.pixels is not None and one.pixels.shape == (8, 8, 3) for one in granted)
    assert len(crew.loader.paths) == 3


def test_a_worker_that_cannot_be_started_is_told_once_and_the_rest_goes_on() -> None:
    crew = Crew(1)
    try:
        crew.lines[0].refuse = [LineError("there is no such card") for _ in range(50)]
        assert len(crew.drawn(3)) == 3
        notes = list[str]()
        crew.until(lambda: notes.extend(crew.pool.take_notes()) or notes)
        assert notes == ["There is no renderer at cpu: there is no such card"]
    finally:
        crew.stop()


def test_a_server_has_workers_of_its_own_which_may_read_what_it_may(crew: Crew) -> None:
    [make] = workers_on(["cpu"], ["/models"])
    worker = make(lambda: None)
    assert worker.name == "cpu"
    command = here("cuda:1", folders=["/models", "/more"])
    assert command[-8:] == [
        *("--folder", "/models", "--folder", "/more"),
        *("--device", "cuda:1", "--workers", "none"),
    ]
    assert "--any-folder" in here("cpu")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no processes")
@pytest.mark.slow
def test_a_worker_that_hangs_is_told_of_and_the_others_draw_its_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "HANGS_S", 2.5)  # it says something every second
    processes = list[ProcessConnection]()

    def connect() -> ProcessConnection:
        processes.append(ProcessConnection(here("cpu")))
        return processes[-1]

    def demo(seed: int) -> Recipe:
        return Recipe(latent=LatentPart(seed))

    first = RenderThread("cpu")
    pool = Pool(first, [lambda wake: RemoteWorker(connect, "cuda:1", wake)])
    first.start()
    until = partial(wait_until, limit_s=3 * WAIT_S)
    try:
        pool.draw(demo(0), "").result(WAIT_S)
        until(lambda: pool.workers[1] == 1)
        os.kill(processes[0].pid, signal.SIGSTOP)
        asked = [pool.draw(demo(seed), "") for seed in range(COUNT)]
        frames = [one.result(3 * WAIT_S) for one in asked]
        assert [frame.recipe for frame in frames] == [demo(seed) for seed in range(COUNT)]
        assert all(frame.image is not None for frame in frames)
        assert pool.workers == (1, 0)
        assert pool.take_notes() == [
            "The worker on cuda:1 does not answer; the others draw its pictures."
        ]
        first.submit(demo(0))
        until(lambda: first.take() is not None)
        pool.wish([Wish(demo(seed), 8) for seed in range(3)])
        granted = list[Granted]()
        until(lambda: granted.extend(pool.take_granted()) or len(granted) == 3)

        os.kill(processes[0].pid, signal.SIGCONT)
        until(lambda: pool.workers[1] == 1)
        asked = [pool.draw(demo(seed), "") for seed in range(COUNT)]
        for one, before in zip(asked, frames, strict=True):
            assert np.array_equal(one.result(WAIT_S).pixels(), before.pixels())
        assert pool.take_notes() == []
        assert len(processes) == 1
    finally:
        assert pool.stop(WAIT_S)
        assert first.stop(WAIT_S)
    assert processes[0].ended
