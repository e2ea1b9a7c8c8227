"""The prepared synthesis gives the numbers of the reference path, and does no work twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import SynthesisNetwork
from stylegan_t.inference import winograd
from stylegan_t.inference.fast import FastSynthesis
from stylegan_t.inference.fast_layers import FastLayer
from stylegan_t.inference.packing import PROBE_SIDE, pack, pack_up
from stylegan_t.layers import SynthesisLayer

CONFIGS = {
    "skip": GeneratorConfig(32, 1024, 32, 1, 6, z_dim=5, gn_groups=4),
    "orig": GeneratorConfig(32, 1024, 32, 1, 6, z_dim=5, gn_groups=4, architecture="orig"),
    "deep, no text": GeneratorConfig(16, 512, 32, 3, 0, z_dim=5, gn_groups=8),
    "clamped": GeneratorConfig(16, 512, 32, 1, 6, z_dim=5, gn_groups=4, conv_clamp=0.5),
    "wide": GeneratorConfig(32, 2048, 64, 2, 6, z_dim=5, gn_groups=8),
    "grey": GeneratorConfig(16, 512, 32, 1, 6, z_dim=5, gn_groups=4, img_channels=1),
}
CALLS: dict[str, dict[str, Any]] = {
    "const": {"noise_mode": "const"},
    "strengths": {"noise_mode": "const", "noise_strength": [0.5, 0.0, 2.0]},
    "random": {"noise_mode": "random", "noise_seed": 7},
    "none": {"noise_mode": "none"},
    "moved": {
        "noise_mode": "none",
        "transform": torch.tensor([[0.9, 0, 0.1], [0, 1.1, 0], [0, 0, 1.0]]),
    },
}


def network(config: GeneratorConfig, seed: int = 0) -> SynthesisNetwork:
    """Random weights in which noise, bias, gamma and the input's placement matter."""
    torch.manual_seed(seed)
    made = SynthesisNetwork(config).eval().requires_grad_(False)
    for name, value in made.named_parameters():
        if name.endswith("noise_strength"):
            value.fill_(0.4)
        elif name.endswith(("gamma", "norm.bias", "torgb.bias")) or name.endswith(
            "input.affine.weight"
        ):
            value.normal_(std=0.5)
        elif name.endswith(("conv0.bias", "convs1.0.bias", "convs1.1.bias")):
            value.normal_(std=0.3)
        elif name.endswith("torgb.weight"):
            value.mul_(0.3)
    return made


def rows(config: GeneratorConfig, seed: int = 1, *, mixed: bool = False) -> Tensor:
    """Rows of w, [1, num_ws, w_dim], all alike or each its own."""
    generator = torch.Generator().manual_seed(seed)
    count = config.num_ws if mixed else 1
    return torch.randn(1, count, config.w_dim, generator=generator).expand(1, config.num_ws, -1)


def close(found: Tensor, expected: Tensor) -> bool:
    """Equal within 1e-4 of the largest value."""
    return float((found - expected).abs().max()) <= 1e-4 * float(expected.abs().max())


def by_block(call: dict[str, Any], config: GeneratorConfig) -> dict[str, Any]:
    """The call with as many strengths as there are blocks."""
    if isinstance(call.get("noise_strength"), list):
        return {**call, "noise_strength": call["noise_strength"][: len(config.block_resolutions)]}
    return call


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", CONFIGS)
def test_it_draws_what_the_reference_path_draws(name: str, call: str) -> None:
    config, arguments = CONFIGS[name], by_block(CALLS[call], CONFIGS[name])
    reference = network(config)
    fast = FastSynthesis(reference)
    for mixed in (False, True):
        ws = rows(config, mixed=mixed)
        assert close(fast(ws, **arguments), reference(ws, **arguments))


def test_edits_of_styles_reach_the_same_layers() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast, ws = FastSynthesis(reference), rows(config)
    plain = reference(ws, "const")
    for row in range(config.num_ws):
        width = reference.style_of_row(row)(ws[:, row]).shape[1]
        edits = {row: torch.linspace(-1, 1, width)}
        expected = reference(ws, "const", style_edits=edits)
        assert not torch.allclose(expected, plain, atol=1e-3), row
        assert close(fast(ws, "const", style_edits=edits), expected), row


@pytest.mark.parametrize("name", CONFIGS)
def test_large_weights_and_small_ones(name: str) -> None:
    config = CONFIGS[name]
    for factor in (1e-3, 30.0):
        reference = network(config)
        for layer in reference.modules():
            if isinstance(layer, SynthesisLayer):
                layer.weight.mul_(factor)
        ws = rows(config)
        assert close(FastSynthesis(reference)(ws, "const"), reference(ws, "const"))


