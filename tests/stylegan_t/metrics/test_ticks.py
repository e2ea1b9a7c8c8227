"""Axes have round numbers, enclose their values, and are neither crowded nor bare."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from stylegan_t.metrics.ticks import tick_labels, ticks


def test_examples() -> None:
    assert ticks(0, 14.2) == [0, 2.5, 5, 7.5, 10, 12.5, 15]
    assert tick_labels(ticks(0, 14.2))[:3] == ["0.0", "2.5", "5.0"]
    assert tick_labels(ticks(0.931, 0.963)) == ["0.930", "0.935"] + [
        f"{v:.3f}" for v in (0.94, 0.945, 0.95, 0.955, 0.96, 0.965)
    ]
    assert tick_labels(ticks(0, 100)) == ["0", "25", "50", "75", "100"]


def test_any_range_is_enclosed_evenly() -> None:
    rng = random.Random(1)
    for _ in range(500):
        low = rng.uniform(-1, 1) * 10 ** rng.uniform(-4, 5)
        high = low + 10 ** rng.uniform(-3, 5)
        marks = ticks(low, high)
        step = marks[1] - marks[0]
        assert marks[0] <= low + step * 1e-6 and marks[-1] >= high - step * 1e-6
        assert 4 <= len(marks) <= 11
        assert len(set(tick_labels(marks))) == len(marks)
        assert all(math.isclose(b - a, step, rel_tol=1e-6) for a, b in itertools.pairwise(marks))


def test_one_value_gets_room() -> None:
    assert ticks(5, 5)[0] < 5 < ticks(5, 5)[-1]
    assert ticks(0, 0)[0] < 0 < ticks(0, 0)[-1]


@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, math.inf), (math.nan, 1)])
def test_no_range_is_refused(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="no axis"):
        ticks(low, high)
