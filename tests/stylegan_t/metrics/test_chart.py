"""The chart: a sound PNG, points where their values say, labels that cover nothing."""

from __future__ import annotations

import io
import itertools

import numpy as np
from PIL import Image, ImageColor

from stylegan_t.metrics import chart as charting
from stylegan_t.metrics.chart import BLUE, GREEN, Axis, Point, Series, chart

X, Y = Axis("agreement"), Axis("FID", from_zero=True)
CURVE = tuple(Point(0.9 + k / 100, 12 - 2 * k, f"psi {k}") for k in range(5))


def pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        assert image.size == (1760, 1240)
        return np.asarray(image.convert("RGB")).astype(int)


def share_of(picture: np.ndarray, colour: str) -> np.ndarray:
    """Where that colour is."""
    return (np.abs(picture - ImageColor.getrgb(colour)).sum(axis=2)) < 12


def test_it_is_a_light_picture_with_its_series_on_it() -> None:
    picture = pixels(chart("Title", ("one", "two"), X, Y, (Series(CURVE, joined=True),)))
    assert picture[0, 0].tolist() == [255, 255, 255] and picture.mean() > 240
    assert share_of(picture, BLUE).sum() > 3000
    assert not share_of(picture, GREEN).any()


def test_points_stand_where_their_values_say() -> None:
    series = Series((Point(0.0, 0.0, ""), Point(1.0, 10.0, "")), BLUE)
    real = Series((Point(0.5, 5.0, ""),), GREEN)
    picture = pixels(chart("", (), Axis("", True), Axis("", True), (series, real)))
    y, x = (float(v.mean()) for v in np.nonzero(share_of(picture, GREEN)))
    ys, xs = np.nonzero(share_of(picture, BLUE))
    high = ys < y
    assert xs[high].mean() > x and xs[~high].mean() < x
    assert abs((ys[high].mean() + ys[~high].mean()) / 2 - y) < 3


def test_equal_charts_have_equal_bytes() -> None:
    one, two = (chart("Title", (), X, Y, (Series(CURVE),)) for _ in range(2))
    assert one == two


def test_labels_do_not_cover_one_another() -> None:
    crowd = tuple(Point(0.5 + k * 0.004, 5 + k * 0.02, f"psi {k}") for k in range(5))
    sheet = charting._Sheet([0.0, 0.5, 1.0], [0.0, 5.0, 10.0])
    for point in crowd:
        sheet.dot(point, Series(crowd))
    for point in crowd:
        sheet.label(point, BLUE)
    boxes = sheet.taken[len(crowd) :]
    for one, two in itertools.combinations(boxes, 2):
        beside = one[2] <= two[0] or two[2] <= one[0]
        assert beside or one[3] <= two[1] or two[3] <= one[1]


def test_a_label_at_the_edge_stays_on_the_paper() -> None:
    sheet = charting._Sheet([0.0, 1.0], [0.0, 1.0])
    point = Point(1.0, 0.0, "a label of some length")
    sheet.dot(point, Series((point,)))
    sheet.label(point, BLUE)
    left, top, right, bottom = sheet.taken[-1]
    assert left > 0 and top > 0 and right < charting.WIDTH and bottom < charting.HEIGHT


def test_one_point_alone_makes_a_chart() -> None:
    pixels(chart("", (), X, Y, (Series((Point(0.5, 3.0, "one"),)), Series(()))))