def psnr(found: Tensor, expected: Tensor) -> float:
    """In dB of the expected picture's own range."""
    span = expected.max() - expected.min()
    return float(10 * torch.log10(span.square() / (found - expected).square().mean()))


def test_bfloat16_stays_near_float32() -> None:
    config = GeneratorConfig(32, 1024, 32, 1, 6, z_dim=5, gn_groups=4)
    reference, ws = network(config), rows(config)
    expected = reference(ws, "const")
    for layer in reference.modules():
        if isinstance(layer, SynthesisLayer):
            layer.lower(torch.bfloat16)
    by_reference = psnr(reference(ws, "const"), expected)
    assert psnr(FastSynthesis(reference)(ws, "const"), expected) > min(40.0, by_reference - 1.0)


# -- work that is not done ---------------------------------------------------------------------


def drawn(fast: FastSynthesis, *arguments: Any, **options: Any) -> int:
    """How many blocks a picture takes."""
    fast(*arguments, **options)
    return fast.blocks_drawn


def test_the_same_picture_takes_no_block() -> None:
    config = CONFIGS["skip"]
    fast, ws = FastSynthesis(network(config)), rows(config)
    assert drawn(fast, ws, "const") == 3
    assert drawn(fast, ws.clone(), "const") == 0
    fast.forget()
    assert drawn(fast, ws, "const") == 3


Change = Callable[[Tensor, GeneratorConfig], Tensor]


def changed_row(row: int) -> Change:
    def change(ws: Tensor, config: GeneratorConfig) -> Tensor:
        ws = ws.clone()
        ws[:, row] += 1
        return ws

    return change


@pytest.mark.parametrize(
    ("row", "blocks"), [(0, 3), (2, 3), (3, 2), (4, 2), (6, 1), (7, 1), (9, 0)]
)
def test_a_picture_begins_at_the_first_block_that_differs(row: int, blocks: int) -> None:
    """Row 3 is the second block's first, and that of the first block's colours; row 9 is that of
    the last colours alone."""
    config = CONFIGS["skip"]
    reference = network(config)
    fast, ws = FastSynthesis(reference), rows(config, mixed=True)
    fast(ws, "const")
    other = changed_row(row)(ws, config)
    found = fast(other, "const")
    assert fast.blocks_drawn == blocks
    assert torch.equal(found, FastSynthesis(reference)(other, "const"))
    again = fast(ws, "const")
    assert torch.equal(again, FastSynthesis(reference)(ws, "const")), "nothing kept was written to"


def test_noise_and_placement_are_part_of_what_is_kept() -> None:
    config = CONFIGS["skip"]
    fast, ws = FastSynthesis(network(config)), rows(config)
    fast(ws, "const")
    assert drawn(fast, ws, "const", noise_strength=[1.0, 1.0, 0.5]) == 1
    assert drawn(fast, ws, "random", noise_seed=1) == 3
    assert drawn(fast, ws, "random", noise_seed=1) == 0
    assert drawn(fast, ws, "random", noise_seed=2) == 3
    assert drawn(fast, ws, "random") == 3
    assert drawn(fast, ws, "random") == 3, "fresh noise is fresh"
    assert drawn(fast, ws, "none") == 3
    assert drawn(fast, ws, "none", transform=torch.eye(3)) == 3
    assert drawn(fast, ws, "none", transform=torch.eye(3)) == 0
    assert drawn(fast, ws, "none", transform=2 * torch.eye(3)) == 3


def test_seeded_noise_of_later_blocks_does_not_depend_on_what_was_kept() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast, ws = FastSynthesis(reference), rows(config, mixed=True)
    fast(ws, "random", noise_seed=5)
    other = changed_row(8)(ws, config)
    found = fast(other, "random", noise_seed=5)
    assert fast.blocks_drawn == 1
    assert close(found, reference(other, "random", noise_seed=5))


def test_an_abandoned_picture_leaves_what_it_has_done() -> None:
    config = CONFIGS["skip"]
    reference = network(config)
    fast, ws, other = FastSynthesis(reference), rows(config), rows(config, 2)
    fast(ws, "const")

    def abandon(resolution: int, image: Tensor | None) -> None:
        if resolution == 16:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fast(other, "const", on_block=abandon)
    found = fast(other, "const")
    assert fast.blocks_drawn == 1
    assert torch.equal(found, FastSynthesis(reference)(other, "const"))


