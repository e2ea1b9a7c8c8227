"""The generator against numbers recorded from the original implementation (tests/parity)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from stylegan_t.config import GeneratorConfig
from stylegan_t.generator import Generator, NoiseMode

PARITY = Path(__file__).parents[1] / "parity"
NAMES = ("tiny_cond", "tiny_cond_deep", "tiny_uncond", "tiny_orig", "tiny_clamp")
MAPPING_TOLERANCE = 1e-5
IMAGE_TOLERANCE = 1e-4
GRADIENT_TOLERANCE = 1e-3
"""Relative; the other two are absolute.  tests/parity/README.md says where they come from."""
ROUNDING = 1e-7
"""About the relative spacing of float32."""


@dataclass(frozen=True)
class Fixture:
    """One recorded network: what its JSON says, its state, and its inputs and outputs."""

    info: dict[str, Any]
    state: dict[str, Tensor]
    io: dict[str, Tensor]

    def config(self) -> GeneratorConfig:
        synthesis = self.info["synthesis_kwargs_with_defaults"]
        names = "channel_base channel_max num_res_blocks architecture conv_clamp gn_groups"
        return GeneratorConfig(
            img_resolution=self.info["img_resolution"],
            c_dim=self.info["c_dim"],
            z_dim=self.info["z_dim"],
            img_channels=self.info["img_channels"],
            layer_scale_init=synthesis["layer_scale_init"],
            **{name: synthesis[name] for name in names.split()},
        )

    def model(self) -> Generator:
        """A fresh generator with the recorded weights, in eval mode."""
        model = Generator(self.config())
        model.load_state_dict(self.state, strict=True)
        return model.eval()

    @property
    def text(self) -> Tensor | None:
        return self.io.get("c")


@pytest.fixture(scope="module", params=NAMES)
def fixture(request: pytest.FixtureRequest) -> Fixture:
    name = request.param
    return Fixture(
        json.loads((PARITY / f"{name}.json").read_text()),
        load_file(PARITY / f"{name}.safetensors"),
        load_file(PARITY / f"{name}_io.safetensors"),
    )


@pytest.fixture(scope="module")
def model(fixture: Fixture) -> Generator:
    return fixture.model()


def worst(actual: Tensor, expected: Tensor) -> float:
    """Largest absolute difference, printed too (`-rP` shows it); shapes and types must agree."""
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    error = (actual - expected).abs().max().item()
    print(f"largest absolute error {error:.1e}")
    return error


def test_sizes_and_state_keys(fixture: Fixture, model: Generator) -> None:
    config = model.config
    assert (config.w_dim, config.num_ws) == (fixture.info["w_dim"], fixture.info["num_ws"])
    channels = {str(res): config.channels(res) for res in config.block_resolutions}
    assert channels == fixture.info["channels"]
    recorded = {key["name"]: (key["shape"], key["kind"]) for key in fixture.info["keys"]}
    parameters = {name for name, _ in model.named_parameters()}
    ours = {
        name: (list(value.shape), "parameter" if name in parameters else "buffer")
        for name, value in model.state_dict().items()
    }
    assert ours == recorded


@pytest.mark.parametrize("psi", [1.0, 0.5, 0.0])
@torch.inference_mode()
def test_mapping(fixture: Fixture, model: Generator, psi: float) -> None:
    ws = model.mapping(fixture.io["z"], fixture.text, truncation_psi=psi)
    assert worst(ws, fixture.io[f"ws_psi{psi:g}"]) < MAPPING_TOLERANCE


@pytest.mark.parametrize(
    ("ws", "noise", "expected"),
    [
        ("ws_psi1", "const", "img_const"),
        ("ws_psi1", "const", "img_const_unfused"),
        ("ws_psi1", "none", "img_none"),
        ("ws_psi0.5", "const", "img_const_psi0.5"),
        ("ws_mixed", "const", "img_mixed_const"),
    ],
)
@torch.inference_mode()
def test_image(
    fixture: Fixture, model: Generator, ws: str, noise: NoiseMode, expected: str
) -> None:
    image = model.synthesis(fixture.io[ws], noise_mode=noise)
    assert worst(image, fixture.io[expected]) < IMAGE_TOLERANCE


@torch.inference_mode()
def test_image_from_latent_and_text(fixture: Fixture, model: Generator) -> None:
    image = model(fixture.io["z"], fixture.text, truncation_psi=0.5)
    assert worst(image, fixture.io["img_const_psi0.5"]) < IMAGE_TOLERANCE


@pytest.mark.parametrize("name", ["transform", "transform_zoom"])
@torch.inference_mode()
def test_user_transform(fixture: Fixture, model: Generator, name: str) -> None:
    ws, matrix = fixture.io["ws_psi1"], fixture.io[f"{name}_matrix"]
    given = model.synthesis(ws, noise_mode="const", transform=matrix)
    assert worst(given, fixture.io[f"img_{name}"]) < IMAGE_TOLERANCE
    stored = fixture.model()
    stored.synthesis.block(8).input.transform.copy_(matrix)
    image = stored.synthesis(ws, noise_mode="const")
    assert worst(image, fixture.io[f"img_{name}"]) < IMAGE_TOLERANCE


@torch.inference_mode()
def test_activations_of_every_block(fixture: Fixture, model: Generator) -> None:
    seen: dict[str, Tensor] = {}

    def block_hook(resolution: int) -> Any:
        def hook(module: Any, inputs: Any, output: tuple[Tensor, Tensor | None]) -> None:
            x, image = output
            seen[f"act.b{resolution}.x"] = x
            if image is not None:
                seen[f"act.b{resolution}.img"] = image

        return hook

    def input_hook(module: Any, inputs: Any, output: Tensor) -> None:
        seen["act.b8.input"] = output

    synthesis = model.synthesis
    handles = [synthesis.block(8).input.register_forward_hook(input_hook)]
    for resolution in model.config.block_resolutions:
        handles.append(synthesis.block(resolution).register_forward_hook(block_hook(resolution)))
    try:
        synthesis(fixture.io["ws_psi1"], noise_mode="const")
    finally:
        for handle in handles:
            handle.remove()
    recorded = {name: value for name, value in fixture.io.items() if name.startswith("act.")}
    assert seen.keys() == recorded.keys()
    for name, value in recorded.items():
        assert worst(seen[name], value) < IMAGE_TOLERANCE, name


@torch.inference_mode()
def test_on_block_tells_the_running_image(fixture: Fixture, model: Generator) -> None:
    calls: list[tuple[int, Tensor | None]] = []
    model.synthesis(
        fixture.io["ws_psi1"],
        noise_mode="const",
        on_block=lambda resolution, image: calls.append((resolution, image)),
    )
    assert [resolution for resolution, _ in calls] == list(model.config.block_resolutions)
    for resolution, image in calls:
        expected = fixture.io.get(f"act.b{resolution}.img")
        if expected is None:
            assert image is None
        else:
            assert image is not None
            assert worst(image, expected) < IMAGE_TOLERANCE


def test_training_pass_moves_x_avg(fixture: Fixture) -> None:
    model = fixture.model().train()
    model.mapping(fixture.io["z"], fixture.text)
    assert worst(model.mapping.x_avg, fixture.io["x_avg_after_train_pass"]) < MAPPING_TOLERANCE


def gradient_error(fixture: Fixture, nudge: Tensor) -> float:
    """Largest relative error of the gradients by z and by every parameter, at w nudged a little."""
    model = fixture.model().train()
    z = fixture.io["z"].clone().requires_grad_()
    ws = model.mapping(z, fixture.text)
    image = model.synthesis(ws * (1 + nudge), noise_mode="const")
    (image * fixture.io["grad_probe"]).sum().backward()
    assert z.grad is not None
    expected = fixture.io["grad_z"]
    errors = [worst(z.grad, expected) / expected.abs().max().item()]
    norms = fixture.info["grad_l2"]
    assert norms.keys() == {name for name, _ in model.named_parameters()}
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        errors.append(abs(parameter.grad.norm().item() / norms[name] - 1))
    return max(errors)


def test_gradients(fixture: Fixture) -> None:
    """Some of the recorded activations lie within a rounding error of a kink (of the leaky ReLU, or
    of the clamp), where the gradient jumps.  So w may be nudged by rounding errors until they fall
    on the recorded side; gradients that are wrong in themselves stay wrong under such nudges."""
    draws = torch.Generator().manual_seed(0)
    shape = fixture.io["ws_psi1"].shape
    errors = []
    for size in [0.0] + [ROUNDING] * 30:
        errors.append(gradient_error(fixture, torch.randn(shape, generator=draws) * size))
        if errors[-1] < GRADIENT_TOLERANCE:
            return
    pytest.fail(f"gradients differ by a relative {min(errors):.1e} at best")


def test_gradient_comparison_notices_an_error(fixture: Fixture) -> None:
    weights = dict(fixture.state)
    weights["synthesis.b16.conv0.weight"] = weights["synthesis.b16.conv0.weight"].flip(0)
    wrong = Fixture(fixture.info, weights, fixture.io)
    assert gradient_error(wrong, torch.zeros(())) > 10 * GRADIENT_TOLERANCE


def unused(name: str) -> bool:
    """Filters that layers without resampling store all the same; nothing reads them."""
    plain = ".convs1." in name or name.startswith("synthesis.b8.")
    return plain and name.endswith("resample_filter")


@pytest.mark.slow
@torch.inference_mode()
def test_every_tensor_of_the_state_matters(fixture: Fixture) -> None:
    """The comparisons above notice a change in any weight that the original reads."""
    model = fixture.model()
    z, text = fixture.io["z"], fixture.text
    orig_skips_upsampling = model.config.architecture == "orig"
    shake = torch.Generator().manual_seed(0)
    for name, value in model.state_dict().items():
        before = value.clone()
        value.add_(torch.rand(value.shape, generator=shake) * 0.5 + 0.1)
        image = model(z, text, truncation_psi=0.5)
        value.copy_(before)
        change = worst(image, fixture.io["img_const_psi0.5"])
        block_filter = name.endswith("resample_filter") and name.count(".") == 2
        if unused(name) or (block_filter and orig_skips_upsampling):
            assert change < IMAGE_TOLERANCE, name
        else:
            assert change > IMAGE_TOLERANCE, name
