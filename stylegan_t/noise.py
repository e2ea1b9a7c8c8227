"""Sources of noise for the layers of a synthesis network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor

from stylegan_t.extent import Extent, extended

NoiseMode = Literal["const", "random", "none"]
NoiseSource = Callable[[int, Tensor], Tensor | None]
"""Gives the noise of one layer: (its resolution, its stored map) -> a map that broadcasts to
[N, 1, H, W], or None for none."""


def of_each_block(strength: float | Sequence[float], count: int) -> list[float]:
    """The strength of the noise of `count` blocks, from one number or one for each block."""
    return list(strength) if isinstance(strength, Sequence) else [strength] * count


def by_block(strength: float | Sequence[float], resolutions: Sequence[int]) -> dict[int, float]:
    """The strength of the noise by resolution, from one number or one for each block."""
    return dict(zip(resolutions, of_each_block(strength, len(resolutions)), strict=True))


def noise_source(
    mode: NoiseMode | NoiseSource, seed: int | None, strengths: Mapping[int, float], ws: Tensor
) -> NoiseSource:
    """Return what gives each layer its noise.

    Args:
        mode: "const" for the stored maps, "random" for fresh ones, "none"; or a source, which
            neither seed nor strengths touch.
        seed: makes "random" repeatable, the same for every sample of a batch.
        strengths: by resolution, what multiplies the trained strength.
        ws: [N, num_ws, w_dim], for the number of samples and the device.
    """
    if callable(mode):
        return mode
    if mode == "none" or not any(strengths.values()):
        return lambda resolution, stored: None
    if mode == "const":

        def kept(resolution: int, stored: Tensor) -> Tensor | None:
            strength = strengths[resolution]
            return stored * strength if strength else None

        return kept
    # A seeded map is drawn on the CPU, so that every device gives the same image.
    generator = None if seed is None else torch.Generator().manual_seed(seed)

    def fresh(resolution: int, stored: Tensor) -> Tensor | None:
        # Drawn also where it is not wanted: so a block keeps its map whatever the others do.
        shape = (1 if generator else len(ws), 1, resolution, resolution)
        device = "cpu" if generator else ws.device
        drawn = torch.randn(shape, generator=generator, device=device)
        strength = strengths[resolution]
        return drawn.to(ws.device) * strength if strength else None

    return fresh


def extended_noise(source: NoiseSource, extent: Extent | None, grid: int) -> NoiseSource:
    """Return what gives layers of an `extent` their noise: that of the square in its place,
    mirrored around it; without an extent the source itself."""
    if extent is None:
        return source
    rows, columns = extent

    def wide(resolution: int, stored: Tensor) -> Tensor | None:
        grain, each = source(resolution, stored), resolution // grid
        return None if grain is None else extended(grain, rows * each, columns * each, grid)

    return wide
