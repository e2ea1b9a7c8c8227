"""StyleGAN2's weights under the names of its forks draw what those names stand for."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from msgspec.structs import replace
from safetensors.torch import save_file
from torch import Tensor

import stylegan_t
from stylegan_t import CheckpointError
from stylegan_t.family.stylegan2 import StyleGAN2
from tests.stylegan_t.checkpoints.test_state_dicts import (
    LEGACY,
    PICKLE,
    ZIP,
    prefixed,
    refused,
    write,
)
from tests.stylegan_t.family.recorded import recorded, worst

State = dict[str, Tensor]
KNOWN = "sg2_uncond"
SIDES = (4, 8, 16, 32)


def ours() -> StyleGAN2:
    """A recorded network without its clamp, which forks do not have."""
    known = recorded(KNOWN).model()
    assert isinstance(known, StyleGAN2)
    network = StyleGAN2(replace(known.config, conv_clamp=None))
    network.load_state_dict(known.state_dict())
    return network.eval().requires_grad_(False)


def renamed(network: StyleGAN2) -> State:
    """Its weights by the other names, with the shapes that they have there."""
    state, found = network.state_dict(), {}
    for name, tensor in state.items():
        if match := re.fullmatch(r"mapping\.fc(\d+)\.(\w+)", name):
            found[f"style.{int(match[1]) + 1}.{match[2]}"] = tensor
    found["input.input"] = state["synthesis.b4.const"][None]
    for index, side in enumerate(SIDES):
        names = {"conv1": f"convs.{2 * index - 1}", "torgb": f"to_rgbs.{index - 1}"}
        names["conv0"] = f"convs.{2 * index - 2}"
        if side == 4:
            names = {"conv1": "conv1", "torgb": "to_rgb1"}
        for own, name in names.items():
            _rename(state, found, f"synthesis.b{side}.{own}", name)
            if own != "torgb":
                number = 2 * index - (own == "conv0")
                noise = state[f"synthesis.b{side}.{own}.noise_const"]
                found[f"noises.noise_{number}"] = noise[None, None]
    return found


def _rename(state: State, found: State, own: str, name: str) -> None:
    weight = state[f"{own}.weight"]
    for kind in ("weight", "bias"):
        found[f"{name}.conv.modulation.{kind}"] = state[f"{own}.affine.{kind}"]
    found[f"{name}.conv.weight"] = weight[None]
    bias, filters = state[f"{own}.bias"], 4 * torch.outer(*[torch.tensor([1.0, 3, 3, 1]) / 8] * 2)
    if "rgb" in name:
        found[f"{name}.bias"] = bias[None, :, None, None]
        if name != "to_rgb1":
            found[f"{name}.upsample.kernel"] = filters
        return
    # There, weights are divided by the root of their inputs.
    found[f"{name}.conv.weight"] = weight[None] * math.sqrt(weight[0].numel())
    found[f"{name}.activate.bias"] = bias
    found[f"{name}.noise.weight"] = state[f"{own}.noise_strength"][None]
    if "conv0" in own:
        found[f"{name}.conv.blur.kernel"] = filters


def drawn_by_the_paper(state: State, z: Tensor) -> Tensor:
    """What the names stand for, straight from the paper: one latent [1, z_dim] to an image."""
    w = z * torch.rsqrt(z.square().mean() + 1e-8)
    index = 1
    while f"style.{index}.weight" in state:
        w = _dense(state, f"style.{index}", w, 0.01)
        w = F.leaky_relu(w, 0.2) * math.sqrt(2)
        index += 1
    x = _styled(state, "conv1", state["input.input"], w, 0)
    image = _coloured(state, "to_rgb1", x, w)
    for block in range(len(SIDES) - 1):
        x = _styled(state, f"convs.{2 * block}", x, w, 2 * block + 1)
        x = _styled(state, f"convs.{2 * block + 1}", x, w, 2 * block + 2)
        kernel = state[f"to_rgbs.{block}.upsample.kernel"].expand(3, 1, 4, 4)
        image = F.conv_transpose2d(image, kernel, stride=2, padding=1, groups=3)
        image = image + _coloured(state, f"to_rgbs.{block}", x, w)
    return image


def _dense(state: State, name: str, x: Tensor, rate: float = 1.0) -> Tensor:
    weight, bias = state[f"{name}.weight"], state[f"{name}.bias"]
    return F.linear(x, weight * rate / math.sqrt(weight.shape[1]), bias * rate)


def _styled(state: State, name: str, x: Tensor, w: Tensor, noise: int) -> Tensor:
    weight = state[f"{name}.conv.weight"][0]
    style = _dense(state, f"{name}.conv.modulation", w)
    weight = weight * style[:, :, None, None] / math.sqrt(weight[0].numel())
    weight = weight * torch.rsqrt(weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8)
    blur = state.get(f"{name}.conv.blur.kernel")
    if blur is None:
        x = F.conv2d(x, weight, padding=1)
    else:
        x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        x = F.conv2d(x, blur.expand(len(weight), 1, 4, 4), padding=1, groups=len(weight))
    x = x + state[f"{name}.noise.weight"] * state[f"noises.noise_{noise}"]
    return F.leaky_relu(x + state[f"{name}.activate.bias"][:, None, None], 0.2) * math.sqrt(2)


def _coloured(state: State, name: str, x: Tensor, w: Tensor) -> Tensor:
    weight = state[f"{name}.conv.weight"][0]
    style = _dense(state, f"{name}.conv.modulation", w)
    weight = weight * style[:, :, None, None] / math.sqrt(weight.shape[1])
    return F.conv2d(x, weight) + state[f"{name}.bias"]


@pytest.fixture(scope="module")
def state() -> State:
    return renamed(ours())


def image(network: Any) -> Tensor:
    with torch.inference_mode():
        return network(recorded(KNOWN).io["z"][:1])


AVERAGE = recorded(KNOWN).state["mapping.w_avg"]
WRAPPED: dict[str, Any] = {
    "converted": lambda s: {"g_ema": s, "latent_avg": AVERAGE},
    "in training": lambda s: {
        "g": {name: tensor + 1 for name, tensor in s.items()},
        "d": {"convs.0.0.weight": torch.ones(4, 3, 1, 1), "final_conv.0.weight": torch.ones(3)},
        "g_ema": s,
        "g_optim": {"state": {0: {"step": 1, "exp_avg": torch.ones(2)}}, "param_groups": []},
        "ada_aug_p": 0.1,
        "latent_avg": AVERAGE,
    },
    "an encoder's": lambda s: {
        "state_dict": {**prefixed(s, "decoder."), "encoder.input_layer.0.weight": torch.ones(3)},
        "latent_avg": AVERAGE.expand(8, -1).clone(),
    },
    "module.": lambda s: {**prefixed(s, "module."), "module.latent_avg": AVERAGE},
}


@pytest.mark.parametrize("form", [ZIP, LEGACY, PICKLE])
@pytest.mark.parametrize("wrapped", WRAPPED)
def test_it_draws_what_the_paper_says(
    wrapped: str, form: str, state: State, tmp_path: Path
) -> None:
    path = write(WRAPPED[wrapped](state), tmp_path / "ffhq.pt", form)
    network = stylegan_t.load(path)
    expected = drawn_by_the_paper(state, recorded(KNOWN).io["z"][:1])
    assert worst(image(network), expected) <= 1e-4
    assert worst(image(network), image(ours())) <= 1e-4
    assert network.anatomy == ours().anatomy and network.config.conv_clamp is None
    assert torch.allclose(network.mapping.w_avg, AVERAGE, atol=1e-6)
    assert "without a clamp" in network.card.description and not network.warning


def test_safetensors(state: State, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save_file({key: tensor.contiguous() for key, tensor in prefixed(state, "g_ema.").items()}, path)
    assert worst(image(stylegan_t.load(path)), image(ours())) <= 1e-4


def test_an_average_that_is_not_there_is_taken_of_many_latents(
    state: State, tmp_path: Path
) -> None:
    path = write({"g_ema": state}, tmp_path / "a.pt")
    found = stylegan_t.load(path).mapping.w_avg
    with torch.no_grad():
        mapped = ours().mapping.mapped(torch.randn(20_000, ours().config.z_dim))
    assert worst(found, mapped.mean(dim=0)) <= 0.1 * float(mapped.std())
    assert torch.equal(found, stylegan_t.load(path).mapping.w_avg)


def test_early_files_have_no_noise_and_no_filters(state: State, tmp_path: Path) -> None:
    bare = {n: t for n, t in state.items() if "kernel" not in n and not n.startswith("noises")}
    path = write({"g_ema": bare}, tmp_path / "550000.pt")
    first, again, with_noise = stylegan_t.load(path), stylegan_t.load(path), ours()
    ws = recorded(KNOWN).io["ws_psi1"][:1]
    with torch.inference_mode():
        none = [n.synthesis(ws, "none") for n in (first, with_noise)]
        const = [n.synthesis(ws, "const") for n in (first, again)]
    assert worst(none[0], none[1]) <= 1e-4
    assert torch.equal(const[0], const[1]) and worst(const[0], none[0]) > 1e-3


def test_it_is_saved_as_any_other(state: State, tmp_path: Path) -> None:
    network = stylegan_t.load(write({"g_ema": state}, tmp_path / "a.pt"))
    stylegan_t.save(network, tmp_path / "b.safetensors")
    assert torch.equal(image(stylegan_t.load(tmp_path / "b.safetensors")), image(network))


@pytest.mark.parametrize("form", [ZIP, LEGACY])
def test_one_tensor_less_or_more_or_of_another_shape_is_a_sentence(
    form: str, state: State, tmp_path: Path
) -> None:
    path = tmp_path / "bad.pt"
    for key in list(state)[::7]:
        if key.startswith("noises") or "kernel" in key:
            continue
        missing = {name: tensor for name, tensor in state.items() if name != key}
        assert refused(write(missing, path, form))
        for shape in ((*state[key].shape, 2), (1,), (2, 3, 5, 7, 1)):
            refused(write({**state, key: torch.ones(shape)}, path, form))
    assert "convs.99" in refused(write({**state, "convs.99.x": torch.ones(2)}, path, form))


def test_a_claim_of_many_blocks_costs_nothing(tmp_path: Path) -> None:
    claim = {f"to_rgbs.{index}.bias": torch.ones(1, 3, 1, 1) for index in range(200)}
    claim |= {"style.1.weight": torch.ones(2, 2), "conv1.conv.weight": torch.ones(1, 2, 2, 3, 3)}
    with pytest.raises(CheckpointError, match="has no tensor"):
        stylegan_t.load(write(claim, tmp_path / "claim.pt"))
