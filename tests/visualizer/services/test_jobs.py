"""Jobs run beside the main loop, tell how far they are, and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from visualizer.services.background import Background
from visualizer.services.jobs import Job, Jobs

WAIT_S = 10.0


class Loop:
    """Stands for the main loop."""

    def __init__(self) -> None:
        self.background = Background(lambda: None)
        self.jobs = Jobs(self.background)
        self.results: list[object] = []
        self.failures: list[str] = []

    def start(self, work: Callable[[Job], object]) -> Job:
        return self.jobs.start("Working", work, self.results.append, self.failures.append)

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.background.poll()
            time.sleep(0.002)


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.background.close()


def test_a_job_s_result_comes_on_the_main_thread_s_turn(loop: Loop) -> None:
    loop.start(lambda job: threading.current_thread())
    assert loop.jobs.busy
    loop.until(lambda: loop.results)
    assert loop.results != [threading.current_thread()]
    assert isinstance(loop.results[0], threading.Thread)
    assert loop.results[0].daemon, "it does not keep the program from ending"
    assert not loop.jobs.busy


def test_what_goes_wrong_is_told(loop: Loop) -> None:
    def work(job: Job) -> None:
        raise OSError("the disk is gone")

    loop.start(work)
    loop.until(lambda: loop.failures == ["the disk is gone"])
    assert not loop.jobs.busy


def test_a_job_tells_how_far_it_is_and_stops(loop: Loop) -> None:
    shares: list[float | None] = []
    ended = threading.Event()

    def work(job: Job) -> None:
        try:
            while True:
                job.tell(0.5)
                time.sleep(0.002)
        finally:
            ended.set()

    job = loop.start(work)
    loop.until(lambda: job.share == 0.5)
    shares.append(job.share)
    job.stop()
    assert not loop.jobs.busy, "nobody waits for it any more"
    assert ended.wait(WAIT_S)
    loop.until(lambda: not loop.jobs._running)
    assert (loop.results, loop.failures) == ([], [])


def test_a_job_that_does_not_listen_is_not_waited_for(loop: Loop) -> None:
    let_go = threading.Event()
    job = loop.start(lambda job: let_go.wait(WAIT_S))
    job.stop()
    let_go.set()
    loop.until(lambda: not loop.jobs._running)
    assert loop.results == []
