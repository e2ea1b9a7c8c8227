"""Products of matrices by the processor's library for convolutions.

On some processors the library for matrices uses half of the width of the registers, and takes twice
as long as the one for convolutions.  The call is not documented and belongs to PyTorch's compiler;
where it is missing, or fails when it is tried, the usual product does the work.
"""

from __future__ import annotations

import functools
import logging

import torch
from torch import Tensor

from stylegan_t.errors import BROKEN_CALL

logger = logging.getLogger(__name__)
TOLERANCE = 1e-4


def multiply(a: Tensor, b: Tensor) -> Tensor:
    """`a @ b` of float32 matrices [M, K] and [K, N] on the processor, dense in memory."""
    return _by_convolutions(a, b) if _works() else torch.mm(a, b)


def _by_convolutions(a: Tensor, b: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(a, b.t(), None, "none", [], "")


@functools.cache
def _works() -> bool:
    """Return whether the call is there and gives what the usual product gives."""
    if not torch.backends.mkldnn.is_available():
        return False
    source = torch.Generator().manual_seed(0)
    a, b = (torch.randn(64, 64, generator=source) for _ in range(2))
    try:
        difference = (_by_convolutions(a, b) - torch.mm(a, b)).abs().max()
    except BROKEN_CALL as error:
        logger.info("matrices are multiplied by the usual library: %s", error)
        return False
    return bool(difference <= TOLERANCE)