def test_every_block_is_told_with_the_picture_so_far() -> None:
    config = CONFIGS["skip"]
    fast, ws = FastSynthesis(network(config)), rows(config)
    for _ in range(2):
        told: list[tuple[int, Tensor | None]] = []
        fast(
            ws,
            "const",
            on_block=lambda resolution, image, told=told: told.append((resolution, image)),
        )
        shapes = [(side, None if image is None else tuple(image.shape)) for side, image in told]
        assert shapes == [(side, (1, 3, side, side)) for side in (8, 16, 32)]


@pytest.mark.parametrize(("least", "count"), [(64, 8), (65, 0)])
def test_wide_layers_take_the_convolution_with_fewer_multiplications(
    monkeypatch: pytest.MonkeyPatch, least: int, count: int
) -> None:
    monkeypatch.setattr(winograd, "LEAST_CHANNELS", least)
    monkeypatch.setattr(winograd, "LEAST_SIDE", 16)
    config = CONFIGS["wide"]
    reference, ws = network(config), rows(config)
    fast = FastSynthesis(reference)
    layers = [layer for block in fast._blocks for layer in block.layers]
    chosen = [layer for layer in layers if isinstance(layer, FastLayer) and layer.winograd]
    assert len(chosen) == count, "of the blocks of 16 and 32 pixels"
    assert close(fast(ws, "const"), reference(ws, "const"))


def test_copies_of_weights_stay_within_their_memory() -> None:
    config = CONFIGS["wide"]
    reference, ws = network(config), rows(config)
    expected = reference(ws, "const")
    sizes = []
    for budget in (0, 200_000, 700_000, 10_000_000):
        fast = FastSynthesis(reference, budget)
        assert fast.packed_bytes <= budget
        sizes.append(fast.packed_bytes)
        assert close(fast(ws, "const"), expected)
    assert sizes[0] == 0 and sizes == sorted(set(sizes))


# -- packing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_packed_weights_convolve_as_ever(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    weight = torch.randn(16, 8, 3, 3, dtype=dtype).contiguous(memory_format=torch.channels_last)
    packed = pack(weight, 12)
    if packed is None:
        pytest.skip("this build of PyTorch packs no weights of this type")
    x = torch.randn(1, 8, 12, 12, dtype=dtype).contiguous(memory_format=torch.channels_last)
    bias = torch.randn(16, dtype=dtype)
    expected = torch.nn.functional.conv2d(x, weight, bias, padding=1)
    assert torch.allclose(packed(x, bias), expected, atol=1e-4 if dtype == torch.float32 else 0.1)


def test_packed_weights_double_the_size_as_ever() -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(8, 16, 3, 3), torch.randn(1, 8, 12, 12)
    packed = pack_up(weight, 12)
    assert packed is not None
    expected = torch.nn.functional.conv_transpose2d(x, weight, stride=2)
    found = packed(x.contiguous(memory_format=torch.channels_last), None)
    assert found.shape == (1, 16, 25, 25)
    assert torch.allclose(found, expected, atol=1e-4)


def test_layers_that_double_small_features_are_packed() -> None:
    reference = network(CONFIGS["wide"])
    fast = FastSynthesis(reference)
    layers = [layer for block in fast._blocks for layer in block.layers]
    small = [layer for layer in layers if isinstance(layer, FastLayer) and layer.up]
    assert [layer.packed is not None for layer in small] == [not layer.folds for layer in small]
    assert any(layer.packed for layer in small)


def test_packing_for_a_large_picture_draws_no_large_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides: list[int] = []
    convolve = F.conv2d

    def noted(x: Tensor, *rest: Any, **named: Any) -> Tensor:
        sides.append(x.shape[-1])
        return convolve(x, *rest, **named)

    monkeypatch.setattr(F, "conv2d", noted)
    weight, x = torch.randn(8, 8, 3, 3), torch.randn(1, 8, 200, 200)
    packed = pack(weight, 200)
    assert pack(weight + 1, 200) is not None
    assert len(sides) == 1 and sides[0] <= PROBE_SIDE, "one shape is tried once"
    assert packed is not None
    expected = convolve(x, weight, padding=1)
    assert torch.allclose(packed(x, torch.zeros(8)), expected, atol=1e-4)


def test_where_packing_fails_the_ordinary_convolution_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("not here")

    monkeypatch.setattr(vars(torch._C)["_nn"], "mkldnn_reorder_conv2d_weight", refuse)
    assert pack(torch.randn(4, 4, 3, 3), 8) is None
    config = CONFIGS["skip"]
    reference, ws = network(config), rows(config)
    assert close(FastSynthesis(reference)(ws, "const"), reference(ws, "const"))
