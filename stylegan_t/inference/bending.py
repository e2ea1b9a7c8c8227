"""Bending a network: what comes out of a layer is changed before the next one reads it.

The features of one layer, or of some of its channels, are multiplied, cut, blurred, turned, and so
on.  The same few formulas serve every network and every way of drawing: the readable modules are
bent by hooks, the prepared ones by a call behind each layer.

Source: Broad, Leymarie and Grierson 2021, "Network Bending: Expressive Manipulation of Deep
Generative Models", sections 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from stylegan_t.config import BendKind

Span = tuple[int, int | None, int]
"""Channels from the first up to the second and with it (None: the last), every so many."""
REACH = 4.0
"""A Gaussian is cut at this many standard deviations."""


@dataclass(frozen=True)
class Effect:
    """A change of features.

    Attributes:
        kind: which formula, see `FORMULAS`.
        amount: how much.
        vertical: of a shift, how far up; of a mirror, how much upside down.
        seed: of noise.
        channels: those that it changes; none are all of them.
        side: samples per side of the image at this layer, in which distances are measured.
    """

    kind: BendKind
    amount: float
    vertical: float = 0.0
    seed: int = 0
    channels: tuple[Span, ...] = ()
    side: int = 1


Bends = Mapping[str, Sequence[Effect]]
"""The effects on layers, by their paths in the synthesis, in the order in which they act."""
NO_BENDS: Bends = {}


def bent(x: Tensor, effects: Sequence[Effect]) -> Tensor:
    """The features [N, C, H, W] after `effects`: of the same type, in the same order in memory.

    Computed in float32, and kept within what the type can hold.  `x` is left as it is.
    """
    for effect in effects:
        chosen = selected(effect.channels, x.shape[1])
        if chosen is None:
            x = _changed(x, effect)
        elif chosen:
            where = torch.tensor(chosen, device=x.device)
            x = x.index_copy(1, where, _changed(x.index_select(1, where), effect))
    return x


def selected(spans: Sequence[Span], count: int) -> list[int] | None:
    """The channels of `spans` that a layer with `count` channels has, in order; None for all."""
    if not spans:
        return None
    found = {
        channel
        for first, last, every in spans
        for channel in range(first, count if last is None else min(last + 1, count), every)
    }
    return None if len(found) == count else sorted(found)


@contextmanager
def bending(network: nn.Module, bends: Bends) -> Iterator[None]:
    """Within this block the readable `network` draws bent pictures; names that it lacks are
    ignored."""
    known = dict(network.named_modules()) if bends else {}
    # First of all hooks: who watches a layer sees what the next one gets.
    handles = [
        known[name].register_forward_hook(_hook(effects), prepend=True)
        for name, effects in bends.items()
        if name in known and effects
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def drawn(
    network: nn.Module,
    *args: Any,
    bends: Bends = NO_BENDS,
    on_layer: object = None,
    **options: Any,
) -> Tensor:
    """Call the readable `network`, bent; it tells of no layer, see `FastSynthesis`."""
    with bending(network, bends):
        return network(*args, **options)


def _hook(effects: Sequence[Effect]) -> Callable[[nn.Module, object, Tensor], Tensor]:
    return lambda module, _, output: bent(output, effects)


def _changed(x: Tensor, effect: Effect) -> Tensor:
    y = FORMULAS[effect.kind](x.float(), effect)
    if x.dtype == torch.float16:
        top = torch.finfo(x.dtype).max
        y = y.clamp(-top, top)
    order = torch.contiguous_format
    if x.is_contiguous(memory_format=torch.channels_last):
        order = torch.channels_last
    return y.to(x.dtype).contiguous(memory_format=order)


# -- the formulas: chosen channels [N, C, H, W] float32 to the same shape ------------------------


def _gain(x: Tensor, effect: Effect) -> Tensor:
    return x * effect.amount


def _bias(x: Tensor, effect: Effect) -> Tensor:
    return x + effect.amount


def _clamp(x: Tensor, effect: Effect) -> Tensor:
    """0 leaves everything, 1 leaves nothing: cut at that share below the peak."""
    limit = (1 - effect.amount) * _peak(x)
    return x.clamp(-limit, limit)


def _threshold(x: Tensor, effect: Effect) -> Tensor:
    """Set to 0 all that is smaller than a share of the peak."""
    return torch.where(x.abs() < effect.amount * _peak(x), 0.0, x)


def _ablate(x: Tensor, effect: Effect) -> Tensor:
    return x * (1 - effect.amount)


def _noise(x: Tensor, effect: Effect) -> Tensor:
    """One map for all channels, drawn in main memory: the same on every device."""
    height, width = x.shape[2:]
    source = torch.Generator().manual_seed(effect.seed)
    grain = torch.randn(height, width, generator=source)
    return x + effect.amount * grain.to(x.device)


def _blur(x: Tensor, effect: Effect) -> Tensor:
    """A Gaussian of `amount` sides; beyond the edge the outermost values go on."""
    height, width = x.shape[2:]
    deviation = effect.amount * effect.side
    if deviation <= 0:
        return x
    columns, rows = (_spread(length, deviation, x.device) for length in (width, height))
    return rows @ F.linear(x, columns)


def _spread(length: int, deviation: float, device: torch.device) -> Tensor:
    """The blur along one axis as a matrix, [length, length]; its rows sum to one."""
    reach = max(1, math.ceil(REACH * deviation))
    steps = torch.arange(-reach, reach + 1)
    weights = torch.exp(-0.5 * (steps / deviation).square())
    places = (torch.arange(length)[:, None] + steps).clamp(0, length - 1)
    matrix = torch.zeros(length, length)
    matrix.scatter_add_(1, places, (weights / weights.sum()).expand(length, -1))
    return matrix.to(device)


def _rotate(x: Tensor, effect: Effect) -> Tensor:
    """Counter-clockwise, in degrees, about the centre."""
    angle = math.radians(effect.amount)
    cos, sin = math.cos(angle), math.sin(angle)
    return _warped(x, ((cos, -sin, 0.0), (sin, cos, 0.0)))


def _scale(x: Tensor, effect: Effect) -> Tensor:
    """Above 1 enlarges, about the centre."""
    inverse = 1 / effect.amount
    return _warped(x, ((inverse, 0.0, 0.0), (0.0, inverse, 0.0)))


def _shift(x: Tensor, effect: Effect) -> Tensor:
    """To the right and up, in sides of the image."""
    right, up = effect.amount * effect.side, effect.vertical * effect.side
    return _warped(x, ((1.0, 0.0, -right), (0.0, 1.0, up)))


def _mirror(x: Tensor, effect: Effect) -> Tensor:
    """Mixed with its mirror image from left to right, then upside down; 0.5 is symmetric."""
    x = torch.lerp(x, x.flip(3), effect.amount)
    return torch.lerp(x, x.flip(2), effect.vertical)


FORMULAS: Mapping[BendKind, Callable[[Tensor, Effect], Tensor]] = {
    "gain": _gain,
    "bias": _bias,
    "clamp": _clamp,
    "threshold": _threshold,
    "ablate": _ablate,
    "noise": _noise,
    "blur": _blur,
    "rotate": _rotate,
    "scale": _scale,
    "shift": _shift,
    "mirror": _mirror,
}


def _peak(x: Tensor) -> Tensor:
    """The largest size of each sample, [N, 1, 1, 1]."""
    return x.abs().amax(dim=(1, 2, 3), keepdim=True)


Affine = tuple[tuple[float, float, float], tuple[float, float, float]]


def _warped(x: Tensor, matrix: Affine) -> Tensor:
    """Read every sample at `matrix` times its place (right, down, 1), in samples from the centre;
    bilinear, and mirrored at the edges."""
    height, width = x.shape[2:]
    half = ((width - 1) / 2, (height - 1) / 2)
    across = torch.arange(width) - half[0]
    down = torch.arange(height) - half[1]
    places = [
        (a * across[None, :] + b * down[:, None] + c) / max(length, 0.5)
        for (a, b, c), length in zip(matrix, half, strict=True)
    ]
    grid = torch.stack(places, dim=2).to(x.device).expand(len(x), -1, -1, -1)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
