"""What the synthesis can do beside drawing: noise by block, edits of styles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import Generator, StyleEdits
from stylegan_t.layers import StyleSplit, SynthesisLayer, ToRGBLayer
from tests.renderer.fakes import tiny_model


@pytest.fixture(scope="module")
def model() -> Generator:
    return tiny_model(resolution=32)


@pytest.fixture(scope="module")
def ws(model: Generator) -> Tensor:
    draws = torch.Generator().manual_seed(1)
    config = model.config
    text = torch.nn.functional.normalize(torch.randn(2, config.c_dim, generator=draws), dim=1)
    return model.mapping(torch.randn(2, config.z_dim, generator=draws), text)


def feature_maps(model: Generator, ws: Tensor, edits: StyleEdits) -> dict[str, Tensor]:
    """What each layer puts out while a picture is drawn, in order."""
    seen: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[object, object, Tensor], None]:
        return lambda module, inputs, output: seen.update({name: output})

    layers = [
        (name, module)
        for name, module in model.synthesis.named_modules()
        if isinstance(module, SynthesisInput | SynthesisLayer | ToRGBLayer)
    ]
    handles = [module.register_forward_hook(keep(name)) for name, module in layers]
    try:
        model.synthesis(ws, "const", style_edits=edits)
    finally:
        for handle in handles:
            handle.remove()
    return seen


# -- noise ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["const", "random"])
def test_equal_strengths_are_one_strength(model: Generator, ws: Tensor, mode: str) -> None:
    one = model.synthesis(ws, mode, noise_seed=3, noise_strength=0.7)
    each = model.synthesis(ws, mode, noise_seed=3, noise_strength=[0.7] * 3)
    assert torch.equal(one, each)


@pytest.mark.parametrize("mode", ["const", "random"])
def test_noise_begins_at_the_block_that_has_some(model: Generator, ws: Tensor, mode: str) -> None:
    def draw(strengths: list[float]) -> dict[int, Tensor]:
        seen: dict[int, Tensor] = {}
        model.synthesis(
            *(ws, mode),
            noise_seed=3,
            noise_strength=strengths,
            on_block=lambda resolution, image: seen.update({resolution: image}),
        )
        return seen

    none, last = draw([0.0, 0.0, 0.0]), draw([0.0, 0.0, 1.0])
    assert torch.equal(none[16], last[16])
    assert not torch.equal(none[32], last[32])
    first = draw([1.0, 0.0, 0.0])
    assert not torch.equal(none[8], first[8])
    assert torch.equal(none[8], model_without_noise(model, ws)[8])


def model_without_noise(model: Generator, ws: Tensor) -> dict[int, Tensor]:
    seen: dict[int, Tensor] = {}
    model.synthesis(ws, "none", on_block=lambda resolution, image: seen.update({resolution: image}))
    return seen


def test_a_block_keeps_its_random_map_whatever_the_others_do(model: Generator, ws: Tensor) -> None:
    """The noise of the last block is the same beside noisy and beside quiet ones."""
    seen: list[Tensor] = []
    layer = model.synthesis.block(32).conv0

    def listen(_: object, inputs: tuple[Tensor, Tensor, Callable[[int, Tensor], Tensor]]) -> None:
        seen.append(inputs[2](32, layer.noise_const))

    handle = layer.register_forward_pre_hook(listen)
    try:
        for strengths in ([0.0, 0.0, 1.0], [1.0, 2.0, 1.0]):
            model.synthesis(ws, "random", noise_seed=3, noise_strength=strengths)
    finally:
        handle.remove()
    assert torch.equal(*seen)


def test_strengths_must_be_as_many_as_blocks(model: Generator, ws: Tensor) -> None:
    with pytest.raises(ValueError):
        model.synthesis(ws, "const", noise_strength=[1.0, 1.0])


# -- edits of styles -----------------------------------------------------------------------------


def owner(model: Generator, row: int) -> str:
    """The name of the layer whose style `style_of_row` makes."""
    style = model.synthesis.style_of_row(row)
    names = [name for name, module in model.synthesis.named_modules() if module is style]
    return names[0].removesuffix(".affine")


def test_every_row_has_one_owner(model: Generator) -> None:
    assert [owner(model, row) for row in range(model.config.num_ws)] == [
        *("b8.input", "b8.convs1.0", "b8.convs1.1"),
        *("b16.conv0", "b16.convs1.0", "b16.convs1.1"),
        *("b32.conv0", "b32.convs1.0", "b32.convs1.1", "b32.torgb"),
    ]


def test_edits_of_zero_change_nothing(model: Generator, ws: Tensor) -> None:
    styles = [model.synthesis.style_of_row(row) for row in range(model.config.num_ws)]
    zeros = {row: torch.zeros(style(ws[:, row]).shape[1]) for row, style in enumerate(styles)}
    plain = model.synthesis(ws, "const")
    assert torch.equal(plain, model.synthesis(ws, "const", style_edits=zeros))


def test_an_edit_begins_at_the_layer_that_owns_the_row(model: Generator, ws: Tensor) -> None:
    """All layers before it, colour outputs that share its row too, draw what they drew."""
    plain = feature_maps(model, ws, {})
    order = list(plain)
    for row in range(model.config.num_ws):
        name = owner(model, row)
        channels = model.synthesis.style_of_row(row)(ws[:, row]).shape[1]
        edits = {row: torch.linspace(0.5, 1.0, channels)}
        edited = feature_maps(model, ws, edits)
        first = next(n for n in order if not torch.equal(plain[n], edited[n]))
        assert first == name


def test_an_edit_is_added_to_the_style(model: Generator, ws: Tensor) -> None:
    """An edit is what a larger bias of the third affine part would do (styles are s1 * s2 + s3)."""
    row, channels = 4, model.config.channels(16)
    edit = torch.linspace(-1.0, 1.0, channels)
    edited = model.synthesis(ws, "const", style_edits={row: edit})
    affine = model.synthesis.style_of_row(row)
    assert isinstance(affine, StyleSplit)
    bias = affine.proj.bias
    bias[2 * channels :] += edit
    try:
        torch.testing.assert_close(model.synthesis(ws, "const"), edited)
    finally:
        bias[2 * channels :] -= edit


def test_samples_of_a_batch_may_be_edited_apart(model: Generator, ws: Tensor) -> None:
    channels = model.config.channels(16)
    apart = torch.stack([torch.zeros(channels), torch.ones(channels)])
    image = model.synthesis(ws, "const", style_edits={4: apart})
    whole = model.synthesis(ws, "const", style_edits={4: torch.ones(channels)})
    torch.testing.assert_close(image[0], model.synthesis(ws, "const")[0])
    torch.testing.assert_close(image[1], whole[1])
