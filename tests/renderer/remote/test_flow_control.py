"""What goes on the line: few pictures at a time, small where it is slow, exact at rest."""

from __future__ import annotations

import pytest

from renderer.remote.flow_control import FEWEST, FlowControl

RAW_512 = 512 * 512 * 3


class Road:
    """A line of a given rate and delay; pictures are sent as soon as they may be."""

    def __init__(self, rate: float, way_s: float) -> None:
        self.rate, self.way_s = rate, way_s
        self.line, self.now_s, self.serial = FlowControl(), 0.0, 0
        self._free_s = 0.0
        self._on_way: list[tuple[float, int]] = []
        self.most = 0

    def drive(self, seconds: float, size: int) -> int:
        """Send pictures of one size for a while; returns how many were seen."""
        end_s, seen = self.now_s + seconds, 0
        while self.now_s < end_s:
            while self.line.free:
                self.serial += 1
                self.line.sent(self.serial, size, self.now_s)
                self._free_s = max(self._free_s, self.now_s) + size / self.rate
                self._on_way.append((self._free_s + self.way_s, self.serial))
            self.most = max(self.most, len(self._on_way))
            self.now_s, serial = self._on_way.pop(0)
            self.line.seen(serial, self.now_s)
            seen += 1
        return seen


@pytest.mark.parametrize("rate", [6e5, 6e6, 1e8])
@pytest.mark.parametrize("way_s", [0.0005, 0.04, 0.2])
def test_the_rate_is_found_and_the_line_is_kept_busy(rate: float, way_s: float) -> None:
    road = Road(rate, way_s)
    size = 20_000
    road.drive(20 * way_s + 5 * size / rate, size)
    seconds = 100 * way_s + 200 * size / rate
    seen = road.drive(seconds, size)
    assert seen > 0.7 * seconds * rate / size
    assert road.line.rate == pytest.approx(rate, rel=0.35)
    assert road.line.way_s is not None
    assert road.line.way_s >= way_s


def test_a_slow_line_holds_no_queue() -> None:
    road = Road(6e5, 0.02)
    road.drive(10.0, 60_000)
    road.most = 0
    road.drive(10.0, 60_000)
    assert road.most <= FEWEST + 1


def test_a_line_that_grows_slow_is_noticed() -> None:
    road = Road(1e8, 0.01)
    road.drive(0.5, 50_000)
    road.rate = 1e6
    road.drive(3.0, 50_000)
    assert road.line.rate is not None
    assert road.line.rate < 2e6


def test_nothing_is_known_at_first_and_few_are_sent() -> None:
    line = FlowControl()
    assert line.rate is None
    sent = 0
    while line.free:
        sent += 1
        line.sent(sent, 1000, 0.0)
    assert sent == FEWEST


def test_what_was_never_sent_is_passed_over() -> None:
    line = FlowControl()
    line.seen(99, 1.0)
    assert line.rate is None
    assert line.free


def known(rate: float) -> FlowControl:
    road = Road(rate, 0.02)
    road.drive(1.0, 20_000)
    return road.line


def test_a_fast_line_gets_raw_pixels() -> None:
    assert known(1e9).packing(RAW_512, moves=True).coding == "raw"
    assert known(1e9).packing(RAW_512, moves=False).coding == "raw"


def test_a_slow_line_gets_less_quality_the_slower_it_is() -> None:
    packings = [known(rate).packing(RAW_512, moves=True) for rate in (6e6, 2e6, 6e5)]
    assert [packing.coding for packing in packings] == ["jpeg"] * 3
    qualities = [packing.quality for packing in packings]
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[0] > qualities[-1]


def test_at_rest_every_value_is_sent_at_once_where_that_is_quick() -> None:
    assert [known(rate).packing(RAW_512, moves=False).exact for rate in (6e5, 2e7, 1e9)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("wanted", ["raw", "lossless", "jpeg", "webp"])
def test_what_the_user_forces_is_done(wanted) -> None:
    line = FlowControl(wanted)
    packing = line.packing(RAW_512, moves=True)
    assert packing.coding == {"lossless": "png"}.get(wanted, wanted)


def test_pictures_that_pack_badly_get_less_quality() -> None:
    line = known(6e6)
    before = line.packing(RAW_512, moves=True).quality
    for _ in range(20):
        line.packed(before, RAW_512, RAW_512 // 2)
    assert line.packing(RAW_512, moves=True).quality < before
