"""Half precision: close to float32, half the memory, and no overflow."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import stylegan_t
from stylegan_t import Generator, GeneratorConfig, layers
from stylegan_t.inference import precision
from stylegan_t.layers import SynthesisLayer

HALVES = [torch.bfloat16, torch.float16]
GOOD_DB = 40.0
CONFIG = GeneratorConfig(32, 1024, 64, 2, c_dim=8, z_dim=16, gn_groups=8)


def psnr_db(image: Tensor, expected: Tensor) -> float:
    """Peak signal to noise of pictures in [-1, 1]; the range is 2."""
    error = (image.double() - expected.double()).square().mean().item()
    return 10 * math.log10(4.0 / error)


def random_model(seed: int = 0) -> Generator:
    """A generator in which every weight matters and whose pictures fill the range."""
    torch.manual_seed(seed)
    model = Generator(CONFIG)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name.endswith(("gamma", "noise_strength")):
                value.normal_(std=0.3)
            elif name.endswith("torgb.weight"):
                value.mul_(0.15)
            elif name.endswith("conv0.bias"):
                value.normal_(std=0.3)
    return model.eval().requires_grad_(False)


def layers_of(model: Generator) -> list[SynthesisLayer]:
    return [layer for layer in model.synthesis.modules() if isinstance(layer, SynthesisLayer)]


@torch.inference_mode()
def picture(model: Generator, spread: float = 1.0) -> Tensor:
    """Two pictures; `spread` multiplies w, and styles grow with its square."""
    draws = torch.Generator().manual_seed(1)
    z = torch.randn(2, CONFIG.z_dim, generator=draws)
    text = torch.nn.functional.normalize(torch.randn(2, CONFIG.c_dim, generator=draws), dim=1)
    return model.synthesis(model.mapping(z, text) * spread, noise_mode="const")


def lowered(model: Generator, dtype: torch.dtype) -> Generator:
    other = precision.twin(model)
    precision.lower(other, dtype)
    return other


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("seed", range(3))
def test_the_picture_is_that_of_float32(dtype: torch.dtype, seed: int) -> None:
    model = random_model(seed)
    expected = picture(model)
    assert 0.3 < expected.std() < 1
    image = picture(lowered(model, dtype))
    assert image.dtype == torch.float32
    assert psnr_db(image, expected) > GOOD_DB


@pytest.mark.slow
@pytest.mark.parametrize("dtype", HALVES)
@torch.inference_mode()
def test_the_picture_of_the_demo_model_is_that_of_float32(dtype: torch.dtype) -> None:
    model = stylegan_t.load_generator("demo")
    z = torch.randn(4, model.config.z_dim, generator=torch.Generator().manual_seed(0))
    text = model.encode_text(["a red house at sunset", "snow", "a boat, neon", ""])
    expected = model(z, text)
    other = lowered(model, dtype)
    for image, wanted in zip(other(z, text), expected, strict=True):
        assert psnr_db(image, wanted) > GOOD_DB


@pytest.mark.parametrize("weight", [1e-5, 1.0, 3e4])
@pytest.mark.parametrize("spread", [0.05, 1.0, 30.0])
def test_float16_does_not_overflow(weight: float, spread: float) -> None:
    """Styles grow to 1e5 and more here, weights to 1e5; also next to nothing is no trouble."""
    model = random_model()
    with torch.no_grad():
        for layer in layers_of(model):
            layer.weight.mul_(weight)
        for resolution in CONFIG.block_resolutions:  # pictures stay in range, to be compared
            model.synthesis.block(resolution).torgb.weight.div_(max(1.0, spread**2))
    expected = picture(model, spread)
    assert expected.std() > 0.02
    image = picture(lowered(model, torch.float16), spread)
    assert psnr_db(image, expected) > GOOD_DB


def test_without_protection_float16_would_overflow() -> None:
    """The test above would notice: the very product that a plain cast computes is infinite."""
    torch.manual_seed(0)
    x, weight = torch.randn(1, 64, 8, 8), torch.randn(64, 64, 3, 3) * 3e4
    styles = torch.randn(1, 64) * 1e3
    plain = layers.modulated_conv2d(x.half(), weight.half(), styles, demodulate=False)
    assert not plain.isfinite().all()
    kept = layers.modulated_conv2d(x.half(), weight, styles)
    expected = layers.modulated_conv2d(x, weight, styles)
    assert psnr_db(kept / 8, expected / 8) > GOOD_DB + 10


def test_a_faint_layer_is_damped_as_in_float32() -> None:
    """The small constant of the demodulation counts for as much as it does in float32."""
    torch.manual_seed(0)
    x, weight, styles = torch.randn(1, 8, 8, 8), torch.randn(8, 8, 3, 3) * 5e-6, torch.ones(1, 8)
    expected = layers.modulated_conv2d(x, weight, styles)
    assert 0.1 < expected.std() < 0.5  # without the constant it would be about 1
    kept = layers.modulated_conv2d(x.half(), weight, styles)
    assert psnr_db(kept, expected) > GOOD_DB + 10


@pytest.mark.parametrize("dtype", HALVES)
def test_convolutions_take_half_the_memory(dtype: torch.dtype) -> None:
    model = random_model()
    convolutions = sum(layer.weight.nbytes for layer in layers_of(model))
    other = lowered(model, dtype)
    saved = precision.stored_bytes(model) - precision.stored_bytes(other)
    scales = sum(4 * len(layer.weight) for layer in layers_of(model))
    assert convolutions / 2 - scales <= saved <= convolutions / 2
    assert all(layer.weight.dtype == dtype for layer in layers_of(other))


@pytest.mark.parametrize("dtype", HALVES)
def test_features_have_the_type_and_delicate_parts_do_not(dtype: torch.dtype) -> None:
    model = lowered(random_model(), dtype)
    seen: dict[str, torch.dtype] = {}
    for name, module in model.named_modules():
        module.register_forward_hook(
            lambda _, __, y, name=name: seen.update(
                {name: (y[0] if isinstance(y, tuple) else y).dtype}
            )
        )
    picture(model)
    for name, kind in seen.items():
        feature = name.endswith("norm") or name.split(".")[-1].startswith(("conv0", "b"))
        feature = feature or (name.split(".")[-2:-1] == ["convs1"])
        assert kind == (dtype if feature else torch.float32), name


def test_a_twin_leaves_the_other_alone() -> None:
    model = random_model()
    before = picture(model)
    other = lowered(model, torch.float16)
    assert torch.equal(picture(model), before)
    assert other.mapping.x_avg is model.mapping.x_avg
    assert layers_of(model)[0].weight.dtype == torch.float32


def test_float32_is_left_as_it_is() -> None:
    model = random_model()
    weights = [layer.weight for layer in layers_of(model)]
    precision.lower(model, torch.float32)
    assert all(a is b.weight for a, b in zip(weights, layers_of(model), strict=True))


@pytest.mark.parametrize("dtype", HALVES)
def test_the_state_holds_plain_weights(dtype: torch.dtype) -> None:
    model = random_model()
    plain, state = model.state_dict(), lowered(model, dtype).state_dict()
    assert plain.keys() == state.keys()
    for name, value in plain.items():
        torch.testing.assert_close(state[name].float(), value, rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize("dtype", HALVES)
def test_a_processor_without_the_type_gives_the_same_picture(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = lowered(random_model(), dtype)
    pictures = []
    for native in (True, False):
        monkeypatch.setattr(layers, "cpu_convolves", lambda dtype, native=native: native)
        pictures.append(picture(model))
    assert psnr_db(*pictures) > GOOD_DB


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", HALVES)
def test_a_graphics_card_draws_the_same(dtype: torch.dtype) -> None:
    model = random_model()
    expected = picture(model)
    on_card = lowered(model, dtype).to("cuda")
    draws = torch.Generator().manual_seed(1)
    z = torch.randn(2, CONFIG.z_dim, generator=draws)
    text = torch.nn.functional.normalize(torch.randn(2, CONFIG.c_dim, generator=draws), dim=1)
    with torch.inference_mode():
        image = on_card(z.cuda(), text.cuda()).cpu()
    assert psnr_db(image, expected) > GOOD_DB
