"""Demodulation's share of the weights is the sum over each kernel, in every precision."""

from __future__ import annotations

import pytest
import torch

from stylegan_t.inference.demodulation import kernel_power


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("memory", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("side", [1, 3])
def test_it_is_the_sum_of_squares_over_each_kernel(
    side: int, memory: torch.memory_format, dtype: torch.dtype
) -> None:
    weight = torch.randn(6, 5, side, side).to(dtype).contiguous(memory_format=memory)
    found, before = kernel_power(weight), weight.clone()
    assert found.shape == (6, 5) and found.dtype == torch.float32
    assert torch.allclose(found, weight.float().square().sum(dim=(2, 3)), rtol=1e-5)
    assert torch.equal(weight, before)
