"""The config of a StyleGAN2, StyleGAN3, StyleGAN-XL or LAFITE generator in a snapshot.

Shapes decide almost everything; what they do not tell stands in attributes.  Attributes that say
that a layer computes something else are refused, since the image would be another one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from stylegan_t.card import ModelCard
from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.reference_config import (
    Shapes,
    UnknownArchitectureError,
    required_shape,
)
from stylegan_t.checkpoints.reference_pickle import Part
from stylegan_t.family.lafite import Lafite, LafiteConfig, Structure
from stylegan_t.family.mapping import MAX_MAPPING_LAYERS
from stylegan_t.family.schedule import MAX_LAYERS, MAX_NUMBER, MAX_TAPS, NAME, LayerSpec
from stylegan_t.family.stylegan2 import MAX_RESOLUTIONS, Architecture, StyleGAN2, StyleGAN2Config
from stylegan_t.family.stylegan3 import StyleGAN3, StyleGAN3Config
from stylegan_t.family.stylegan_xl import StyleGANXL, StyleGANXLConfig
from stylegan_t.generator import MAPPING_LR_MULTIPLIER
from stylegan_t.network import AnyNetwork

_ARCHITECTURES: dict[object, Architecture] = {"skip": "skip", "resnet": "resnet", "orig": "orig"}


def builder(generator: Part, shapes: Shapes, card: ModelCard) -> Callable[[], AnyNetwork]:
    """Return what makes the network whose state has these shapes.

    Args:
        generator: the opened `G_ema`.
        shapes: of its tensors by name.
        card: for the network.

    Raises:
        UnknownArchitectureError: it is none that this project computes.
    """
    synthesis, mapping = generator.parts.get("synthesis"), generator.parts.get("mapping")
    if synthesis is None or mapping is None:
        raise UnknownArchitectureError("it lacks its mapping or its synthesis network")
    _check_activations(generator)
    try:
        if "b4" in synthesis.parts:
            return _second(generator, synthesis, shapes, card)
        if "input" in synthesis.parts and "layer_names" in synthesis.attributes:
            return _third(generator, synthesis, shapes, card)
    except (ValueError, ArithmeticError) as error:
        if isinstance(error, UnknownArchitectureError):
            raise
        reason = str(error).rstrip(".")
        raise UnknownArchitectureError(reason[:1].lower() + reason[1:]) from error
    raise UnknownArchitectureError("it is none of StyleGAN2, StyleGAN3, StyleGAN-XL and LAFITE")


# -- shared --------------------------------------------------------------------------------------


def _number(part: Part, path: str, name: str, default: float | None = None) -> float:
    """A finite attribute of sensible size."""
    value = part.attributes.get(name, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER:
        return float(value)  # what is no number is not within the bound either
    raise UnknownArchitectureError(f"{path} does not say what its {name} is")


def _clamp(part: Part, path: str) -> float | None:
    if part.attributes.get("conv_clamp") is None:
        return None
    return _number(part, path, "conv_clamp")


def _check_activations(generator: Part) -> None:
    """Refuse layers with another activation than leaky ReLU, or none."""
    for path, part in generator.walk():
        if part.kind[0] == names.PERSISTENT[0]:
            found = part.attributes.get("activation", "lrelu")
            if found not in ("lrelu", "linear"):
                raise UnknownArchitectureError(f"{path} has an activation that is not known")


def _mapping_layers(mapping: Part, shapes: Shapes) -> tuple[int, list[tuple[int, ...]]]:
    """The number of layers, and the shapes of their weights."""
    count = 0
    while f"mapping.fc{count}.weight" in shapes:
        count += 1
    if not 1 <= count <= MAX_MAPPING_LAYERS:
        raise UnknownArchitectureError("it has no mapping network")
    return count, [required_shape(shapes, f"mapping.fc{index}.weight", 2) for index in range(count)]


def _embedding(shapes: Shapes) -> tuple[int, ...] | None:
    """The shape of what classes go through first, if there are any."""
    name = "mapping.embed.weight"
    return required_shape(shapes, name, 2) if name in shapes else None


def _lr_multiplier(mapping: Part) -> float:
    layer = mapping.parts["fc0"]
    found = layer.attributes.get("bias_gain", MAPPING_LR_MULTIPLIER)
    if not isinstance(found, float):
        raise UnknownArchitectureError("mapping.fc0 does not say how it is scaled")
    return found


# -- StyleGAN2 and LAFITE --------------------------------------------------------------------------


def _second(
    generator: Part, synthesis: Part, shapes: Shapes, card: ModelCard
) -> Callable[[], AnyNetwork]:
    resolutions: list[int] = []
    while len(resolutions) < MAX_RESOLUTIONS and f"b{4 << len(resolutions)}" in synthesis.parts:
        resolutions.append(4 << len(resolutions))
    mapping = generator.parts["mapping"]
    count, widths = _mapping_layers(mapping, shapes)
    if not math.isclose(_lr_multiplier(mapping), MAPPING_LR_MULTIPLIER):
        raise UnknownArchitectureError("mapping.fc0 is scaled in another way")
    embed = _embedding(shapes)
    last = resolutions[-1]
    first = synthesis.parts["b4"].parts.get("conv1") or Part(("", ""))
    shared = {
        "z_dim": widths[0][1] - (embed[0] if embed else 0),
        "w_dim": widths[-1][0],
        "channels": tuple(
            required_shape(shapes, f"synthesis.b{side}.conv1.weight", 4)[0] for side in resolutions
        ),
        "c_dim": embed[1] if embed else 0,
        "img_channels": required_shape(shapes, f"synthesis.b{last}.torgb.weight", 4)[0],
        "mapping_layers": count,
        "embed_features": embed[0] if embed else None,
        "layer_features": widths[0][0] if count > 1 else None,
        "architecture": _architecture(synthesis, last),
        "fir_taps": (1.0,) * _taps(shapes),
        "conv_clamp": _clamp(first, "synthesis.b4.conv1"),
        "use_noise": "synthesis.b4.conv1.noise_const" in shapes,
    }
    structures: tuple[Structure, ...] = tuple(
        _structure(shapes, f"synthesis.b{side}.conv1") for side in resolutions
    )
    if set(structures) == {3} and "structure" not in first.attributes:
        config = StyleGAN2Config(**shared)
        return lambda: StyleGAN2(config, card)
    text = LafiteConfig(**shared, f_dim=_f_dim(shapes), structures=structures)
    return lambda: Lafite(text, card=card)


def _architecture(synthesis: Part, last: int) -> Architecture:
    found = synthesis.parts[f"b{last}"].attributes.get("architecture")
    if found not in _ARCHITECTURES:
        raise UnknownArchitectureError("its blocks are joined in a way that is not known")
    return _ARCHITECTURES[found]


def _taps(shapes: Shapes) -> int:
    rows, columns = required_shape(shapes, "synthesis.b4.resample_filter", 2)
    if rows != columns:
        raise UnknownArchitectureError("its resampling filter is of an unusual size")
    return min(rows, MAX_TAPS + 1)


def _structure(shapes: Shapes, layer: str) -> Structure:
    """Return how a layer of LAFITE takes the text; 3 where it takes none, as in StyleGAN2."""
    if f"{layer}.scale_layer_0.weight" in shapes:
        return 1
    if f"{layer}.pre_0.weight" in shapes:
        return 0 if f"{layer}.affine.weight" in shapes else 2
    return 3


def _f_dim(shapes: Shapes) -> int:
    """The length of the text features that LAFITE's layers read."""
    readers = re.compile(r"synthesis\.b\d+\.conv1\.(?:pre_0|scale_layer_0)\.weight")
    lengths = {shape[-1] for name, shape in shapes.items() if readers.fullmatch(name) and shape}
    if len(lengths) != 1:
        raise UnknownArchitectureError("it does not say how long its text features are")
    return lengths.pop()


