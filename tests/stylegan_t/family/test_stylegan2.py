"""Single operations of StyleGAN2 against numbers recorded from the original."""

from __future__ import annotations

import math

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.family.stylegan2 import Skip
from stylegan_t.layers import FullyConnectedLayer, modulated_conv2d, normalize_second_moment
from tests.stylegan_t.family.recorded import PARITY, worst

IO = load_file(PARITY / "ops2_io.safetensors")
TOLERANCE, HALF_TOLERANCE = 1e-5, 1e-2
"""Absolute; of half precision relative to the largest number."""


def convolved(kind: str) -> Tensor:
    """A modulated convolution as it was recorded under that name."""
    x, weight, styles = IO["mod2.x"], IO["mod2.w3x3"], IO["mod2.styles"]
    if kind == "torgb":
        return modulated_conv2d(x, IO["mod2.w1x1"], styles / math.sqrt(6), demodulate=False)
    if kind == "nodemod":
        return modulated_conv2d(x, weight, styles, demodulate=False)
    if kind == "up2_sym":
        return modulated_conv2d(x, weight, styles, up_fir=IO["mod2.fir_sym"])
    if kind == "up2_asym_noise":
        return modulated_conv2d(x, weight, styles, up_fir=IO["mod2.fir_asym"]) + IO["mod2.noise16"]
    y = modulated_conv2d(x, weight, styles)
    return y + IO["mod2.noise"] if kind == "with_noise" else y


@pytest.mark.parametrize(
    "kind", ["plain", "with_noise", "nodemod", "torgb", "up2_sym", "up2_asym_noise"]
)
def test_modulated_convolutions(kind: str) -> None:
    assert worst(convolved(kind), IO[f"mod2.{kind}"]) <= TOLERANCE
    assert worst(convolved(kind), IO[f"mod2.{kind}_unfused"]) <= TOLERANCE


def test_a_modulated_convolution_in_half_precision() -> None:
    y = modulated_conv2d(IO["mod2.x16"], 100 * IO["mod2.w3x3"], IO["mod2.styles_large"])
    expected = IO["mod2.y16_as_float32"]
    assert y.dtype == torch.float16
    assert worst(y.float(), expected) <= HALF_TOLERANCE * expected.abs().max().item()


@pytest.mark.parametrize("name", ["skip_up", "skip_up_sym"])
@torch.inference_mode()
def test_the_way_past_a_residual_block(name: str) -> None:
    skip = Skip(6, 4, (1.0, 3.0, 3.0, 1.0))
    prefix = f"conv2.{name}.state."
    skip.load_state_dict({key: IO[prefix + key] for key in ("weight", "resample_filter")})
    assert worst(skip(IO["mod2.x"]), IO[f"conv2.{name}.y_gain"]) <= TOLERANCE


@torch.inference_mode()
def test_a_dense_layer_and_the_norm_before_it() -> None:
    layer = FullyConnectedLayer(10, 6, activate=True, lr_multiplier=0.01)
    layer.load_state_dict({"weight": IO["fc2.weight"], "bias": IO["fc2.bias"]})
    assert worst(layer(IO["fc2.x"]), IO["fc2.y"]) <= TOLERANCE
    assert worst(normalize_second_moment(IO["fc2.x"]), IO["norm2.y"]) <= TOLERANCE
