"""All sinks that are on, together."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.visualizer.sinks.fakes import WAIT_S, FakeSink, picture, until
from visualizer.sinks.rack import SinkRack


@pytest.fixture
def rack() -> Iterator[SinkRack]:
    rack = SinkRack(lambda: None)
    yield rack
    assert rack.end(WAIT_S)


def test_each_picture_goes_to_all_that_are_on(rack: SinkRack) -> None:
    first, second, off = FakeSink(), FakeSink(), FakeSink()
    for name, sink in (("1", first), ("2", second), ("3", off)):
        rack.open(name, name, lambda sink=sink: sink, capacity=9)
    assert rack.close("3", WAIT_S)
    rack.feed(picture(1))
    rack.feed(picture(2))
    assert rack.end(WAIT_S)
    assert (first.seeds, second.seeds, off.seeds) == ([1, 2], [1, 2], [])
    assert off.closed == 1


def test_one_that_fails_or_hangs_does_not_touch_the_others(rack: SinkRack) -> None:
    gate, well = threading.Event(), FakeSink()
    rack.open("fails", "Fails", lambda: FakeSink(fails=49))
    rack.open("hangs", "Hangs", lambda: FakeSink(gate))
    rack.open("well", "Well", lambda: well, capacity=99)
    for seed in range(50):
        rack.feed(picture(seed))
    until(lambda: well.seeds == list(range(50)))
    until(lambda: (report := rack.report("fails")) is not None and report.activity == "failed")
    assert not rack.end(0.0), "one still hangs"
    gate.set()


def test_what_is_switched_off_and_on_at_once_is_on_once(rack: SinkRack) -> None:
    made: list[FakeSink] = []

    def make() -> FakeSink:
        assert all(sink.closed for sink in made), "the one before still holds the device"
        made.append(FakeSink())
        return made[-1]

    for _ in range(5):
        rack.open("one", "One", make)
    until(lambda: (report := rack.report("one")) is not None and report.activity == "on")
    assert [sink.closed for sink in made[:-1]] == [1] * (len(made) - 1)
    rack.close("one")
    assert rack.report("one") is None


def test_a_change_wakes_the_window() -> None:
    woken: list[bool] = []
    rack = SinkRack(lambda: woken.append(True))
    rack.open("one", "One", FakeSink)
    until(lambda: len(woken) == 1)
    assert rack.close("one", WAIT_S)
    assert len(woken) == 2
