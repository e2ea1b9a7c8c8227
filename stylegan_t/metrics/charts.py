"""The two pictures of the paper, for one's own models: alignment and speed against quality.

Source: StyleGAN-T, figure 1 (quality against seconds for a picture) and the curves of FID against
CLIP's score over truncation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from stylegan_t.metrics.chart import BLUE, GREEN, ORANGE, Axis, Point, Series, chart
from stylegan_t.metrics.errors import MetricError
from stylegan_t.metrics.report import Measured, Row

FID_AXIS = Axis("FID (lower is better)", from_zero=True)


def tradeoff_chart(measured: Measured) -> bytes:
    """A PNG of FID against alignment over truncation, with real pictures as a yardstick.

    Raises:
        MetricError: fewer than two truncations were measured in both.
    """
    curve = [row for row in measured.rows if row.psi is not None and _both(row)]
    if len(curve) < 2:
        raise MetricError("A trade-off needs FID and alignment at two truncations at least.")
    points = tuple(_point(row) for row in sorted(curve, key=lambda row: row.psi or 0.0))
    series = [Series(points, BLUE, joined=True)]
    real = tuple(_point(row) for row in measured.rows if row.psi is None and _both(row))
    if real:
        series.append(Series(real, GREEN, hollow=True))
    return chart(
        f"Truncation: variety against alignment, {model_name(measured)}",
        _small_print(measured),
        Axis(f"{_alignment_title(measured)} (higher is better)"),
        FID_AXIS,
        tuple(series),
    )


def speed_chart(measured: Measured, others: Sequence[Measured] = ()) -> bytes:
    """A PNG of FID against seconds for one picture, a point for each model.

    Args:
        measured: the model that was measured now.
        others: earlier measurements to set beside it.

    Raises:
        MetricError: a measurement lacks the speed or the FID, or its FID was taken otherwise.
    """
    rows = [_best(one) for one in (measured, *others)]
    for one in others:
        if (one.features_key, one.real) != (measured.features_key, measured.real):
            raise MetricError(
                f"FIDs of {model_name(one)} and {model_name(measured)} cannot be compared: they "
                "were taken with other feature networks or other real pictures."
            )
    points = [_speed_point(one, row) for one, row in zip((measured, *others), rows, strict=True)]
    return chart(
        f"Quality against speed, {model_name(measured)}",
        _small_print(measured),
        Axis("milliseconds for one picture, from the prompt to its pixels", from_zero=True),
        FID_AXIS,
        (Series((points[0],), BLUE), Series(tuple(points[1:]), ORANGE)),
    )


def model_name(measured: Measured) -> str:
    """Return the name of the model: its file's name without folders."""
    return PurePath(measured.model).name or "this model"


def _both(row: Row) -> bool:
    return row.fid is not None and row.alignment is not None


def _point(row: Row) -> Point:
    assert row.fid is not None and row.alignment is not None
    return Point(row.alignment, row.fid, row.label)


def _best(measured: Measured) -> Row:
    """The generated pictures with the lowest FID."""
    rows = [row for row in measured.rows if row.psi is not None and row.fid is not None]
    if not rows or measured.speed is None:
        raise MetricError(f"{model_name(measured)} was measured without FID or without speed.")
    return min(rows, key=lambda row: row.fid or 0.0)


def _speed_point(measured: Measured, row: Row) -> Point:
    assert measured.speed is not None and row.fid is not None
    what = f"{model_name(measured)} in {measured.precision}"
    label = f"{what}, {row.label}, {measured.speed.device}"
    return Point(measured.speed.median_s * 1000, row.fid, label)


def _alignment_title(measured: Measured) -> str:
    judged = measured.alignment.startswith("share")
    return "share of what prompts name that the judge sees" if judged else "CLIP score"


def _small_print(measured: Measured) -> tuple[str, str]:
    count = max(row.pictures for row in measured.rows)
    return (
        f"{count} pictures of {measured.size} pixels for each point, against {measured.real}",
        f"Features: {measured.features}",
    )