# -- StyleGAN3 and StyleGAN-XL ---------------------------------------------------------------------


def _third(
    generator: Part, synthesis: Part, shapes: Shapes, card: ModelCard
) -> Callable[[], AnyNetwork]:
    mapping, source = generator.parts["mapping"], synthesis.parts["input"]
    count, widths = _mapping_layers(mapping, shapes)
    embed = _embedding(shapes)
    table = embed is not None and "mapping.embed.bias" not in shapes
    label = (
        required_shape(shapes, "mapping.embed_proj.weight", 2)[0] if _is_conditional(shapes) else 0
    )
    if embed is not None and not table:
        label = embed[0]
    shared = {
        "z_dim": widths[0][1] - label,
        "w_dim": widths[-1][0],
        "layers": _layers(synthesis, shapes),
        "mapping_layers": count,
        "mapping_lr_multiplier": _lr_multiplier(mapping),
        "output_scale": _number(synthesis, "synthesis", "output_scale", 1.0),
        "bandwidth": _number(source, "synthesis.input", "bandwidth"),
    }
    if not table or embed is None:
        third = StyleGAN3Config(**shared, c_dim=embed[1] if embed else 0)
        return lambda: StyleGAN3(third, card)
    centres = shapes.get("mapping.w_avg", ())
    c_dim = centres[0] if _is_conditional(shapes) and len(centres) == 2 else 0
    config = StyleGANXLConfig(**shared, c_dim=c_dim, table=(embed[0], embed[1]))
    return lambda: StyleGANXL(config, card)


