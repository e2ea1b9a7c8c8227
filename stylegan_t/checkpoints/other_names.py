"""StyleGAN2's weights under the names that most of its forks in plain PyTorch give them.

These names are rosinality's (stylegan2-pytorch): `style.1.weight`, `conv1.conv.weight`,
`convs.0.conv.weight`, `to_rgbs.0.bias`.  The layers compute what those of the paper do:
convolutions divide their weights by the root of their inputs, filters hold the gain of doubling,
and nothing is clamped.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from stylegan_t.checkpoints.reference_config import UnknownArchitectureError
from stylegan_t.checkpoints.weights import Weights
from stylegan_t.family.mapping import MAX_MAPPING_LAYERS, MappingNetwork
from stylegan_t.family.stylegan2 import BASE_RESOLUTION, MAX_RESOLUTIONS
from stylegan_t.layers import FIR_TAPS, UP_GAIN, fir_filter

FIRST = "style.1.weight"
PARTS = ("style.", "input.", "conv1.", "to_rgb1.", "convs.", "to_rgbs.", "noises.")
"""Beginnings of the names of a generator's tensors."""
AVERAGE = "latent_avg"
"""The average of w, which stands beside the generator where it was kept."""
SAMPLES, SEED = 10_000, 0
"""Latents whose average is taken where it was not."""
TAPS = len(FIR_TAPS)
MOST_ROWS = 64
"""Of an average that is stored for each row of w; they are alike."""


class Place(NamedTuple):
    """One tensor of the file: its name, how many ones its shape has before and behind, and what its
    numbers are multiplied by."""

    name: str
    before: int = 0
    behind: int = 0
    gain: float = 1.0


@dataclass(frozen=True)
class Made:
    """A tensor that the file leaves out: its shape, and what makes it."""

    shape: tuple[int, ...]
    make: Callable[[], Tensor]


