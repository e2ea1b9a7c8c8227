"""The design of a network that a state dict leaves out, put in as the originals have it.

A state dict is names and numbers.  Shapes tell most of a network; the rest stands in attributes
that only snapshots have.  For StyleGAN3 and StyleGAN-XL the numbers help: a design is taken only if
it gives the very filters that are stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import torch
from msgspec.structs import replace
from torch import Tensor

from stylegan_t.checkpoints import reference_names as names
from stylegan_t.checkpoints.reference_config import UnknownArchitectureError, required_shape
from stylegan_t.checkpoints.reference_pickle import Part
from stylegan_t.checkpoints.weights import Weights
from stylegan_t.family.resampling import low_pass
from stylegan_t.family.schedule import MAX_LAYERS, NAME, LayerSpec, Schedule

CLAMP, OUTPUT_SCALE, GROUPS = 256.0, 0.25, 32
HEAD_LAYERS = 7
"""Of a super-resolution stage, by default; tried first."""
LEFT_OUT = 3
"""Layers that a super-resolution stage takes away: two critically sampled ones, and colours."""
MAX_DESIGNS = 3_000
"""Stages of StyleGAN-XL that are tried."""
TOLERANCE = 5e-3
"""Of a filter, as a part of its largest tap: what bfloat16 leaves of it."""
_NORM = re.compile(r"synthesis\.b\d+\.convs1\.\d+\.norm")
_LAYER = re.compile(rf"synthesis\.({NAME.pattern})\.weight")


def skeleton(shapes: Mapping[str, tuple[int, ...]]) -> Part:
    """The parts that names such as `synthesis.b4.conv1.weight` stand for, without tensors."""
    root = Part(("", ""))
    for name in shapes:
        part, path = root, name.split(".")[:-1]
        for key in path:
            part = part.parts.setdefault(key, Part(("", "")))
    return root


def complete(generator: Part, weights: Weights, *, clamped: bool = True) -> str:
    """Give the parts of a network the attributes that snapshots have.

    Args:
        generator: made by `skeleton`.
        weights: of the network.
        clamped: whether StyleGAN2's layers are, as in all but early code.

    Returns:
        What was taken for granted, as one sentence.

    Raises:
        UnknownArchitectureError: nothing usual fits.
    """
    synthesis = generator.parts.get("synthesis", Part(("", "")))
    if "mlp" in generator.parts.get("mapping", Part(("", ""))).parts:
        return _first(generator)
    if "b4" in synthesis.parts:
        return _second(synthesis, CLAMP if clamped else None)
    if "input" in synthesis.parts:
        return _third(synthesis, weights)
    raise UnknownArchitectureError("it is no synthesis network that this program knows")


def _first(generator: Part) -> str:
    """StyleGAN-T."""
    for path, part in generator.walk():
        if _NORM.fullmatch(path):
            part.kind = names.GROUP_NORM
            part.attributes["num_groups"] = GROUPS
    return f"layers clamped at {CLAMP:.0f}, normalised in {GROUPS} groups"


def _second(synthesis: Part, clamp: float | None) -> str:
    """StyleGAN2 and LAFITE: which blocks make colours, and which skip, tells how they join."""
    blocks = [part for name, part in synthesis.parts.items() if re.fullmatch(r"b\d+", name)]
    colours = sum("torgb" in part.parts for part in blocks)
    skips = any("skip" in part.parts for part in blocks)
    architecture = "resnet" if skips else "orig" if colours < len(blocks) else "skip"
    for part in blocks:
        part.attributes["architecture"] = architecture
        for layer in part.parts.values():
            layer.attributes["conv_clamp"] = clamp
    return "layers without a clamp" if clamp is None else f"layers clamped at {clamp:.0f}"


# -- StyleGAN3 and StyleGAN-XL ---------------------------------------------------------------------


def _third(synthesis: Part, weights: Weights) -> str:
    layers = design(weights)
    synthesis.attributes["layer_names"] = tuple(layer.name for layer in layers)
    synthesis.attributes["output_scale"] = OUTPUT_SCALE
    synthesis.parts["input"].attributes["bandwidth"] = layers[0].in_cutoff
    for layer in layers:
        synthesis.parts[layer.name].attributes.update(
            in_sampling_rate=layer.in_rate,
            out_sampling_rate=layer.out_rate,
            tmp_sampling_rate=layer.inner_rate,
            in_cutoff=layer.in_cutoff,
            out_cutoff=layer.out_cutoff,
            in_half_width=layer.in_half_width,
            out_half_width=layer.out_half_width,
            is_torgb=layer.is_torgb,
            is_critically_sampled=layer.is_critical,
            conv_clamp=layer.conv_clamp,
            up_taps=layer.up_taps,
            down_taps=layer.down_taps,
            down_radial=layer.down_radial,
            padding=layer.padding,
        )
    return f"layers clamped at {CLAMP:.0f}, images scaled by {OUTPUT_SCALE}"


def design(weights: Weights) -> tuple[LayerSpec, ...]:
    """The layers of a StyleGAN3 or StyleGAN-XL whose filters are those of the file.

    Raises:
        UnknownArchitectureError: no usual design has these sizes and filters.
    """
    shapes = weights.shapes
    found = sorted(
        (match[1] for name in shapes if (match := _LAYER.fullmatch(name))),
        key=lambda name: int(name[1 : name.index("_")]),
    )
    if not 3 < len(found) <= MAX_LAYERS:
        raise UnknownArchitectureError("it has no layers by the names of StyleGAN3")
    for candidate in _candidates(found, shapes):
        fitted = _fitted(candidate, found, shapes)
        if all(_has_its_filters(layer, weights) for layer in fitted):
            return fitted
    raise UnknownArchitectureError(
        "its layers and filters are of no usual design, and weights alone do not say which; open "
        "the snapshot (.pkl) that they come from"
    )


def _candidates(
    found: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> Iterator[tuple[LayerSpec, ...]]:
    """Designs with layers of these sizes."""
    numbers, sizes = _numbers(found, 0), _numbers(found, 1)
    radial = any(len(shape) == 2 for name, shape in shapes.items() if name.endswith(".down_filter"))
    kernel = required_shape(shapes, f"synthesis.{found[0]}.weight", 4)[2]
    shared = Schedule(img_resolution=sizes[-1], kernel=kernel, radial=radial, conv_clamp=CLAMP)
    gap = next((index for index, number in enumerate(numbers) if number != index), 0)
    if not gap:
        layers = replace(shared, num_layers=len(found) - 1).layers()
        if [layer.out_size for layer in layers] == sizes:
            yield layers
        return
    left = _Budget(MAX_DESIGNS)
    for exponent in range(2, sizes[-1].bit_length() - 1):
        stem = replace(shared, img_resolution=1 << exponent, num_layers=gap + LEFT_OUT - 1)
        kept = stem.layers()[:gap]
        if [layer.out_size for layer in kept] == sizes[:gap]:
            yield from _stages(kept, 1 << exponent, sizes, shared, left)


def _numbers(found: Sequence[str], index: int) -> list[int]:
    """The numbers (0) or the sizes (1) in the names of layers."""
    return [int(name[1:].split("_")[index]) for name in found]


class _Budget:
    """Counts what is tried."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> bool:
        """Return whether there is one more."""
        self.left -= 1
        return self.left >= 0


