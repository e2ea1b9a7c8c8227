"""The convolution with fewer multiplications gives what the direct sum gives."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.inference import winograd
from stylegan_t.inference.winograd import Winograd


def made(outputs: int, inputs: int, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Weights, features and bias."""
    torch.manual_seed(outputs + inputs + height)
    x = torch.randn(1, inputs, height, width)
    return torch.randn(outputs, inputs, 3, 3), x, torch.randn(outputs)


def convolved(weight: Tensor, x: Tensor, bias: Tensor, style: Tensor | None = None) -> Tensor:
    """The whole of it, with nothing else to be done."""

    def finish(parts: Tensor, target: Tensor, rows: slice) -> None:
        assert target.shape[0] * 4 == rows.stop - rows.start
        torch.add(parts, bias, out=target)

    return Winograd(weight)(x, torch.ones(x.shape[1]) if style is None else style, finish)


def test_input_channels_are_multiplied_by_their_style() -> None:
    weight, x, bias = made(8, 6, 16, 8)
    style = torch.linspace(-2, 3, 6)
    expected = convolved(weight, x * style[None, :, None, None], bias)
    assert torch.allclose(convolved(weight, x, bias, style), expected, atol=1e-5)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize(
    "shape", [(5, 3, 4, 4), (8, 16, 16, 16), (64, 64, 32, 32), (3, 7, 8, 20), (16, 8, 64, 12)]
)
def test_it_convolves(shape: tuple[int, int, int, int], layout: torch.memory_format) -> None:
    weight, x, bias = made(*shape)
    exact = F.conv2d(x.double(), weight.double(), bias.double(), padding=1)
    found = convolved(weight, x.contiguous(memory_format=layout), bias)
    assert found.shape == exact.shape
    assert float((found - exact).abs().max()) <= 3e-5 * float(exact.abs().max())


def test_its_memory_is_that_of_channels_last_with_every_stride() -> None:
    # `is_contiguous` forgives the stride of an axis of length 1; the convolution behind does not.
    x = convolved(*made(8, 6, 16, 12))
    usual = torch.empty_like(x, memory_format=torch.channels_last)
    assert x.stride() == usual.stride()


def test_many_chunks_are_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    weight, x, bias = made(4, 6, 40, 24)
    whole = convolved(weight, x, bias)
    monkeypatch.setattr(winograd, "MIN_TILES", 1)
    monkeypatch.setattr(winograd, "CHUNK_BYTES", 1)
    assert winograd.rows_at_once(6, 6) == 1
    # Sums of another length are added in another order, on some processors.
    difference = float((convolved(weight, x, bias) - whole).abs().max())
    assert difference <= 1e-5 * float(whole.abs().max())


def test_it_leaves_its_arguments_alone() -> None:
    weight, x, bias = made(4, 6, 8, 8)
    before = x.clone()
    convolved(weight, x, bias)
    assert torch.equal(x, before)


def test_small_pictures_and_few_channels_are_left_to_the_direct_sum() -> None:
    assert winograd.suits(512, 512, 64)
    assert not winograd.suits(512, 512, 16)
    assert not winograd.suits(128, 512, 128)
    assert not winograd.suits(512, 512, 18)


def test_its_memory_is_four_times_that_of_the_weights() -> None:
    weight = torch.randn(8, 8, 3, 3)
    assert Winograd(weight).nbytes == 4 * weight.nbytes
