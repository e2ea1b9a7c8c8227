"""The config of a generator in a reference snapshot, from its shapes and its plain attributes.

Shapes decide almost everything.  What they do not tell (the clamp, the groups of the
normalisation) stands in attributes; attributes that say that a layer computes something else than
`stylegan_t.layers` does are refused, since the picture would be another one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.reference_pickle import UNUSUAL, Part
from stylegan_t.config import BASE_RESOLUTION, MAX_CLAMP, GeneratorConfig
from stylegan_t.fourier_input import SynthesisInput
from stylegan_t.generator import MAPPING_LR_MULTIPLIER

MLP = "mapping.mlp"
_BLOCK = re.compile(r"b(\d{1,5})")

Shapes = Mapping[str, tuple[int, ...]]


class UnknownArchitectureError(ValueError):
    """The snapshot's generator is not one that this project computes; ends a sentence."""


def infer_config(generator: Part, shapes: Shapes) -> GeneratorConfig:
    """The config of the generator whose state has these shapes.

    Args:
        generator: the opened `G_ema`.
        shapes: of its tensors by name, without those of the text tower.

    Raises:
        UnknownArchitectureError: there is none.
    """
    resolutions = _resolutions(generator)
    channels = [
        required_shape(shapes, f"synthesis.b{res}.convs1.0.weight", 4)[0] for res in resolutions
    ]
    z_dim = required_shape(shapes, f"{MLP}.fc0.weight", 2)[1]
    w_dim = required_shape(shapes, "synthesis.b8.input.affine.weight", 2)[1]
    last = resolutions[-1]
    _check_attributes(generator)
    try:
        return GeneratorConfig(
            img_resolution=last,
            channel_base=_channel_base(resolutions, channels),
            channel_max=max(channels),
            num_res_blocks=_residual_blocks(generator, resolutions),
            c_dim=w_dim - z_dim,
            z_dim=z_dim,
            img_channels=required_shape(shapes, f"synthesis.b{last}.torgb.weight", 4)[0],
            architecture=_architecture(generator, resolutions),
            conv_clamp=_conv_clamp(generator),
            gn_groups=_groups(generator),
        )
    except ValueError as error:
        raise UnknownArchitectureError(str(error).rstrip(".")) from error


def required_shape(shapes: Shapes, name: str, dimensions: int) -> tuple[int, ...]:
    """The shape of a tensor that must be there.

    Raises:
        UnknownArchitectureError: it is not, or has another number of dimensions.
    """
    if len(shapes.get(name, ())) != dimensions:
        raise UnknownArchitectureError(f"it lacks tensor {name}, or that has the wrong shape")
    return shapes[name]


def _synthesis(generator: Part) -> Part:
    if "synthesis" not in generator.parts or "mapping" not in generator.parts:
        raise UnknownArchitectureError("it lacks its mapping or its synthesis network")
    return generator.parts["synthesis"]


def _resolutions(generator: Part) -> list[int]:
    found = sorted(
        int(match[1]) for name in _synthesis(generator).parts if (match := _BLOCK.fullmatch(name))
    )
    expected = [BASE_RESOLUTION << k for k in range(len(found))]
    if not found or found != expected:
        raise UnknownArchitectureError(
            f"its blocks work at {found[:12]} pixels, not at 8, 16, 32 and so on"
        )
    return found


def _channel_base(resolutions: list[int], channels: list[int]) -> int:
    """The smallest base that gives these channels: `channels = min(base // resolution, max)`."""
    most, low, high = max(channels), 0, math.inf
    for resolution, count in zip(resolutions, channels, strict=True):
        low = max(low, count * resolution)
        if count < most:
            high = min(high, count * resolution + resolution - 1)
    if low > high:
        raise UnknownArchitectureError(f"its blocks have {channels} channels, by no known rule")
    return low


def _block(generator: Part, resolution: int) -> Part:
    return _synthesis(generator).parts[f"b{resolution}"]


def _residual_blocks(generator: Part, resolutions: list[int]) -> int:
    counts = {
        len(_block(generator, res).parts.get("convs1", Part(names.GENERATOR)).parts)
        for res in resolutions
    }
    count = counts.pop()
    if counts or count % 2 or not count:
        raise UnknownArchitectureError("its blocks differ in their number of layers")
    return count // 2


def _architecture(generator: Part, resolutions: list[int]) -> Literal["skip", "orig"]:
    with_colour = ["torgb" in _block(generator, res).parts for res in resolutions]
    if all(with_colour):
        return "skip"
    if with_colour[-1] and not any(with_colour[:-1]):
        return "orig"
    raise UnknownArchitectureError("its colour outputs stand at unusual places")


def _conv_clamp(generator: Part) -> float:
    clamps = {
        part.attributes["conv_clamp"]
        for _, part in generator.walk()
        if part.kind in (names.SYNTHESIS_LAYER, names.TO_RGB) and "conv_clamp" in part.attributes
    }
    if len(clamps) > 1:
        raise UnknownArchitectureError("its layers are clamped at different values")
    clamp = clamps.pop() if clamps else 256.0
    if clamp is None:
        return MAX_CLAMP
    if isinstance(clamp, bool) or not isinstance(clamp, int | float):
        raise UnknownArchitectureError("the clamp of its layers is not a number")
    return min(float(clamp), MAX_CLAMP)


def _groups(generator: Part) -> int:
    norms = [part.attributes for _, part in generator.walk() if part.kind == names.GROUP_NORM]
    groups = {attributes.get("num_groups", 32) for attributes in norms}
    count = groups.pop() if len(groups) == 1 else None
    if not isinstance(count, int) or isinstance(count, bool):
        raise UnknownArchitectureError("the groups of its normalisation differ or are not numbers")
    return count


def _check_attributes(generator: Part) -> None:
    """Refuse layers that compute something else."""
    for path, part in generator.walk():
        for name, expected in _expected(path, part).items():
            found = part.attributes.get(name, expected)
            same = found == expected
            if isinstance(expected, float) and isinstance(found, int | float):
                same = math.isclose(found, expected, rel_tol=1e-6)
            if not same:
                shown = "of an unusual kind" if found is UNUSUAL else f"{found!r:.40}"
                raise UnknownArchitectureError(f"{path} has {name} {shown}, not {expected!r}")


def _expected(path: str, part: Part) -> dict[str, object]:
    """Return what the attributes of a layer must be, where it has them."""
    if part.kind == names.GROUP_NORM:
        return {"eps": 1e-5}
    if part.kind == names.SYNTHESIS_LAYER:
        return {"activation": "lrelu"}
    if part.kind == names.SYNTHESIS_INPUT:
        return {"bandwidth": SynthesisInput.BANDWIDTH, "sampling_rate": float(BASE_RESOLUTION)}
    if path in (f"{MLP}.fc0", f"{MLP}.fc1"):
        weight = part.tensors.get("weight")
        fan_in = weight.shape[-1] if weight is not None and weight.shape else 1
        return {
            "in_features": fan_in,
            "activation": "lrelu" if path.endswith("fc0") else "linear",
            "bias_gain": MAPPING_LR_MULTIPLIER,
            "weight_gain": MAPPING_LR_MULTIPLIER / math.sqrt(max(fan_in, 1)),
        }
    return {}
