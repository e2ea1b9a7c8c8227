"""Convolution weights in the order in which the processor's own library wants them.

PyTorch brings weights into that order at every call, which for small pictures takes longer than
the convolution.  The calls for doing it once are not documented and belong to PyTorch's compiler;
where they are missing, or fail when they are tried, the ordinary convolution does the work.
"""

from __future__ import annotations

import functools
import logging

import torch
import torch.nn.functional as F
from torch import Tensor

logger = logging.getLogger(__name__)
ONE = [1, 1]
PROBE_SIDE = 8
"""Most pixels of a side of the picture that packed weights are tried on: every weight takes part
at any size, and a whole picture would take as long as drawing the layer several times."""
PROBE_SEED = 1


class PackedConv:
    """A convolution whose weights are packed for one size of picture.

    Args:
        packed: the weights in the library's order.
        padding: zeros on each side.
    """

    def __init__(self, packed: Tensor, padding: int) -> None:
        self._packed, self._padding = packed, [padding, padding]

    def __call__(self, x: Tensor, bias: Tensor) -> Tensor:
        """[1, I, H, W] to [1, O, H', W']; `bias` is [O]."""
        return torch.ops.mkldnn._convolution_pointwise(
            x, self._packed, bias, self._padding, ONE, ONE, 1, "none", [], ""
        )


def pack(weight: Tensor, side: int, padding: int = 1) -> PackedConv | None:
    """Pack weights [O, I, k, k] for pictures of `side` pixels.

    Returns:
        None where that cannot be done, or gives other numbers than the ordinary convolution.
    """
    if weight.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return None
    try:
        if not _works(tuple(weight.shape), weight.dtype, side, padding):
            return None
        return _packed(weight, side, padding)
    except _FAILURES as error:
        logger.info("weights stay unpacked: %s", error)
        return None


_FAILURES = (AttributeError, KeyError, RuntimeError, TypeError)


def _packed(weight: Tensor, side: int, padding: int) -> PackedConv:
    reorder = vars(torch._C)["_nn"].mkldnn_reorder_conv2d_weight
    shape = [1, weight.shape[1], side, side]
    around = [padding, padding]
    return PackedConv(reorder(weight.to_mkldnn(), around, ONE, ONE, 1, shape), padding)


@functools.cache
def _works(shape: tuple[int, ...], dtype: torch.dtype, side: int, padding: int) -> bool:
    """Return whether weights of this shape can be packed, and give then what the ordinary
    convolution gives.

    Which algorithm the library takes depends on these alone, and a large model has many layers of
    one shape: it is tried once for each.
    """
    source = torch.Generator().manual_seed(PROBE_SEED)
    weight = torch.randn(shape, generator=source).to(dtype)
    tried = min(side, PROBE_SIDE)
    probe = torch.randn(1, shape[1], tried, tried, generator=source).to(dtype)
    probe = probe.contiguous(memory_format=torch.channels_last)
    zero = torch.zeros(shape[0], dtype=dtype)
    expected = F.conv2d(probe, weight, zero, padding=padding)
    difference = (_packed(weight, side, padding)(probe, zero) - expected).abs().max()
    tolerance = 1e-3 if dtype == torch.float32 else 3e-2
    return bool(difference <= tolerance * expected.abs().max())
