"""A sink in its thread: slow, failing, hanging or gone, it never holds anything up."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.visualizer.sinks.fakes import WAIT_S, FakeSink, picture, until
from visualizer.sinks import sink_runner
from visualizer.sinks.sink import Picture, Sink, SinkError
from visualizer.sinks.sink_runner import SinkRunner


def test_pictures_arrive_in_order_in_a_thread_of_its_own() -> None:
    sink = FakeSink()
    runner = SinkRunner("Fake", lambda: sink, capacity=100)
    for seed in range(20):
        runner.take(picture(seed))
    assert runner.close(WAIT_S)
    assert sink.seeds == list(range(20))
    assert sink.threads == {runner.thread}
    assert sink.closed == 1
    assert (runner.report.activity, runner.report.taken, runner.report.dropped) == ("closed", 20, 0)


@pytest.mark.parametrize(("capacity", "kept"), [(1, [0, 9]), (3, [0, 7, 8, 9])])
def test_a_slow_sink_drops_the_oldest_pictures_and_counts_them(
    capacity: int, kept: list[int]
) -> None:
    sink = FakeSink(gate=threading.Event())
    runner = SinkRunner("Fake", lambda: sink, capacity=capacity)
    runner.take(picture(0))
    until(lambda: sink.begun == 1)
    for seed in range(1, 10):
        runner.take(picture(seed))
    assert sink.gate is not None
    sink.gate.set()
    assert runner.close(WAIT_S)
    assert sink.seeds == kept
    assert runner.report.dropped == 10 - len(kept)
    assert runner.report.taken == len(kept)


def test_a_sink_that_fails_says_so_in_one_line_and_is_closed() -> None:
    sink, told = FakeSink(fails=1), list[bool]()
    runner = SinkRunner("Fake", lambda: sink, changed=lambda: told.append(True))
    runner.take(picture(1))
    runner.thread.join(WAIT_S)
    assert len(told) == 2, "the window hears that it is open, and that it has failed"
    assert runner.report.activity == "failed"
    assert runner.report.problem == "Fake has stopped: ValueError: the cable is out"
    assert sink.closed == 1
    runner.take(picture(2))
    assert runner.report.dropped == 0, "it is off: nothing is dropped any more"


def refused() -> Sink:
    raise SinkError("There is no such device: choose another.")


def quits() -> Sink:
    raise SystemExit


@pytest.mark.parametrize(
    ("open_sink", "problem"),
    [
        (refused, "There is no such device: choose another."),
        (quits, "Fake has stopped: SystemExit"),
    ],
)
def test_a_sink_that_does_not_open_says_why(open_sink: Callable[[], Sink], problem: str) -> None:
    runner = SinkRunner("Fake", open_sink)
    runner.thread.join(WAIT_S)
    assert (runner.report.activity, runner.report.problem) == ("failed", problem)


def test_one_that_stumbles_over_its_end_has_failed_too() -> None:
    class Stumbles(FakeSink):
        def close(self) -> None:
            raise OSError("busy")

    runner = SinkRunner("Fake", Stumbles)
    assert runner.close(WAIT_S)
    assert runner.report.problem in ("", "Fake has stopped: OSError: busy")


def test_closing_does_not_wait_for_one_that_hangs() -> None:
    gate = threading.Event()
    sink = FakeSink(gate)
    runner = SinkRunner("Fake", lambda: sink)
    runner.take(picture())
    until(lambda: sink.begun == 1)
    assert not runner.close()
    assert runner.report.activity == "closing"
    gate.set()
    assert runner.close(WAIT_S)
    assert runner.report.activity == "closed"


def test_what_hangs_keeps_the_next_one_from_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_runner, "BEFORE_S", 0.01)
    gate = threading.Event()
    sink = FakeSink(gate)
    first = SinkRunner("Fake", lambda: sink)
    first.take(picture())
    until(lambda: sink.begun == 1)
    first.close()
    second = SinkRunner("Fake", FakeSink, after=first)
    second.thread.join(WAIT_S)
    assert "has not released its device" in second.report.problem
    gate.set()
    assert first.close(WAIT_S)


def test_the_last_picture_is_repeated_for_a_sink_that_wants_it() -> None:
    class Repeats(FakeSink):
        repeat_s = 0.001

    sink = Repeats()
    runner = SinkRunner("Fake", lambda: sink)
    runner.take(picture(5))
    until(lambda: len(sink.seeds) >= 3)
    assert runner.report.taken == 1, "repeats are no pictures"
    assert runner.close(WAIT_S)
    assert set(sink.seeds) == {5}


def test_the_report_counts_pictures_per_second_and_asks_the_sink() -> None:
    now_s = [100.0]
    sink = FakeSink()
    runner = SinkRunner("Fake", lambda: sink, clock=lambda: now_s[0])
    for seed in range(3):
        runner.take(picture(seed))
        until(lambda: len(sink.seeds) == seed + 1)  # noqa: B023 - called at once
    until(lambda: runner.report.per_s == 3.0)
    assert runner.report.status == "3 so far"
    now_s[0] += 1.5
    assert runner.report.per_s == 0.0
    assert runner.close(WAIT_S)


def test_a_sink_whose_status_fails_has_none() -> None:
    class Silent(Sink):
        def take(self, picture: Picture) -> None:
            """Nothing."""

        @property
        def status(self) -> str:
            raise RuntimeError

    runner = SinkRunner("Fake", Silent)
    until(lambda: runner.report.activity == "on")
    assert runner.report.status == ""
    assert runner.close(WAIT_S)