class RenamedWeights(Weights):
    """The tensors of such a generator as `Weights` by our names.

    Args:
        weights: by the names of the file, without what stands before them.

    Raises:
        UnknownArchitectureError: a tensor is missing, or one too many is there.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        blocks = _count(weights.shapes, "to_rgbs.{}.bias", MAX_RESOLUTIONS - 1)
        self._places = _places(weights.shapes, blocks)
        used = [place.name for place in self._places.values() if isinstance(place, Place)]
        for name in used:
            if name not in weights.shapes:
                raise UnknownArchitectureError(f"it has no tensor {name}")
        if strange := weights.shapes.keys() - set(used):
            raise UnknownArchitectureError(f"it has an unknown tensor {min(strange)[:200]}")
        self._shapes = {name: self._shape(place) for name, place in self._places.items()}

    @property
    def has_average(self) -> bool:
        """Return whether the average of w is in the file."""
        return AVERAGE in self._weights.shapes

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """See `Weights`."""
        return self._shapes

    def _shape(self, place: Place | Made) -> tuple[int, ...]:
        if isinstance(place, Made):
            return place.shape
        shape = self._weights.shapes[place.name]
        if place.name == AVERAGE and len(shape) == 2 and shape[0] <= MOST_ROWS:
            return shape[1:]
        inner = shape[place.before : len(shape) - place.behind]
        fits = len(shape) == place.before + len(inner) + place.behind
        return inner if fits and math.prod(inner) == math.prod(shape) else shape

    def read_into(self, name: str, target: Tensor) -> None:
        """See `Weights`."""
        place = self._places[name]
        if isinstance(place, Made):
            target.copy_(place.make())
            return
        shape = self._weights.shapes[place.name]
        if place.name == AVERAGE and len(shape) == 2:
            rows = torch.empty(shape)
            self._weights.read_into(place.name, rows)
            torch.mean(rows, dim=0, out=target)
            return
        self._weights.read_into(place.name, target.view(shape))
        if place.gain != 1:
            target.mul_(place.gain)


def averaged(mapping: MappingNetwork) -> Tensor:
    """Return the average of many mapped latents, always the same: [w_dim]."""
    z = torch.randn(SAMPLES, mapping.z_dim, generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        return mapping.mapped(z).mean(dim=0)


def prefixes(names: Iterable[str]) -> set[str]:
    """Return what stands before the names of such generators, of all that are there."""
    listed = set(names)
    firsts = (name.removesuffix(FIRST) for name in listed if name.endswith(FIRST))
    whole = (p for p in firsts if not p or p.endswith("."))
    return {prefix for prefix in whole if f"{prefix}conv1.conv.weight" in listed}


def own_tensors(names: Iterable[str], prefix: str) -> dict[str, str]:
    """The full names of a generator's tensors by those without `prefix`, the average of w among
    them, which may stand beside it."""
    listed = list(names)
    found = {name.removeprefix(prefix): name for name in listed if name.startswith(prefix)}
    own = {inner: name for inner, name in found.items() if inner.startswith(PARTS)}
    averages = [
        name
        for name in listed
        if name.rpartition(".")[2] == AVERAGE and prefix.startswith(name.removesuffix(AVERAGE))
    ]
    if averages:
        own[AVERAGE] = max(averages, key=len)
    return own


def _places(shapes: Mapping[str, tuple[int, ...]], blocks: int) -> dict[str, Place | Made]:
    found: dict[str, Place | Made] = {}
    for index in range(_count(shapes, "style.{}.weight", MAX_MAPPING_LAYERS, first=1)):
        for kind in ("weight", "bias"):
            found[f"mapping.fc{index}.{kind}"] = Place(f"style.{index + 1}.{kind}")
    found["mapping.w_avg"] = _average(shapes)
    found["synthesis.b4.const"] = Place("input.input", 1)
    for index in range(blocks + 1):
        side = BASE_RESOLUTION << index
        block, coarse = f"synthesis.b{side}", index == 0
        colours = "to_rgb1" if coarse else f"to_rgbs.{index - 1}"
        found |= _colours(f"{block}.torgb", colours)
        found[f"{block}.resample_filter"] = _fir(shapes, f"{colours}.upsample.kernel")
        if not coarse:
            name = f"convs.{2 * index - 2}"
            found |= _layer(shapes, f"{block}.conv0", name, 2 * index - 1, side)
        name = "conv1" if coarse else f"convs.{2 * index - 1}"
        found |= _layer(shapes, f"{block}.conv1", name, 2 * index, side)
    return found


def _average(shapes: Mapping[str, tuple[int, ...]]) -> Place | Made:
    if AVERAGE in shapes:
        return Place(AVERAGE)
    last = max((n for n in shapes if re.fullmatch(r"style\.\d+\.bias", n)), default="")
    shape = shapes.get(last, ())
    return Made(shape, lambda: torch.zeros(shape))


def _layer(
    shapes: Mapping[str, tuple[int, ...]], ours: str, name: str, noise: int, side: int
) -> dict[str, Place | Made]:
    weight = shapes.get(f"{name}.conv.weight", ())
    grain = f"noises.noise_{noise}"
    return {
        # Demodulation takes this factor out again, but for its epsilon.
        f"{ours}.weight": Place(
            f"{name}.conv.weight", 1, gain=1 / math.sqrt(max(math.prod(weight[2:]), 1))
        ),
        f"{ours}.bias": Place(f"{name}.activate.bias"),
        f"{ours}.noise_strength": Place(f"{name}.noise.weight", 1),
        f"{ours}.noise_const": Place(grain, 2)
        if grain in shapes
        else Made((side, side), lambda: _noise(side, noise)),
        f"{ours}.resample_filter": _fir(shapes, f"{name}.conv.blur.kernel"),
        **_affine(ours, name),
    }


def _noise(side: int, seed: int) -> Tensor:
    return torch.randn(side, side, generator=torch.Generator().manual_seed(seed))


def _colours(ours: str, name: str) -> dict[str, Place | Made]:
    return {
        f"{ours}.weight": Place(f"{name}.conv.weight", 1),
        f"{ours}.bias": Place(f"{name}.bias", 1, 2),
        **_affine(ours, name),
    }


def _affine(ours: str, name: str) -> dict[str, Place | Made]:
    return {f"{ours}.affine.{k}": Place(f"{name}.conv.modulation.{k}") for k in ("weight", "bias")}


def _fir(shapes: Mapping[str, tuple[int, ...]], name: str) -> Place | Made:
    """The filter of a layer, which the file holds for those that double only, if at all."""
    return Place(name, gain=1 / UP_GAIN) if name in shapes else Made((TAPS, TAPS), fir_filter)


def _count(
    shapes: Mapping[str, tuple[int, ...]], pattern: str, most: int, *, first: int = 0
) -> int:
    """Number of tensors called by `pattern` and a number, counted from `first` on."""
    count = 0
    while count < most and pattern.format(first + count) in shapes:
        count += 1
    return count
