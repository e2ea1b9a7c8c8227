"""Convolution weights in the order in which the processor's own library wants them.

PyTorch brings weights into that order at every call, which for small pictures takes longer than
the convolution.  The calls for doing it once are not documented and belong to PyTorch's compiler;
where they are missing, or fail when they are tried, the ordinary convolution does the work.
"""

from __future__ import annotations

import functools
import logging
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.errors import BROKEN_CALL

logger = logging.getLogger(__name__)
ONE, TWO, NONE = [1, 1], [2, 2], [0, 0]
PROBE_SIDE = 8
"""Most pixels of a side of the picture that packed weights are tried on: every weight takes part
at any size, and a whole picture would take as long as drawing the layer several times."""
PROBE_SEED = 1


class Packed(Protocol):
    """A convolution whose weights are packed for one size of picture."""

    def __call__(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """[1, I, H, W] to [1, O, H', W']; `bias` is [O]."""
        ...


class PackedConv:
    """A convolution whose weights are packed for one size of picture.

    Args:
        weight: [O, I, k, k].
        side: pixels of the picture's sides.
        padding: zeros on each side.
    """

    def __init__(self, weight: Tensor, side: int, padding: int) -> None:
        reorder = vars(torch._C)["_nn"].mkldnn_reorder_conv2d_weight
        self._padding = [padding, padding]
        shape = [1, weight.shape[1], side, side]
        self._packed = reorder(weight.to_mkldnn(), self._padding, ONE, ONE, 1, shape)

    def __call__(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """See `Packed`."""
        return torch.ops.mkldnn._convolution_pointwise(
            x, self._packed, bias, self._padding, ONE, ONE, 1, "none", [], ""
        )


class PackedUp:
    """A transposed convolution with a stride of two, packed for one size of picture.

    Args:
        weight: [I, O, k, k].
        side: pixels of the sides of what comes in.
    """

    def __init__(self, weight: Tensor, side: int) -> None:
        shape = [1, len(weight), side, side]
        self._packed = torch.ops.mkldnn._reorder_convolution_transpose_weight(
            weight, NONE, NONE, TWO, ONE, 1, shape
        )

    def __call__(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """See `Packed`."""
        return torch.ops.mkldnn._convolution_transpose_pointwise(
            x, self._packed, bias, NONE, NONE, TWO, ONE, 1, "none", [], ""
        )


def pack(weight: Tensor, side: int, padding: int = 1) -> Packed | None:
    """Pack the weights [O, I, k, k] of a convolution of pictures of `side` pixels.

    Returns:
        None where that cannot be done, or gives other numbers than the ordinary convolution.
    """
    return _tried(weight, _Shape(side, weight.shape[1], padding))


def pack_up(weight: Tensor, side: int) -> Packed | None:
    """Pack the weights [I, O, k, k] of a transposed convolution with a stride of two; see
    `pack`."""
    return _tried(weight, _Shape(side, len(weight), 0, up=True))


class _Shape(NamedTuple):
    """Besides the weights, what a convolution is told: of how many channels, how much is around."""

    side: int
    inputs: int
    padding: int
    up: bool = False

    def packed(self, weight: Tensor) -> Packed:
        if self.up:
            return PackedUp(weight, self.side)
        return PackedConv(weight, self.side, self.padding)

    def usual(self, x: Tensor, weight: Tensor) -> Tensor:
        if self.up:
            return F.conv_transpose2d(x, weight, stride=2)
        return F.conv2d(x, weight, padding=self.padding)


def _tried(weight: Tensor, shape: _Shape) -> Packed | None:
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return None
    try:
        works = _works(tuple(weight.shape), weight.dtype, shape)
        return shape.packed(weight) if works else None
    except BROKEN_CALL as error:
        logger.info("weights stay unpacked: %s", error)
        return None


@functools.cache
def _works(sizes: tuple[int, ...], dtype: torch.dtype, shape: _Shape) -> bool:
    """Return whether weights of these sizes can be packed, and give then what the ordinary
    convolution gives.

    Which algorithm the library takes depends on these alone, and a large model has many layers of
    one shape: it is tried once for each.
    """
    source = torch.Generator().manual_seed(PROBE_SEED)
    weight = torch.randn(sizes, generator=source).to(dtype)
    tried = min(shape.side, PROBE_SIDE)
    probe = torch.randn(1, shape.inputs, tried, tried, generator=source).to(dtype)
    probe = probe.contiguous(memory_format=torch.channels_last)
    expected = shape.usual(probe, weight)
    difference = (shape.packed(weight)(probe, None) - expected).abs().max()
    tolerance = 1e-3 if dtype == torch.float32 else 3e-2
    return bool(difference <= tolerance * expected.abs().max())
