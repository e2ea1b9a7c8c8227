"""Pictures brought to an exact size, whatever theirs is: nothing is ever squeezed."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from renderer.files.video_settings import Fit, Size

_SMOOTH, _SQUARES = Image.Resampling.LANCZOS, Image.Resampling.BOX


def framed(pixels: np.ndarray, size: Size, fit: Fit = "fit", *, smooth: bool = True) -> np.ndarray:
    """Return a picture at a width and height.

    Args:
        pixels: uint8 [H, W, 3].
        size: width and height wanted.
        fit: "fit" shows the whole picture, in the middle and black around it; the others cover the
            whole frame and cut off what is left over.
        smooth: enlarge by Lanczos' filter; else each pixel becomes a square with sharp edges, also
            where the enlargement is no whole number.

    Returns:
        uint8 [height, width, 3]; `pixels` itself where it has that size.
    """
    height, width, _ = pixels.shape
    if (width, height) == size:
        return pixels
    shares = size[0] / width, size[1] / height
    if fit != "fit":
        return _cut(pixels, size, max(shares), smooth)
    inner = _within(width * min(shares), size[0]), _within(height * min(shares), size[1])
    resized = _resized(pixels, inner, (0.0, 0.0, width, height), smooth)
    if inner == size:
        return resized
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = resized
    return canvas


def _within(side: float, most: int) -> int:
    return min(max(round(side), 1), most)


def _cut(pixels: np.ndarray, size: Size, scale: float, smooth: bool) -> np.ndarray:
    """The middle of a picture, as much of it as the frame shows."""
    height, width, _ = pixels.shape
    across, down = min(size[0] / scale, width), min(size[1] / scale, height)
    left, top = (width - across) / 2, (height - down) / 2
    return _resized(pixels, size, (left, top, left + across, top + down), smooth)


Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


def _resized(pixels: np.ndarray, size: Size, box: Box, smooth: bool) -> np.ndarray:
    if smooth:
        image, way = Image.fromarray(pixels), _SMOOTH
    else:
        # Enlarged by whole pixels beyond what is wanted, then averaged down to it.
        times = max(1, math.ceil(size[0] / (box[2] - box[0])))
        image = Image.fromarray(pixels.repeat(times, axis=0).repeat(times, axis=1))
        box, way = (box[0] * times, box[1] * times, box[2] * times, box[3] * times), _SQUARES
    return np.asarray(image.resize(size, way, box=box))
