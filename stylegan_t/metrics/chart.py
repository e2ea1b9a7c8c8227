"""A chart of points on two axes as a PNG, drawn with Pillow.

Everything is laid out in points on a canvas of fixed size, drawn large, and scaled down once, which
smooths lines and text.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from stylegan_t.metrics.ticks import tick_labels, ticks

WIDTH, HEIGHT = 880, 620
"""Of the canvas, in points."""
DENSITY = 2
"""Pixels to a point in the file."""
SMOOTHING = 2
"""Factor by which it is drawn larger, then scaled down."""
LEFT, RIGHT, TOP, BOTTOM = 84, 44, 146, 78
"""Room around the plot, in points."""
PAPER, INK, GREY, GRID, FRAME = "#ffffff", "#1b1f27", "#667080", "#e8ebf0", "#aab2bf"
BLUE, GREEN, ORANGE = "#2a63d6", "#1e8a5a", "#c2570c"
TITLE_SIZE, TEXT_SIZE, LABEL_SIZE = 23.0, 14.5, 14.0
DOT = 5.5
MARGIN_SHARE = 0.06
"""Air between the outermost points and the frame, as a share of the axis."""
_PLACES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
"""Places of a label beside its point, in order of preference: right, left, above, ..."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Point:
    """One point, in the units of the axes, and the words beside it."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Series:
    """Points of one kind; `joined` draws a line through them in their order."""

    points: tuple[Point, ...]
    colour: str = BLUE
    joined: bool = False
    hollow: bool = False


@dataclass(frozen=True)
class Axis:
    """The quantity on an axis, with its unit; `from_zero` keeps 0 on it."""

    title: str
    from_zero: bool = False


def chart(
    title: str, subtitle: tuple[str, ...], x: Axis, y: Axis, series: tuple[Series, ...]
) -> bytes:
    """A PNG of 1760 by 1240 pixels.

    Args:
        title: what is to be seen, in a few words.
        subtitle: up to two lines of small print under it.
        x, y: the axes.
        series: what stands on them; at least one point, all finite.
    """
    points = [point for one in series for point in one.points]
    sheet = _Sheet(_span([p.x for p in points], x), _span([p.y for p in points], y))
    sheet.heading(title, subtitle)
    sheet.grid(x.title, y.title)
    for one in series:
        if one.joined:
            sheet.line(one)
    for one in series:
        for point in one.points:
            sheet.dot(point, one)
    for one in series:
        for point in one.points:
            sheet.label(point, one.colour)
    return sheet.png()


def _span(values: list[float], axis: Axis) -> list[float]:
    """The ticks of an axis that holds these values with some air."""
    low, high = min(values), max(values)
    air = (high - low) * MARGIN_SHARE
    return ticks(0.0 if axis.from_zero else low - air, high + air)


class _Sheet:
    """The canvas; coordinates in points, the origin at the top left."""

    def __init__(self, x_ticks: list[float], y_ticks: list[float]) -> None:
        self.scale = DENSITY * SMOOTHING
        self.image = Image.new("RGB", (WIDTH * self.scale, HEIGHT * self.scale), PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.x_ticks, self.y_ticks = x_ticks, y_ticks
        self.taken: list[Box] = []

    def png(self) -> bytes:
        """The finished file."""
        size = (WIDTH * DENSITY, HEIGHT * DENSITY)
        data = io.BytesIO()
        self.image.resize(size, Image.Resampling.LANCZOS).save(data, "PNG", optimize=True)
        return data.getvalue()

    def heading(self, title: str, subtitle: tuple[str, ...]) -> None:
        """Title and small print, at the top left."""
        self.text(LEFT, 22, title, TITLE_SIZE, INK)
        for number, line in enumerate(subtitle):
            self.text(LEFT, 55 + number * 19, line, TEXT_SIZE, GREY)

    def grid(self, x_title: str, y_title: str) -> None:
        """Lines at the ticks, their numbers, and what the axes show."""
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for value, label in zip(self.x_ticks, tick_labels(self.x_ticks), strict=True):
            self.stroke([(self.x(value), TOP), (self.x(value), bottom)], GRID, 1)
            self.text(self.x(value), bottom + 9, label, TEXT_SIZE, GREY, "ma")
        for value, label in zip(self.y_ticks, tick_labels(self.y_ticks), strict=True):
            self.stroke([(LEFT, self.y(value)), (right, self.y(value))], GRID, 1)
            self.text(LEFT - 10, self.y(value), label, TEXT_SIZE, GREY, "rm")
        self.stroke([(LEFT, TOP), (LEFT, bottom), (right, bottom)], FRAME, 1.25)
        self.text((LEFT + right) / 2, bottom + 38, x_title, TEXT_SIZE, INK, "ma")
        self.text(LEFT, TOP - 32, y_title, TEXT_SIZE, INK)

    def line(self, series: Series) -> None:
        """The line through a series; labels keep off it."""
        places = [(self.x(p.x), self.y(p.y)) for p in series.points]
        self.stroke(places, series.colour, 2.25)
        for (x0, y0), (x1, y1) in itertools.pairwise(places):
            for k in range(1, 16):
                x, y = x0 + (x1 - x0) * k / 16, y0 + (y1 - y0) * k / 16
                self.taken.append((x - 1, y - 1, x + 1, y + 1))

    def dot(self, point: Point, series: Series) -> None:
        """The mark of a point, with a white rim that lifts it off the line."""
        x, y = self.x(point.x), self.y(point.y)
        self.disc(x, y, DOT + 2, PAPER)
        self.disc(x, y, DOT, series.colour)
        if series.hollow:
            self.disc(x, y, DOT - 2.25, PAPER)
        self.taken.append((x - DOT, y - DOT, x + DOT, y + DOT))

    def label(self, point: Point, colour: str) -> None:
        """The words beside a point, where they cover least."""
        font = self.font(LABEL_SIZE)
        width, height = font.getlength(point.label) / self.scale, LABEL_SIZE
        boxes = [self.beside(point, width, height, dx, dy) for dx, dy in _PLACES]
        box = min(boxes, key=self.cover)
        self.taken.append(box)
        middle = (box[1] + box[3]) / 2
        self.text(box[0], middle, point.label, LABEL_SIZE, colour, "lm")

    def beside(self, point: Point, width: float, height: float, dx: int, dy: int) -> Box:
        """Return where a label of that size would stand, in one of the eight directions."""
        gap = DOT + 6
        reach = gap if not (dx and dy) else gap * 0.6
        left = self.x(point.x) + (dx * reach if dx > 0 else dx * (reach + width) if dx else 0)
        left -= width / 2 if not dx else 0
        middle = self.y(point.y) + dy * (reach + height / 2)
        return left, middle - height / 2, left + width, middle + height / 2

    def cover(self, box: Box) -> float:
        """Return how much of what stands there already a label would cover; the frame counts
        most."""
        left, top, right, bottom = box
        outside = max(0.0, LEFT + 4 - left) + max(0.0, right - (WIDTH - 8))
        outside += max(0.0, TOP - top) + max(0.0, bottom - (HEIGHT - BOTTOM - 4))
        area = sum(
            max(0.0, min(right, r) - max(left, x)) * max(0.0, min(bottom, b) - max(top, y))
            for x, y, r, b in self.taken
        )
        return area + 1000 * outside

    # -- drawing, in points ------------------------------------------------------------------------

    def x(self, value: float) -> float:
        """Return where a value stands on the horizontal axis."""
        share = (value - self.x_ticks[0]) / (self.x_ticks[-1] - self.x_ticks[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Return where a value stands on the vertical axis."""
        share = (value - self.y_ticks[0]) / (self.y_ticks[-1] - self.y_ticks[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    def stroke(self, places: list[tuple[float, float]], colour: str, width: float) -> None:
        """A line through these places."""
        scaled = [(x * self.scale, y * self.scale) for x, y in places]
        self.draw.line(scaled, colour, round(width * self.scale), joint="curve")

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle."""
        s = self.scale
        self.draw.ellipse(
            ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s), colour
        )

    def text(
        self, x: float, y: float, words: str, size: float, colour: str, anchor: str = "la"
    ) -> None:
        """Words at a place; `anchor` is Pillow's."""
        place = (x * self.scale, y * self.scale)
        self.draw.text(place, words, colour, self.font(size), anchor=anchor)

    def font(self, size: float) -> ImageFont.FreeTypeFont:
        """Pillow's own font, so that every machine draws the same."""
        font = ImageFont.load_default(size * self.scale)
        assert isinstance(font, ImageFont.FreeTypeFont), "Pillow comes with FreeType"
        return font