def _is_conditional(shapes: Shapes) -> bool:
    return "mapping.embed_proj.weight" in shapes


def _layers(synthesis: Part, shapes: Shapes) -> tuple[LayerSpec, ...]:
    """The layers in the order of `layer_names`; the numbers in the names do not count."""
    listed = synthesis.attributes["layer_names"]
    if not isinstance(listed, tuple) or not 2 <= len(listed) <= MAX_LAYERS:
        raise UnknownArchitectureError("it does not say in which order its layers come")
    found: list[LayerSpec] = []
    for name in listed:
        match = NAME.fullmatch(name) if isinstance(name, str) else None
        part = synthesis.parts.get(name) if match else None
        if match is None or part is None:
            raise UnknownArchitectureError("a layer that it names is not there")
        size = int(match[1])
        found.append(_layer(name, part, found[-1].out_size if found else size, size, shapes))
    return tuple(found)


def _layer(name: str, part: Part, in_size: int, out_size: int, shapes: Shapes) -> LayerSpec:
    path = f"synthesis.{name}"
    out_channels, in_channels, kernel, _ = required_shape(shapes, f"{path}.weight", 4)
    rates = [_number(part, path, f"{side}_sampling_rate") for side in ("in", "out")]
    inner = _number(part, path, "tmp_sampling_rate")
    is_torgb = part.attributes.get("is_torgb") is True
    if min(rates) <= 0:
        raise UnknownArchitectureError(f"{path} has impossible sampling rates")
    up_taps, down_taps = (_number(part, path, f"{way}_taps") for way in ("up", "down"))
    up, down = max(round(inner / rates[0]), 1), max(round(inner / rates[1]), 1)
    size = up_taps / up if up_taps > 1 else down_taps / down if down_taps > 1 else 6
    layer = LayerSpec(
        name=name,
        in_channels=in_channels,
        out_channels=out_channels,
        in_size=in_size,
        out_size=out_size,
        in_rate=rates[0],
        out_rate=rates[1],
        in_cutoff=_number(part, path, "in_cutoff"),
        out_cutoff=_number(part, path, "out_cutoff"),
        in_half_width=_number(part, path, "in_half_width"),
        out_half_width=_number(part, path, "out_half_width"),
        is_torgb=is_torgb,
        is_critical=part.attributes.get("is_critically_sampled") is True,
        kernel=kernel,
        conv_clamp=_clamp(part, path),
        filter_size=round(size),
        lrelu_upsampling=1 if is_torgb else round(inner / max(rates)),
        radial=part.attributes.get("down_radial") is True,
    )
    told = (up_taps, down_taps, part.attributes.get("padding"))
    if told != (layer.up_taps, layer.down_taps, layer.padding):
        raise UnknownArchitectureError(f"the numbers of {path} contradict each other")
    return layer
