"""Half precision: the same generator with its convolutions in bfloat16 or float16.

What takes the memory and the time is in the smaller type: convolution weights and feature maps.
What is delicate stays float32: mapping, styles, demodulation factors, group norm, and the sum of
colour outputs that is the picture.
"""

from __future__ import annotations

import copy
import itertools
from typing import Any, TypeVar

import torch

from stylegan_t.layers import HalvedLayer
from stylegan_t.network import AnyNetwork

N = TypeVar("N", bound=AnyNetwork)


def lower(generator: AnyNetwork, dtype: torch.dtype) -> None:
    """Keep the convolutions of a generator in `dtype`, in place, layer by layer: of those blocks
    that its original keeps in half precision.

    From then on it draws only: its weights cannot be trained or loaded again.  `state_dict` still
    holds plain weights, so it can be saved.

    Args:
        generator: float32; with `torch.float32` it is left as it is.
        dtype: `torch.float32`, `torch.bfloat16` or `torch.float16`.
    """
    if dtype == torch.float32:
        return
    for part in generator.synthesis.parts():
        for layer in part.layers:
            if part.halved and isinstance(layer, HalvedLayer):
                layer.lower(dtype)


def twin(generator: N) -> N:
    """A generator of its own that shares every tensor, and the text tower, with `generator`.

    What is replaced in one, as `lower` does, does not change the other.
    """
    tensors = itertools.chain(generator.parameters(), generator.buffers())
    shared: dict[int, Any] = {id(tensor): tensor for tensor in tensors}
    if generator.text is not None:
        shared[id(generator.text)] = generator.text
    return copy.deepcopy(generator, shared)


def stored_bytes(generator: AnyNetwork) -> int:
    """Memory that the weights and buffers of a generator and its text tower take."""
    tensors = itertools.chain(generator.parameters(), generator.buffers())
    unique = {tensor.data_ptr(): tensor.nbytes for tensor in tensors}
    return sum(unique.values())
