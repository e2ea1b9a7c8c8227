"""The paper's two pictures: what they need, what they show, what cannot be compared."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from stylegan_t.metrics import charts
from stylegan_t.metrics.chart import Axis, Series
from stylegan_t.metrics.charts import speed_chart, tradeoff_chart
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.report import Row
from stylegan_t.metrics.speed import Speed
from tests.stylegan_t.metrics.test_report import MEASURED

CURVE = replace(
    MEASURED,
    rows=(
        Row(1.0, 1000, fid=2.0, alignment=0.93),
        Row(0.0, 1000, fid=14.0, alignment=0.96),
        Row(0.5, 1000, fid=6.0, alignment=0.95),
        Row(None, 1000, fid=0.2, alignment=0.97),
    ),
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def chart(*given: Any) -> bytes:
        calls.append(given)
        return b"png"

    monkeypatch.setattr(charts, "chart", chart)
    return calls


def test_the_curve_runs_over_truncation_with_real_pictures_beside(
    drawn: list[tuple[Any, ...]],
) -> None:
    assert tradeoff_chart(CURVE) == b"png"
    title, _, x, y, (curve, real) = drawn[0]
    assert "demo.safetensors" in title and isinstance(x, Axis) and "better" in y.title
    assert isinstance(curve, Series) and curve.joined
    assert [p.label for p in curve.points] == ["psi 0", "psi 0.5", "psi 1"]
    assert [(p.x, p.y) for p in curve.points] == [(0.96, 14.0), (0.95, 6.0), (0.93, 2.0)]
    assert [(p.x, p.y) for p in real.points] == [(0.97, 0.2)]


def test_a_curve_needs_two_points() -> None:
    assert tradeoff_chart(CURVE).startswith(b"\x89PNG")
    with pytest.raises(MetricError, match="two truncations"):
        tradeoff_chart(replace(CURVE, rows=CURVE.rows[:1]))


def test_models_stand_beside_one_another_by_speed(drawn: list[tuple[Any, ...]]) -> None:
    other = replace(
        CURVE,
        model="b.safetensors",
        rows=(Row(1.0, 1000, fid=9.0),),
        speed=Speed(0.002, 0.001, 0.003, 30, "a GPU", 1),
    )
    speed_chart(CURVE, [other])
    own, others = drawn[0][4]
    assert [(p.x, p.y) for p in own.points] == [(pytest.approx(12.3), 2.0)]
    assert "demo.safetensors in float32, psi 1, CPU" in own.points[0].label
    assert [(p.x, p.y) for p in others.points] == [(pytest.approx(2.0), 9.0)]


def test_figures_of_other_networks_are_not_compared() -> None:
    with pytest.raises(MetricError, match="cannot be compared"):
        speed_chart(CURVE, [replace(CURVE, features_key="other")])
    with pytest.raises(MetricError, match="without FID or without speed"):
        speed_chart(replace(CURVE, speed=None))
