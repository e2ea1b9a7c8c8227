"""The config of a snapshot's generator, inferred from shapes and attributes."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from stylegan_t import config as presets
from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.reference_config import UnknownArchitectureError, infer_config
from stylegan_t.checkpoints.reference_pickle import UNUSUAL, Part
from stylegan_t.checkpoints.torch_storage import zero_tensor
from stylegan_t.config import MAX_CLAMP, GeneratorConfig
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import Generator
from stylegan_t.layers import GroupNorm32, SynthesisLayer, ToRGBLayer

KINDS: dict[type, names.Name] = {
    GroupNorm32: names.GROUP_NORM,
    SynthesisLayer: names.SYNTHESIS_LAYER,
    ToRGBLayer: names.TO_RGB,
    SynthesisInput: names.SYNTHESIS_INPUT,
}


def opened(config: GeneratorConfig) -> tuple[Part, dict[str, tuple[int, ...]]]:
    """The parts and shapes that a snapshot of such a generator would have."""
    with torch.device("meta"):
        generator = Generator(config)
    root = Part(names.GENERATOR)
    for path, module in generator.named_modules():
        part = root
        for name in path.split(".") if path else ():
            part = part.parts.setdefault(name, Part(("", "")))
        part.kind = KINDS.get(type(module), ("networks.generator", type(module).__name__))
        if isinstance(module, GroupNorm32):
            part.attributes = {"num_groups": module.num_groups, "eps": module.eps}
        if isinstance(module, SynthesisLayer | ToRGBLayer):
            part.attributes = {"conv_clamp": config.conv_clamp}
    shapes = {name: tuple(tensor.shape) for name, tensor in generator.state_dict().items()}
    return root, shapes


@pytest.mark.parametrize(
    "config",
    [
        presets.full(64),
        presets.full(512),
        presets.lite(256),
        presets.demo(128),
        GeneratorConfig(8, 256, 64, 1, c_dim=0),
        GeneratorConfig(64, 4096, 2048, 3, z_dim=128, img_channels=1, architecture="orig"),
        GeneratorConfig(32, 1000, 64, 1, gn_groups=1, conv_clamp=3.5),
    ],
)
def test_the_config_comes_back(config: GeneratorConfig) -> None:
    part, shapes = opened(config)
    found = infer_config(part, shapes)
    for res in config.block_resolutions:
        assert found.channels(res) == config.channels(res)
    for field in ("img_resolution", "num_res_blocks", "c_dim", "z_dim", "img_channels"):
        assert getattr(found, field) == getattr(config, field), field
    assert (found.conv_clamp, found.gn_groups) == (config.conv_clamp, config.gn_groups)
    if len(config.block_resolutions) > 1:
        assert found.architecture == config.architecture


def find(part: Part, path: str) -> Part:
    for name in path.split("."):
        part = part.parts[name]
    return part


LAYER = "synthesis.b16.conv0"


@pytest.mark.parametrize(
    ("path", "attribute", "value", "words"),
    [
        (LAYER, "activation", "relu", "activation 'relu', not 'lrelu'"),
        (LAYER, "conv_clamp", 17, "clamped at different values"),
        (LAYER, "conv_clamp", "much", "clamped at different values"),
        (LAYER, "activation", UNUSUAL, "of an unusual kind"),
        ("synthesis.b8.convs1.1.norm", "num_groups", UNUSUAL, "groups of its normalisation"),
        ("synthesis.b8.convs1.1.norm", "num_groups", 4, "groups of its normalisation"),
        ("synthesis.b8.convs1.1.norm", "eps", 0.1, "eps 0.1"),
        ("synthesis.b8.input", "bandwidth", 4, "bandwidth 4"),
        ("synthesis.b8.input", "sampling_rate", 16, "sampling_rate 16"),
        ("mapping.mlp.fc0", "activation", "linear", "activation"),
        ("mapping.mlp.fc1", "bias_gain", 1.0, "bias_gain"),
    ],
)
def test_layers_that_compute_something_else_are_refused(
    path: str, attribute: str, value: Any, words: str
) -> None:
    part, shapes = opened(presets.lite(32))
    find(part, path).attributes[attribute] = value
    with pytest.raises(UnknownArchitectureError, match=words):
        infer_config(part, shapes)


def test_the_gain_of_the_mapping_is_checked() -> None:
    part, shapes = opened(presets.lite(32))
    layer = find(part, "mapping.mlp.fc0")
    layer.tensors["weight"] = zero_tensor((64, 64))
    layer.attributes["weight_gain"] = 0.01 / 8
    infer_config(part, shapes)
    for wrong in (1 / 8, UNUSUAL):
        layer.attributes["weight_gain"] = wrong
        with pytest.raises(UnknownArchitectureError, match="weight_gain"):
            infer_config(part, shapes)


def test_no_clamp_is_a_clamp_that_nothing_reaches() -> None:
    part, shapes = opened(presets.lite(16))
    for _, layer in part.walk():
        if "conv_clamp" in layer.attributes:
            layer.attributes["conv_clamp"] = None
    clamp = infer_config(part, shapes).conv_clamp
    assert clamp == MAX_CLAMP and math.isfinite(clamp)


def test_missing_parts_are_named() -> None:
    for path in ("mapping", "synthesis", "synthesis.b8", "synthesis.b16"):
        part, shapes = opened(presets.lite(32))
        *above, last = path.split(".")
        (find(part, ".".join(above)) if above else part).parts.pop(last)
        with pytest.raises(UnknownArchitectureError):
            infer_config(part, shapes)


@pytest.mark.parametrize(
    "change",
    [
        {"synthesis.b8.convs1.0.weight": (100, 100, 3, 3)},  # no multiple of the groups
        {"synthesis.b16.convs1.0.weight": (64, 64, 3, 3)},  # then 32 pixels have more than 16
        {"synthesis.b8.convs1.0.weight": (512,)},
        {"mapping.mlp.fc0.weight": (64,)},
        {"synthesis.b8.input.affine.weight": (4, 10)},  # shorter than z
        {"synthesis.b32.torgb.weight": (40, 512, 1, 1)},
        {"synthesis.b32.torgb.weight": ()},
    ],
)
def test_shapes_that_make_no_generator(change: dict[str, tuple[int, ...]]) -> None:
    part, shapes = opened(presets.lite(32))
    with pytest.raises(UnknownArchitectureError):
        infer_config(part, {**shapes, **change})
