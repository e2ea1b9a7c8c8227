"""Single operations of the generator against recorded numbers, and properties of their own."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t import layers

TOLERANCE = 1e-5
HALF_TOLERANCE = 1e-2
"""Relative to the largest value: half precision keeps three decimal digits."""


@pytest.fixture(scope="module")
def ops() -> dict[str, Tensor]:
    return load_file(Path(__file__).parents[1] / "parity" / "ops_io.safetensors")


def assert_near(actual: Tensor, expected: Tensor, tolerance: float = TOLERANCE) -> None:
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance)


def test_lrelu(ops: dict[str, Tensor]) -> None:
    x = ops["bias_act.x"] + ops["bias_act.b"][:, None, None]
    assert_near(layers.lrelu(x), ops["bias_act.lrelu"])
    # The recorded gain of 2 stands in place of sqrt(2), ours multiplies it.
    clamped = layers.lrelu(x, gain=2 / math.sqrt(2), clamp=1.5)
    assert_near(clamped, ops["bias_act.lrelu_gain2_clamp1.5"])
    assert clamped.abs().max() == 1.5


def test_second_moment(ops: dict[str, Tensor]) -> None:
    y = layers.normalize_second_moment(ops["fc.x"])
    assert_near(y, ops["norm2.y"])
    assert_near(y.square().mean(dim=1), torch.ones(len(y)))


def test_filters(ops: dict[str, Tensor]) -> None:
    assert_near(layers.fir_filter(), ops["filter.1331"])
    assert_near(layers.fir_filter((1, 2, 4, 1)), ops["filter.asym"])


@pytest.mark.parametrize("name", ["1331", "asym"])
def test_upsample(ops: dict[str, Tensor], name: str) -> None:
    y = layers.upsample2d(ops["up.x"], ops[f"filter.{name}"])
    assert_near(y, ops[f"up.upsample2d_{name}"])


def test_filter_at_the_same_size_flips_the_kernel(ops: dict[str, Tensor]) -> None:
    y = layers.filter2d(ops["up.x"], ops["filter.asym"], (2, 1, 2, 1), 1.0)
    assert_near(y, ops["up.filter2d_asym"])


def test_upsampling_is_bilinear_inside(ops: dict[str, Tensor]) -> None:
    """The identity that a faster path may use: pad by one, double bilinearly, crop by two."""
    x = ops["up.x"]
    bilinear = F.interpolate(F.pad(x, (1, 1, 1, 1)), scale_factor=2, mode="bilinear")
    assert_near(layers.upsample2d(x, layers.fir_filter()), bilinear[:, :, 2:-2, 2:-2])


def test_modulated_convolution(ops: dict[str, Tensor]) -> None:
    x, weight, styles = ops["mod.x"], ops["mod.w"], ops["mod.styles"]
    plain = layers.modulated_conv2d(x, weight, styles)
    assert_near(plain, ops["mod.plain"])
    assert_near(plain + ops["mod.noise8"], ops["mod.noise"])
    raw = layers.modulated_conv2d(x, weight, styles, demodulate=False)
    assert_near(raw, ops["mod.nodemod"], 1e-4)  # values reach far above one here


def test_modulated_upsampling(ops: dict[str, Tensor]) -> None:
    x, weight, styles, noise = (ops[f"mod.{name}"] for name in ("x", "w", "styles", "noise16"))
    y = layers.modulated_conv2d(x, weight, styles, up_fir=ops["filter.1331"])
    assert_near(y + noise, ops["mod.up2"])
    assert_near(y + noise, ops["mod.up2_unfused"])
    y = layers.modulated_conv2d(x, weight, styles, up_fir=ops["filter.asym"])
    assert_near(y + noise, ops["mod.up2_asymfilter"])


def test_modulated_colour_output(ops: dict[str, Tensor]) -> None:
    y = layers.modulated_conv2d(ops["mod.x"], ops["mod.w1x1"], ops["mod.styles"], demodulate=False)
    assert_near(y, ops["mod.torgb"])


def test_modulated_convolution_in_half_precision(ops: dict[str, Tensor]) -> None:
    x, weight, styles = ops["mod16.x"], ops["mod16.w"], ops["mod16.styles"]
    y = layers.modulated_conv2d(x, weight, styles)
    assert y.dtype == torch.float16
    expected = ops["mod16.fp32_reference"]
    tolerance = HALF_TOLERANCE * expected.abs().max().item()
    assert_near(y.float(), expected, tolerance)
    assert_near(y.float(), ops["mod16.fused"].float(), tolerance)


def test_fully_connected(ops: dict[str, Tensor]) -> None:
    for name, layer in (
        ("fc", layers.FullyConnectedLayer(10, 6, activate=True, lr_multiplier=0.01, bias_init=0.5)),
        ("fc_linear", layers.FullyConnectedLayer(10, 6, bias_init=1.0)),
    ):
        bias = ops[f"{name}.bias"]
        assert layer.bias.shape == bias.shape
        layer.load_state_dict({"weight": ops[f"{name}.weight"], "bias": bias})
        assert_near(layer(ops["fc.x"]), ops[f"{name}.y"])


def test_new_layers_start_as_the_paper_says() -> None:
    layer = layers.FullyConnectedLayer(10, 6, lr_multiplier=0.01, bias_init=0.5)
    zero = torch.zeros(1, 10)
    assert_near(layer(zero), torch.full((1, 6), 0.5))
    assert_near(layers.StyleSplit(10, 6)(zero), torch.full((1, 6), 2.0))  # 1 * 1 + 1


def test_second_order_styles(ops: dict[str, Tensor]) -> None:
    split = layers.StyleSplit(10, 6)
    split.load_state_dict({"proj.weight": ops["style.weight"], "proj.bias": ops["style.bias"]})
    assert_near(split(ops["fc.x"]), ops["style.y"])


def test_half_precision_survives_a_dead_channel() -> None:
    x = torch.randn(1, 4, 8, 8).half()
    weight, styles = torch.randn(3, 4, 3, 3), torch.randn(1, 4)
    weight[1] = 0
    assert layers.modulated_conv2d(x, weight, styles).isfinite().all()
    assert layers.modulated_conv2d(x, weight, torch.zeros(1, 4)).isfinite().all()