def _stages(
    kept: tuple[LayerSpec, ...],
    resolution: int,
    sizes: Sequence[int],
    shared: Schedule,
    budget: _Budget,
) -> Iterator[tuple[LayerSpec, ...]]:
    """All ways in which super-resolution stages behind `kept` give layers of these sizes."""
    room = len(sizes) - len(kept) - 1
    for factor in (2, 4, 8, 16):
        for count in sorted(range(LEFT_OUT, room + LEFT_OUT), key=lambda n: n != HEAD_LAYERS):
            side = resolution * factor
            if side > sizes[-1] or not budget.spend():
                break
            head = replace(shared, img_resolution=side, num_layers=count)
            added = head.head(kept[-1], len(kept) + 1)
            whole = kept + added
            if [layer.out_size for layer in whole] == list(sizes):
                yield whole
            left = whole[: len(whole) - LEFT_OUT]
            ahead = [layer.out_size for layer in left] == list(sizes[: len(left)])
            if len(kept) < len(left) < len(sizes) and ahead:
                yield from _stages(left, side, sizes, shared, budget)


def _fitted(
    layers: Sequence[LayerSpec], found: Sequence[str], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[LayerSpec, ...]:
    """A design with the names and the channels of the file."""
    fitted = []
    for layer, name in zip(layers, found, strict=True):
        out_channels, in_channels, _, _ = required_shape(shapes, f"synthesis.{name}.weight", 4)
        sides = {"in_channels": in_channels, "out_channels": out_channels}
        fitted.append(replace(layer, name=name, **sides))
    return tuple(fitted)


def _has_its_filters(layer: LayerSpec, weights: Weights) -> bool:
    """Return whether both filters of a layer are those of the file."""
    up = low_pass(layer.up_taps, layer.in_cutoff, 2 * layer.in_half_width, layer.inner_rate)
    down = low_pass(
        layer.down_taps,
        layer.out_cutoff,
        2 * layer.out_half_width,
        layer.inner_rate,
        radial=layer.down_radial,
    )
    stored = [(up, "up_filter"), (down, "down_filter")]
    return all(_same(fir, f"synthesis.{layer.name}.{key}", weights) for fir, key in stored)


def _same(designed: Tensor | None, name: str, weights: Weights) -> bool:
    shape = weights.shapes.get(name)
    if designed is None or shape is None:
        return designed is None and shape is None
    if shape != tuple(designed.shape):
        return False
    stored = torch.empty(shape)
    weights.read_into(name, stored)
    return bool((stored - designed).abs().max() <= TOLERANCE * designed.abs().max())
