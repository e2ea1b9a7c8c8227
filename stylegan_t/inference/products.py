"""Products of matrices by the processor's library for convolutions.

On some processors the library for matrices uses half of the width of the registers, and takes twice
as long as the one for convolutions.  Its calls are not documented and belong to PyTorch's compiler;
where they are missing, or fail when they are tried, the usual product does the work.
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


class Factor:
    """A matrix by which others are multiplied again and again, `factor(a)` being `a @ matrix`.

    It is kept in the order in which the library wants it, which takes a fifth of a product of a
    hundred rows to make.

    Args:
        matrix: [K, N] float32 on the processor.
    """

    def __init__(self, matrix: Tensor) -> None:
        self._matrix = _packed(matrix) if _works() else matrix

    def __call__(self, a: Tensor) -> Tensor:
        """[M, K] float32, dense in memory, to [M, N]."""
        return _linear(a, self._matrix) if self._matrix.is_mkldnn else torch.mm(a, self._matrix)


def _by_convolutions(a: Tensor, b: Tensor) -> Tensor:
    return _linear(a, b.t())


def _linear(a: Tensor, weight: Tensor) -> Tensor:
    return torch.ops.mkldnn._linear_pointwise(a, weight, None, "none", [], "")


def _packed(matrix: Tensor) -> Tensor:
    # Without a number of rows: the order, and so the last bits, are the same for any.
    return torch.ops.mkldnn._reorder_linear_weight(matrix.t().contiguous(), None)


@functools.cache
def _works() -> bool:
    """Return whether the calls are there and give what the usual product gives."""
    if not torch.backends.mkldnn.is_available():
        return False
    source = torch.Generator().manual_seed(0)
    a, b = (torch.randn(64, 64, generator=source) for _ in range(2))
    try:
        found = torch.stack([_by_convolutions(a, b), _linear(a, _packed(b))])
        difference = (found - torch.mm(a, b)).abs().max()
    except BROKEN_CALL as error:
        logger.info("matrices are multiplied by the usual library: %s", error)
        return False
    return bool(difference <= TOLERANCE)
