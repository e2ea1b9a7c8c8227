"""Demodulation's share of the weights: it depends on them alone, so it is worked out once."""

from __future__ import annotations

import torch
from torch import Tensor


def kernel_power(weight: Tensor) -> Tensor:
    """Return the sum of squares over each kernel of `weight` [O, I, k, k]: [O, I] float32.

    One tap after the other, so that no copy of all weights is made.

    Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN", equation 3.
    """
    power = weight.new_zeros(weight.shape[:2], dtype=torch.float32)
    for row in range(weight.shape[2]):
        for column in range(weight.shape[3]):
            tap = weight[:, :, row, column].float()
            power.addcmul_(tap, tap)
    return power
