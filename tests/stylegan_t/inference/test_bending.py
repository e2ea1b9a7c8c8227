"""Bends: each formula against a plain one, and the same numbers on every way of drawing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.config import BendKind
from stylegan_t.inference.bending import (
    FORMULAS,
    Bends,
    Effect,
    bending,
    bent,
    drawn,
    selected,
)
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.layers import SynthesisLayer
from tests.stylegan_t.family.recorded import recorded
from tests.stylegan_t.inference.test_fast import CONFIGS, close, network, rows
from tests.stylegan_t.inference.test_fast_blocks import rows as recorded_rows
from tests.stylegan_t.inference.test_graphs import graphs

CONFIG = CONFIGS["skip"]
SIDE = 16
AMOUNTS: dict[BendKind, float] = {
    "gain": -1.5,
    "bias": 0.7,
    "clamp": 0.6,
    "threshold": 0.3,
    "ablate": 0.25,
    "noise": 0.5,
    "blur": 0.1,
    "rotate": 90.0,
    "scale": 0.5,
    "shift": 0.25,
    "mirror": 0.5,
}
X = torch.randn(2, 6, SIDE, SIDE, generator=torch.Generator().manual_seed(3))


def effect(kind: BendKind, amount: float | None = None, **more: Any) -> Effect:
    return Effect(kind, AMOUNTS[kind] if amount is None else amount, side=SIDE, **more)


def blurred(x: Tensor) -> Tensor:
    """By a convolution over copies of the outermost rows and columns."""
    deviation = 0.1 * SIDE
    reach = math.ceil(4 * deviation)
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    line = line / line.sum()
    wide = F.pad(x, [reach] * 4, mode="replicate").flatten(0, 1)[:, None]
    kernel = torch.outer(line, line)[None, None]
    return F.conv2d(wide, kernel).view_as(x)


def scaled(x: Tensor) -> Tensor:
    """Half as large: between samples that lie at odd places, with mirrored surroundings."""
    pad = SIDE // 2
    wide = F.pad(x, [pad] * 4, mode="reflect")
    return F.avg_pool2d(wide, 2)


PLAIN: dict[BendKind, Callable[[Tensor], Tensor]] = {
    "gain": lambda x: -1.5 * x,
    "bias": lambda x: x + 0.7,
    "clamp": lambda x: torch.stack([s.clamp(-0.4 * s.abs().max(), 0.4 * s.abs().max()) for s in x]),
    "threshold": lambda x: torch.stack([s * (s.abs() >= 0.3 * s.abs().max()) for s in x]),
    "ablate": lambda x: 0.75 * x,
    "noise": lambda x: (
        x + 0.5 * torch.randn(SIDE, SIDE, generator=torch.Generator().manual_seed(5))
    ),
    "blur": blurred,
    "rotate": lambda x: x.rot90(1, (2, 3)),
    "scale": scaled,
    "shift": lambda x: F.pad(x, (4, 0, 0, 0), mode="reflect")[..., :SIDE],
    "mirror": lambda x: (x + x.flip(3)) / 2,
}


@pytest.mark.parametrize("kind", FORMULAS)
def test_each_kind_is_what_it_says(kind: BendKind) -> None:
    found = bent(X, [effect(kind, seed=5 if kind == "noise" else 0)])
    torch.testing.assert_close(found, PLAIN[kind](X), atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", ["shift", "mirror"])
def test_two_kinds_go_up_and_down_too(kind: BendKind) -> None:
    found = bent(X, [effect(kind, 0.0, vertical=0.25)])
    up = F.pad(X, (0, 0, 0, 4), mode="reflect")[..., 4:, :]
    expected = up if kind == "shift" else 0.75 * X + 0.25 * X.flip(2)
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", FORMULAS)
def test_a_neutral_amount_changes_nothing(kind: BendKind) -> None:
    found = bent(X, [effect(kind, 1.0 if kind in ("gain", "scale") else 0.0)])
    torch.testing.assert_close(found, X, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", FORMULAS)
def test_half_precision_stays_what_it_is_and_finite(kind: BendKind, dtype: torch.dtype) -> None:
    x = X.to(dtype).contiguous(memory_format=torch.channels_last)
    found = bent(x, [effect(kind)])
    assert found.dtype == dtype
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(found, bent(x.float(), [effect(kind)]).to(dtype))
    assert bent(x, [effect("gain", 1e4), effect("gain", 1e4)]).isfinite().all()


def test_bends_act_in_their_order_on_the_channels_that_are_chosen() -> None:
    before = X.clone()
    first, then = effect("gain", 2.0), effect("bias", 1.0, channels=((1, 3, 1), (5, 5, 1)))
    found = bent(X, [first, then])
    expected = 2 * X
    expected[:, [1, 2, 3, 5]] += 1
    torch.testing.assert_close(found, expected)
    assert not torch.equal(bent(X, [then, first]), found)
    assert torch.equal(before, X), "it is left as it is"


def test_channels_are_ranges_steps_and_what_lies_within_the_layer() -> None:
    assert selected((), 6) is None
    assert selected(((0, None, 1),), 6) is None
    assert selected(((1, None, 2), (0, 1, 1)), 6) == [0, 1, 3, 5]
    assert selected(((4, 99, 1),), 6) == [4, 5]
    assert selected(((9, None, 1),), 6) == []
    assert torch.equal(bent(X, [effect("gain", channels=((9, None, 1),))]), X)


BENDS: Bends = {
    "b8.input": [Effect("shift", 0.2, vertical=-0.1, side=8)],
    "b8.convs1.1": [Effect("gain", 2.0, channels=((0, None, 3),), side=8)],
    "b16.conv0": [Effect("rotate", 20.0, side=16), Effect("noise", 0.3, seed=4, side=16)],
    "b16.torgb": [Effect("mirror", 0.7, side=16)],
    "b32.convs1.0": [Effect("threshold", 0.1, side=32)],
    "b32.torgb": [Effect("bias", 0.2, channels=((1, 1, 1),), side=32)],
    "b64.conv0": [Effect("ablate", 1.0, side=64)],
}
"""The last names no layer of the networks here."""
NOISY = {"noise_mode": "random", "noise_seed": 7}


@torch.inference_mode()
def test_every_way_of_drawing_gives_the_bent_picture() -> None:
    reference, ws = network(CONFIG), rows(CONFIG, mixed=True)
    ways = {"fast": FastSynthesis(reference), "graphs": graphs(reference)}
    plain = reference(ws, **NOISY)
    for name, effects in BENDS.items():
        expected = drawn(reference, ws, bends={name: effects}, **NOISY)
        assert close(expected, plain) == name.startswith("b64")
        for draw in ways.values():
            assert close(draw(ws, bends={name: effects}, **NOISY), expected)
    expected = drawn(reference, ws, bends=BENDS, **NOISY)
    for draw in ways.values():
        assert close(draw(ws, bends=BENDS, **NOISY), expected)
        assert close(draw(ws, **NOISY), plain), "nothing of it stays"


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_bent_alike(dtype: torch.dtype) -> None:
    exact, half = network(CONFIG), network(CONFIG)
    for layer in half.modules():
        if isinstance(layer, SynthesisLayer):
            layer.lower(dtype)
    ws = rows(CONFIG, mixed=True)
    expected = drawn(exact, ws, "none", bends=BENDS)
    reach = float(expected.abs().max())
    found = [drawn(half, ws, "none", bends=BENDS), graphs(half)(ws, "none", bends=BENDS)]
    if dtype == torch.bfloat16:
        found.append(FastSynthesis(half)(ws, "none", bends=BENDS))
    for image in found:  # a threshold lets single features through on one side only
        assert float((image - expected).abs().mean()) < 0.005 * reach


@torch.inference_mode()
@pytest.mark.parametrize("name", ["sg2_cond", "sg2_resnet", "sg3_t_cond", "lafite"])
def test_every_kind_of_network_is_bent(name: str) -> None:
    known = recorded(name)
    model = known.model().requires_grad_(False)
    ws, layers = recorded_rows(name), model.anatomy.layers
    fast = FastSynthesis(model.synthesis)
    plain = model.synthesis(ws, "none")
    for layer in layers:
        bends = {layer.name: [Effect("gain", 0.5, side=layer.resolution)]}
        expected = drawn(model.synthesis, ws, "none", bends=bends)
        assert not torch.equal(expected, plain)
        assert float((fast(ws, "none", bends=bends) - expected).abs().max()) < 1e-4


@torch.inference_mode()
def test_drawing_begins_at_the_first_block_that_is_bent_otherwise() -> None:
    reference, ws = network(CONFIG), rows(CONFIG, mixed=True)
    for draw in (FastSynthesis(reference), graphs(reference)):
        draw(ws, "none", bends={"b32.conv0": [Effect("gain", 2.0)]})
        draw(ws, "none", bends={"b32.conv0": [Effect("gain", 3.0)]})
        assert draw.blocks_drawn == 1
        draw(ws, "none", bends={"b16.conv0": [Effect("gain", 3.0)]})
        assert draw.blocks_drawn == 2
        draw(ws, "none")
        draw(ws, "none")
        assert draw.blocks_drawn == 0
    fast = FastSynthesis(reference)
    fast(ws, "none")
    fast(ws, "none", bends={"b32.torgb": [Effect("gain", 3.0)]})
    assert fast.blocks_drawn == 0, "the colours alone are new"


@torch.inference_mode()
def test_a_graph_goes_on_soundly_after_bent_pictures() -> None:
    reference, draw = network(CONFIG), graphs(network(CONFIG))
    for seed, name in ((1, "b16.conv0"), (2, "b32.conv0"), (2, ""), (3, "b8.input"), (1, "")):
        ws, bends = rows(CONFIG, seed, mixed=True), {name: [Effect("gain", 2.0)]} if name else {}
        expected = drawn(reference, ws, bends=bends, **NOISY)
        assert close(draw(ws, bends=bends, **NOISY), expected)


def test_hooks_are_gone_whatever_happens() -> None:
    made = network(CONFIG)
    with pytest.raises(KeyError), bending(made, BENDS):
        assert any(module._forward_hooks for module in made.modules())
        raise KeyError
    assert not any(module._forward_hooks for module in made.modules())
