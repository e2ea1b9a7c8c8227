from __future__ import annotations

from collections import deque

import pytest

from visualizer.window.meter import Meter, spread


def test_pictures_and_redraws_of_the_last_second_are_counted() -> None:
    meter = Meter()
    for step in range(60):
        meter.redraw(step / 60, 4.0)
        if step % 3 == 0:
            meter.picture(step / 60, 20.0, 0.5)
    stats = meter.stats(59 / 60, "CPU")
    assert (stats.frames_per_s, stats.ui_frames_per_s) == (20, 60)
    assert stats.ui_ms == (4.0, 4.0)
    assert stats.upload_ms == 0.5
    assert meter.stats(5.0, "CPU").frames_per_s == 0


def test_pictures_that_cost_nothing_stay_out_of_the_plot() -> None:
    meter = Meter()
    meter.picture(0.0, 0.0, 0.1)
    meter.picture(0.1, 12.0, 0.1)
    assert meter.stats(0.2, "").history_ms == (12.0,)


def test_the_spread_is_median_and_99th_percentile() -> None:
    assert spread(deque()) == (0.0, 0.0)
    assert spread(deque(float(i) for i in range(101))) == (50.0, pytest.approx(99.0))
