"""`stylegan_t.inference.fused.Ops` as kernels of a graphics card, one for each step.

Written in Triton, which comes with PyTorch on Linux.  Where it is missing, or does not compile (it
needs a C compiler), `available` says no, and `Ops` itself does the work.
"""

from __future__ import annotations

import functools
import logging

import torch
from torch import Tensor

from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.inference import triton_kernels as kernels
from stylegan_t.inference.fused import Affine, Norm, Ops, Skip

logger = logging.getLogger(__name__)
FEW_PIXELS = 4096
SMALL, LARGE = 32, 128
"""Pixels of one program: many programs for small maps, few partial sums for large ones."""
CHANNELS = 64
"""Channels of one program."""
STYLES = 16
"""Channels of styles of one program."""
COLOUR_TILE, LEAST_CHANNELS, MOST_CHANNELS = 2048, 64, 1024
"""The amount that one program of a colour output reads at once: pixels times channels; bounds of
these."""
ROWS, COLUMNS = 8, 256
"""The tile of a matrix by which demodulation sums."""


class KernelOps(Ops):
    """The steps, by kernels."""

    def styles(
        self, weight: Tensor, latent: Tensor, from_text: Tensor, gain: float, edit: Tensor
    ) -> Tensor:
        """See `Ops`."""
        out, (layers, count), z_dim = torch.empty_like(edit), edit.shape, latent.shape[1]
        kernels.style_kernel[(_blocks(count, STYLES), layers)](
            weight, latent, from_text, edit, out, count, z_dim, latent.stride(0), gain,
            BLOCK=STYLES, Z=_power(z_dim),
        )  # fmt: skip
        return out

    def demodulation(
        self, power: Tensor, style: Tensor, gain: Tensor, eps: float | Tensor
    ) -> Tensor:
        """See `Ops`."""
        layers, outputs, inputs = power.shape
        out = style.new_empty(layers, outputs)
        kernels.demodulation_kernel[(_blocks(outputs, ROWS), layers)](
            power, style, eps, out, outputs, inputs, gain,
            ROWS=ROWS, COLUMNS=COLUMNS, EACH=isinstance(eps, Tensor),
        )  # fmt: skip
        return out

    def scaled(self, x: Tensor, factor: Tensor, offset: Tensor | None = None) -> Tensor:
        """See `Ops`."""
        out, tile = torch.empty_like(x), _Tile(x)
        kernels.scaled_kernel[tile.grid](
            x, factor, factor if offset is None else offset, out, *tile.shape, *tile.strides,
            P=tile.pixels, C=CHANNELS, OFFSET=offset is not None,
        )  # fmt: skip
        return out

    def finished(
        self,
        y: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        *,
        skip: Skip | None = None,
        next_style: Tensor | None = None,
        sums: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """See `Ops`."""
        out, tile = torch.empty_like(y), _Tile(y)
        parts = scale.new_empty(tile.grid[0], 2, y.shape[1]) if sums else None
        # What is not there is not read; any pointer stands for it.
        others = (y, scale, scale, scale)
        if skip is not None:
            others = (_like(skip.x, y), skip.norm.factor, skip.norm.offset, skip.gamma)
        kernels.finished_kernel[tile.grid](
            y, scale, bias, grain, *others, scale if next_style is None else next_style, out,
            scale if parts is None else parts, *tile.shape, *tile.strides, clamp,
            P=tile.pixels, C=CHANNELS,
            SKIP=skip is not None, NEXT=next_style is not None, SUMS=sums,
        )  # fmt: skip
        return out, parts

    def blurred(
        self,
        y: Tensor,
        taps: Tensor,
        scale: Tensor,
        bias: Tensor,
        grain: Tensor,
        clamp: float,
        next_style: Tensor | None,
    ) -> Tensor:
        """See `Ops`."""
        height, width = y.shape[2] - 1, y.shape[3] - 1
        flat = y.stride(1) == 1
        out = torch.empty(
            (1, y.shape[1], height, width), dtype=y.dtype, device=y.device,
            memory_format=torch.channels_last if flat else torch.contiguous_format,
        )  # fmt: skip
        tile = _Tile(out)
        kernels.blurred_kernel[tile.grid](
            y, taps, scale, bias, grain, scale if next_style is None else next_style, out,
            height, width, y.shape[1], y.stride(2), y.stride(3), y.stride(1), *tile.strides, clamp,
            P=tile.pixels, C=CHANNELS, NEXT=next_style is not None,
        )  # fmt: skip
        return out

    def norm(self, sums: Tensor, count: int, affine: Affine, style: Tensor) -> Norm:
        """See `Ops`."""
        parts, _, channels = sums.shape
        width = channels // affine.groups
        out = sums.new_empty(4, channels)
        kernels.norm_kernel[(affine.groups,)](
            sums, affine.weight, affine.bias, style, out, parts, channels, width,
            1.0 / (count * width), affine.eps, PARTS=min(64, _power(parts)), WIDTH=_power(width),
        )  # fmt: skip
        return Norm(*out.unbind())

    def colours(
        self,
        x: Tensor,
        weight: Tensor,
        style: Tensor,
        bias: Tensor,
        clamp: float,
        image: Tensor | None,
        taps: Tensor,
    ) -> Tensor:
        """See `Ops`."""
        channels, height, width = x.shape[1:]
        out = style.new_empty(1, len(weight), height, width)
        across = min(MOST_CHANNELS, max(LEAST_CHANNELS, _power(channels)))
        pixels = COLOUR_TILE // across
        kernels.colours_kernel[(_blocks(height * width, pixels), len(weight))](
            x, weight, style, bias, out if image is None else image, taps, out,
            height, width, channels, *_Tile(x).strides, clamp,
            P=pixels, C=across, ADD=image is not None,
        )  # fmt: skip
        return out

    def waves(self, source: SynthesisInput, row: Tensor, edit: Tensor, transform: Tensor) -> Tensor:
        """See `Ops`."""
        channels, size, affine = len(source.phases), source.size, source.affine
        out = row.new_empty(1, channels, size, size)
        kernels.waves_kernel[(_blocks(channels, STYLES),)](
            row, affine.weight, affine.bias, edit, transform, source.freqs, source.phases, out,
            len(row), affine.weight_gain, affine.lr_multiplier, channels, size,
            source.BANDWIDTH, size / 2 - source.BANDWIDTH,
            W=_power(len(row)), C=STYLES, P=_power(size * size),
        )  # fmt: skip
        return out


class _Tile:
    """The division of a feature map among programs: its sizes, its strides, and the grid."""

    def __init__(self, x: Tensor) -> None:
        _, channels, height, width = x.shape
        self.shape = (height * width, channels)
        flat = x.stride(1) == 1 and x.stride(3) == channels
        assert flat or x.is_contiguous(), "maps lie in one of the two memory formats"
        self.strides = (channels, 1) if flat else (1, height * width)
        self.pixels = SMALL if height * width <= FEW_PIXELS else LARGE
        self.grid = (_blocks(height * width, self.pixels), _blocks(channels, CHANNELS))


def _like(x: Tensor, y: Tensor) -> Tensor:
    """`x` in the memory format of `y`."""
    return x if x.stride() == y.stride() else torch.empty_like(y).copy_(x)


def _blocks(count: int, size: int) -> int:
    return -(-count // size)


def _power(count: int) -> int:
    """The least power of two from `count`."""
    return 1 << (count - 1).bit_length()


# -- whether it works --------------------------------------------------------------------------


@functools.cache
def available(device: torch.device) -> bool:
    """Return whether the kernels compile for `device` and give what `Ops` gives: it is tried
    once."""
    if kernels.triton is None or device.type != "cuda":
        return False
    try:
        return _agrees(device)
    except Exception as error:  # the compiler's own errors have no common type
        logger.warning("No fused kernels, PyTorch's own operations draw instead: %s", error)
        return False


def _agrees(device: torch.device) -> bool:
    x = torch.linspace(-2, 2, 8 * 36, device=device).view(1, 8, 6, 6)
    values = torch.linspace(0.5, 1.5, 8, device=device)
    grain = torch.linspace(-0.1, 0.1, 36, device=device).view(6, 6)
    found, expected = (
        ops.finished(x, values, values, grain, 2.0, next_style=values, sums=True)[0]
        for ops in (KernelOps(), Ops())
    )
    return bool(torch.allclose(found, expected, atol=1e-5))


def best_ops(device: torch.device) -> Ops:
    """The kernels where they work, else PyTorch's own operations."""
    return KernelOps() if available(device) else Ops()
