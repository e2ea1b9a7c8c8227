"""The crispness of pictures, wherever their edges lie."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

WINDOW = 8
"""Side in pixels of the windows whose contrast is compared, half of it apart."""


def edges(image: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of neighbours, right and down."""
    return image[..., :, 1:] - image[..., :, :-1], image[..., 1:, :] - image[..., :-1, :]


def windows(x: Tensor) -> Tensor:
    """The means of small windows."""
    side = min(WINDOW, x.shape[-1])
    return F.avg_pool2d(x, side, max(side // 2, 1))


def crispness(image: Tensor) -> Tensor:
    """The root mean square of the differences of neighbours in each small window, [N, 3, h, w].

    A soft edge climbs as high as a sharp one, but in smaller steps: their squares add up to less.
    """
    right, down = edges(image)
    return (windows(right[..., 1:, :].square() + down[..., :, 1:].square()) + 1e-4).sqrt()
