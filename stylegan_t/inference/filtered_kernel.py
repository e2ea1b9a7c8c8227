"""StyleGAN3's filtered leaky ReLU as one kernel of a graphics card.

As in `stylegan_t.inference.resampling_tiles`, resampling a tile is multiplying it by small matrices
with bands of filter taps; the high rate exists within the kernel only.  Written in Triton; it was
run by Triton's interpreter, and on no card yet, so that each card tries it before it is used.
"""

from __future__ import annotations

import functools
import logging

import torch
from torch import Tensor

from stylegan_t.family.resampling import filtered_lrelu
from stylegan_t.inference import triton_kernels as kernels
from stylegan_t.inference.resampling_tiles import Axis, separated

logger = logging.getLogger(__name__)
TILE = 16
"""Side of what one program makes: the least that Triton multiplies."""
MOST_HIGH = 128
"""Side of a tile at the high rate; a larger one has no room on a card."""
NO_CLAMP = 3.0e38


class FilteredKernel:
    """Scale, bias, up, leaky ReLU, clamp, down, for one picture of any memory format.

    Args:
        axis: both of its axes.
        up_fir: [taps], or None where there is no filter.
        down_fir: [taps], [taps, taps] or None.
        gain, slope: of the leaky ReLU.
        clamp: bound at the high rate, or None.
        device: where the picture is.
    """

    def __init__(
        self,
        axis: Axis,
        up_fir: Tensor | None,
        down_fir: Tensor | None,
        *,
        gain: float,
        slope: float,
        clamp: float | None,
        device: torch.device,
    ) -> None:
        self.axis, self._numbers = axis, (gain, slope, NO_CLAMP if clamp is None else clamp)
        one = torch.ones(1, dtype=torch.float64)
        raising = one if up_fir is None else up_fir.double().cpu()
        pairs = separated(one if down_fir is None else down_fir.cpu())
        high = (TILE - 1) * axis.down + axis.down_taps
        self._high, self._read = _power(high), _power(axis.read(high))
        self._raising = _within(axis.raising(raising * axis.up, high), self._high, self._read)
        lowered = [
            torch.stack([_within(axis.lowering(fir, TILE), TILE, self._high) for fir in pair])
            for pair in pairs
        ]
        self._down, self._across = torch.stack(lowered, 1).to(device)
        self._raising = self._raising.to(device)

    @staticmethod
    def suits(axis: Axis) -> bool:
        """Return whether all tiles see the same taps, and there is room for one."""
        high = (TILE - 1) * axis.down + axis.down_taps
        return TILE * axis.down % axis.up == 0 and _power(high) <= MOST_HIGH

    def __call__(self, x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
        """Features [1, C, H, H] times `scale` plus `bias`, [C] float32 each, filtered:
        [1, C, out, out]."""
        channels, side, axis = x.shape[1], self.axis.out, self.axis
        lies = torch.channels_last if x.stride(1) == 1 else torch.contiguous_format
        out = torch.empty(
            (1, channels, side, side), dtype=x.dtype, device=x.device, memory_format=lies
        )
        tiles = -(-side // TILE)
        kernels.filtered_kernel[(channels, tiles, tiles)](
            x, scale, bias, self._raising, self._down, self._across, out,
            x.shape[2], side, axis.first, TILE * axis.down // axis.up,
            x.stride(2), x.stride(3), x.stride(1), out.stride(2), out.stride(3), out.stride(1),
            *self._numbers,
            READ=self._read, HIGH=self._high, TILE=TILE, PAIRS=len(self._down),
        )  # fmt: skip
        return out


def _within(matrix: Tensor, rows: int, columns: int) -> Tensor:
    """A matrix with zeros behind and below."""
    large = torch.zeros(rows, columns)
    large[: matrix.shape[0], : matrix.shape[1]] = matrix
    return large


def _power(count: int) -> int:
    """The least power of two from `count`, and from what Triton multiplies at least."""
    return max(TILE, 1 << (count - 1).bit_length())


@functools.cache
def available(device: torch.device) -> bool:
    """Return whether the kernel compiles for `device` and gives what PyTorch's own operations give:
    it is tried once."""
    if kernels.triton is None or device.type != "cuda":
        return False
    try:
        return agrees(device)
    except Exception as error:  # the compiler's own errors have no common type
        logger.warning("No kernel for filters, PyTorch's own operations filter: %s", error)
        return False


def agrees(device: torch.device) -> bool:
    """Return whether the kernel gives on `device` what the readable filter gives."""
    x = torch.linspace(-2, 2, 3 * 20 * 20, device=device).view(1, 3, 20, 20)
    scale, bias = (torch.linspace(*ends, 3, device=device) for ends in ((0.5, 1.5), (-1, 1)))
    fir = torch.hann_window(14)[1:13].to(device)
    fir = fir / fir.sum()
    axis = Axis(20, 2, 2, 12, 12, 9, 8)
    kernel = FilteredKernel(axis, fir, fir, gain=1.4, slope=0.2, clamp=1.5, device=device)
    expected = filtered_lrelu(
        x * scale[None, :, None, None],
        fir,
        fir,
        bias,
        up=2,
        down=2,
        padding=(9, 8, 9, 8),
        gain=1.4,
        slope=0.2,
        clamp=1.5,
    )
    return bool(torch.allclose(kernel(x, scale, bias), expected, atol=1e-4))
