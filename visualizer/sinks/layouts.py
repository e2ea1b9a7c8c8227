"""Pixels as other programs want them: with a fourth channel, or on a canvas of a fixed size."""

from __future__ import annotations

import numpy as np


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    """Return uint8 [H, W, 3] as opaque uint8 [H, W, 4], rows without gaps."""
    opaque = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    opaque[..., :3] = pixels
    return opaque


def on_canvas(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture as large as it fits in the middle of a black canvas.

    Args:
        pixels: uint8 [H, W, 3].
        size: width and height of the canvas.

    Returns:
        uint8 [height, width, 3], rows without gaps.
    """
    # Pillow is slow to import: only once a sink resizes
    from PIL import Image

    height, width, _ = pixels.shape
    scale = min(size[0] / width, size[1] / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    canvas = Image.new("RGB", size)
    resized = Image.fromarray(np.ascontiguousarray(pixels)).resize(inner, Image.Resampling.BILINEAR)
    canvas.paste(resized, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return np.asarray(canvas)
