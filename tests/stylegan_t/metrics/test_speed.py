"""Timing: the median of as many pictures as were asked for, in seconds."""

from __future__ import annotations

import itertools

import pytest

from stylegan_t.metrics import speed as timing
from stylegan_t.metrics.speed import WARM_UP, render_speed
from tests.stylegan_t.metrics.tiny import tiny_generator


def test_real_pictures_are_timed() -> None:
    speed = render_speed(tiny_generator(), "a red house", "CPU", repeats=10)
    assert 0 < speed.low_s <= speed.median_s <= speed.high_s < 5
    assert speed.repeats == 10 and speed.device == "CPU" and speed.threads >= 1


def test_the_figures_are_percentiles_without_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    took = [100.0] * WARM_UP + [float(k) for k in range(1, 12)]
    clock = itertools.accumulate(itertools.chain.from_iterable((0.0, t) for t in took))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    speed = render_speed(tiny_generator(), "", "CPU", repeats=11)
    assert (speed.low_s, speed.median_s, speed.high_s) == (2, 6, 10)
