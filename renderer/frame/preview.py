"""Small pictures of recipes, made while the renderer has nothing better to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from renderer.recipe.recipe import Recipe

if TYPE_CHECKING:  # the window's first second uses this file without loading torch
    import numpy as np

    from renderer.frame.frame import Frame

MAX_WISHES = 512
"""More at once are more than a screen holds; the rest waits for the next wish."""


@dataclass(frozen=True)
class Wish:
    """A picture of `recipe`, at most `size_px` wide and high; if it `loads`, a model that is not in
    use is loaded for it."""

    recipe: Recipe
    size_px: int
    loads: bool = False


@dataclass(frozen=True, eq=False)
class Granted:
    """The answer to a wish: uint8 [h, w, 3] in main memory, or None where there is no picture."""

    wish: Wish
    pixels: np.ndarray | None


def shrunk(frame: Frame, size_px: int) -> np.ndarray:
    """The picture of a frame, averaged down to at most `size_px`; never enlarged.

    Returns:
        uint8 [h, w, 3] in main memory.
    """
    # PyTorch is slow to import: not in the window's first second
    import torch
    import torch.nn.functional as F

    assert frame.image is not None, "a frame with an error has no picture"
    height, width = frame.image.shape[:2]
    if size_px >= max(height, width):
        return frame.pixels()
    share = size_px / max(height, width)
    size = (max(1, round(height * share)), max(1, round(width * share)))
    with torch.inference_mode():
        planes = frame.image.permute(2, 0, 1)[None].float()
        small = F.interpolate(planes, size=size, mode="area")
        pixels = small[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
        return pixels.contiguous().cpu().numpy()
