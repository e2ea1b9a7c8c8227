"""Place of the picture in its area: zoom and pan, as pure geometry."""

from __future__ import annotations

import math
from dataclasses import dataclass

MARGIN = 0.035
"""Free space around a fitted picture, as a share of the area's shorter side."""
MAX_SCALE = 64.0
MIN_SCALE = 1 / 16
KEEP_VISIBLE = 40.0
"""Pixels of the picture that panning always leaves inside the area."""

Size = tuple[float, float]


@dataclass(frozen=True)
class View:
    """Zoom and pan of the picture.

    `scale` is screen pixels per picture pixel, or None: as large as it fits.  `centre` is where the
    picture's centre lies, in screen pixels right of and below the area's centre.
    """

    scale: float | None = None
    centre: tuple[float, float] = (0.0, 0.0)


def fit_scale(area: Size, image: Size) -> float:
    """The scale at which the whole picture fills the area.

    Args:
        area, image: (width, height) in pixels.
    """
    margin = 2 * MARGIN * min(area)
    scale = min((area[0] - margin) / image[0], (area[1] - margin) / image[1])
    return max(scale, MIN_SCALE)


def next_scale(scale: float, step: int) -> float:
    """One zoom step: whole multiples above 1, whole divisions below."""
    tiny = 1e-6
    if step > 0:
        if scale >= 1 - tiny:
            return min(float(math.floor(scale + tiny) + 1), MAX_SCALE)
        return 1.0 / max(1, math.ceil(1 / scale - tiny) - 1)
    if scale > 1 + tiny:
        return float(max(1, math.ceil(scale - tiny) - 1))
    return max(1.0 / (math.floor(1 / scale + tiny) + 1), MIN_SCALE)


def zoomed(view: View, scale: float, new_scale: float, cursor: tuple[float, float]) -> View:
    """Change the scale and keep the point under the cursor where it is.

    Args:
        view: the view before; `scale` is its scale as shown.
        new_scale: the scale wanted.
        cursor: in screen pixels from the area's centre.
    """
    ratio = new_scale / scale
    x, y = (c - (c - at) * ratio for c, at in zip(cursor, view.centre, strict=True))
    return View(new_scale, (x, y))


def panned(view: View, scale: float, delta: tuple[float, float]) -> View:
    """Move the picture by `delta` screen pixels."""
    return View(scale, (view.centre[0] + delta[0], view.centre[1] + delta[1]))


def kept_inside(view: View, area: Size, shown: Size) -> View:
    """The view, moved back so that some of the picture stays in the area.

    Args:
        area: of the picture's part of the window.
        shown: the picture's size on the screen, both (width, height) in pixels.
    """
    centre = []
    for at, room, size in zip(view.centre, area, shown, strict=True):
        reach = max(0.0, (room + size) / 2 - min(KEEP_VISIBLE, size))
        centre.append(min(max(at, -reach), reach))
    return View(view.scale, (centre[0], centre[1]))
