"""The geometry of the handles on the picture: where they lie, and what a drag of one means.

Pure functions.  Positions are (x, y) in Dear ImGui's pixels, y down; `TransformPart` counts
rotation counter-clockwise, and `x` and `y` to the right and up in sizes of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from renderer.recipe.recipe import WILD, TransformPart

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Handle = Literal["move", "turn", "zoom"]

SHARE = 0.3
"""Half the frame's side, as a share of the picture's, while nothing is zoomed."""
SNAP_DEG = 15.0
ZOOM_RANGE = (0.05, 20.0)
"""The range that dragging reaches; typed values may go further."""


@dataclass(frozen=True)
class Handles:
    """A frame that lies on the content: its centre, half its side, and how far it is turned.

    The frame stays where one can reach it: `centre` is kept inside the visible part of the window,
    and `half` within limits, so a drag is measured by how it changes, never by where it is.
    """

    centre: Point
    half: float
    turn_deg: float
    stem: float
    """Distance of the round handle beyond the upper edge, in pixels."""

    def at(self, right: float, up: float) -> Point:
        """A place on the frame: (1, 1) is its upper right corner, turned with the content."""
        return self._turned(right * self.half, up * self.half)

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """Upper left, upper right, lower right, lower left of the content."""
        return self.at(-1, 1), self.at(1, 1), self.at(1, -1), self.at(-1, -1)

    @property
    def knob(self) -> Point:
        """Return where the round handle is that turns the content."""
        return self._turned(0.0, self.half + self.stem)

    def under(self, mouse: Point, reach: float) -> Handle:
        """Return what a press at `mouse` takes: the knob, a corner, or else the content as a
        whole."""
        if math.dist(mouse, self.knob) <= reach:
            return "turn"
        near = min(math.dist(mouse, corner) for corner in self.corners)
        return "zoom" if near <= reach else "move"

    def _turned(self, right: float, up: float) -> Point:
        angle = math.radians(self.turn_deg)
        cos, sin = math.cos(angle), math.sin(angle)
        return (
            self.centre[0] + right * cos - up * sin,
            self.centre[1] - right * sin - up * cos,
        )


def handles(part: TransformPart, box: Box, clip: Box, unit: float) -> Handles:
    """The handles for content that is moved as `part` says.

    Args:
        part: of the recipe.
        box: where the picture lies; left, top, right, bottom.
        clip: what of the window the handles may cover.
        unit: height of the font in pixels; the handles' sizes follow it.
    """
    size = (box[2] - box[0], box[3] - box[1])
    centre = (
        box[0] + size[0] * (0.5 + part.x),
        box[1] + size[1] * (0.5 - part.y),
    )
    margin = 1.5 * unit
    inside = (
        _held(centre[0], clip[0] + margin, clip[2] - margin),
        _held(centre[1], clip[1] + margin, clip[3] - margin),
    )
    room = min(clip[2] - clip[0], clip[3] - clip[1]) / 2 - margin
    half = _held(SHARE * min(size) * part.zoom, 2.0 * unit, max(0.8 * room, 2.0 * unit))
    return Handles(inside, half, part.rotate_deg, 1.8 * unit)


@dataclass(frozen=True)
class Drag:
    """A drag under way: which handle, what the content was like, and where it began."""

    handle: Handle
    part: TransformPart
    frame: Handles
    start: Point

    def to(self, mouse: Point, box: Box, *, snap: bool) -> TransformPart:
        """Return what the drag has made of the content, with the mouse at `mouse`.

        Args:
            mouse: where it is now.
            box: where the picture lies.
            snap: turn in steps of `SNAP_DEG`, move along one axis only.
        """
        if self.handle == "turn":
            return self._turn(mouse, snap=snap)
        if self.handle == "zoom":
            return self._zoom(mouse)
        return self._move(mouse, box, snap=snap)

    def _move(self, mouse: Point, box: Box, *, snap: bool) -> TransformPart:
        right = (mouse[0] - self.start[0]) / max(box[2] - box[0], 1.0)
        up = (self.start[1] - mouse[1]) / max(box[3] - box[1], 1.0)
        if snap:
            right, up = (right, 0.0) if abs(right) >= abs(up) else (0.0, up)
        x, y = (_held(place, -WILD, WILD) for place in (self.part.x + right, self.part.y + up))
        return replace(self.part, x=round(x, 3), y=round(y, 3))

    def _turn(self, mouse: Point, *, snap: bool) -> TransformPart:
        by = _angle_deg(self.frame.centre, mouse) - _angle_deg(self.frame.centre, self.start)
        turned = self.part.rotate_deg + by
        if snap:
            turned = round(turned / SNAP_DEG) * SNAP_DEG
        return replace(self.part, rotate_deg=round(wrapped(turned), 1))

    def _zoom(self, mouse: Point) -> TransformPart:
        before = max(math.dist(self.start, self.frame.centre), 1.0)
        zoom = self.part.zoom * math.dist(mouse, self.frame.centre) / before
        return replace(self.part, zoom=round(_held(zoom, *ZOOM_RANGE), 3))


def wrapped(degrees: float) -> float:
    """The same direction between -180 (not reached) and 180."""
    return 180.0 - (180.0 - degrees) % 360.0


def _angle_deg(centre: Point, at: Point) -> float:
    return math.degrees(math.atan2(centre[1] - at[1], at[0] - centre[0]))


def _held(value: float, low: float, high: float) -> float:
    return min(max(value, low), max(low, high))
