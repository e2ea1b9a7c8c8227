"""Pixels as other programs want them: with a fourth channel."""

from __future__ import annotations

import numpy as np


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    """Return uint8 [H, W, 3] as opaque uint8 [H, W, 4], rows without gaps."""
    opaque = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    opaque[..., :3] = pixels
    return opaque
