"""Bends: changes of what comes out of single layers, see `stylegan_t.inference.bending`."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.recipe.canonical import merged_spans
from renderer.recipe.parts.fields import WILD, Number, Seed, Text
from stylegan_t.config import BendKind

MAX_BENDS = 64
MAX_SPANS = 64
MAX_CHANNEL = 65535
Channel = Annotated[int, Meta(ge=0, le=MAX_CHANNEL)]
Span = tuple[Channel, Channel | None, Annotated[int, Meta(ge=1, le=MAX_CHANNEL)]]
"""Channels from the first up to the last (None: the layer's last), every so many of them."""


class Amount(NamedTuple):
    """The amount of a kind of bend: where it changes nothing, what a new one has, and the ends that
    it stays within."""

    neutral: float
    usual: float
    low: float
    high: float


AMOUNTS: dict[BendKind, Amount] = {
    "gain": Amount(1.0, 2.0, -WILD, WILD),
    "bias": Amount(0.0, 1.0, -WILD, WILD),
    "clamp": Amount(0.0, 0.8, 0.0, 1.0),
    "threshold": Amount(0.0, 0.2, 0.0, 1.0),
    "ablate": Amount(0.0, 1.0, 0.0, 1.0),
    "noise": Amount(0.0, 1.0, -WILD, WILD),
    "blur": Amount(0.0, 0.05, 0.0, 0.25),
    "rotate": Amount(0.0, 30.0, -WILD, WILD),
    "scale": Amount(1.0, 1.5, 0.05, 20.0),
    "shift": Amount(0.0, 0.1, -2.0, 2.0),
    "mirror": Amount(0.0, 1.0, 0.0, 1.0),
}
"""Every kind, and the limits of its amount: outside them a recipe holds the nearer end."""
VERTICAL: tuple[BendKind, ...] = ("shift", "mirror")
"""Kinds with a second amount, for up and down; it has the limits of the first."""


class Bend(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A change of the features that come out of a layer, before the next one reads them.

    `layer` is its path in the model, such as "b16.conv0"; a model without it ignores the bend.
    `amount` is in what its kind is measured in: a factor (gain, scale), the layer's own numbers
    (bias, noise), a share (clamp, threshold, ablate, mirror), degrees counter-clockwise (rotate),
    or sides of the image (blur, shift).  `vertical` is the shift up, and how much is mirrored
    upside down.  `channels` are those that it changes; none are all.  Bends of one layer act in
    their order.
    """

    layer: Text = ""
    kind: BendKind = "gain"
    amount: Number = AMOUNTS["gain"].neutral
    vertical: Number = 0.0
    seed: Seed = 0
    channels: Annotated[tuple[Span, ...], Meta(max_length=MAX_SPANS)] = ()
    on: bool = True

    def __post_init__(self) -> None:
        limits = AMOUNTS.get(self.kind)
        if limits is None:
            return  # not a kind: reading or checking the recipe says so
        force_setattr(self, "amount", _within(self.amount, limits))
        vertical = _within(self.vertical, limits) if self.kind in VERTICAL else 0.0
        force_setattr(self, "vertical", vertical)
        if self.kind != "noise":
            force_setattr(self, "seed", 0)
        force_setattr(self, "channels", merged_spans(self.channels))

    @property
    def acts(self) -> bool:
        """Return whether it changes anything, on a model that has its layer."""
        return self.on and (self.amount != AMOUNTS[self.kind].neutral or self.vertical != 0.0)


def neutral(bend: Bend) -> Bend:
    """`bend` with an amount that changes nothing: where it fades in from, and out to."""
    return Bend(
        bend.layer, bend.kind, AMOUNTS[bend.kind].neutral, 0.0, bend.seed, bend.channels, bend.on
    )


def new_bend(layer: str, kind: BendKind = "gain") -> Bend:
    """A bend of a layer whose effect is seen at once."""
    return Bend(layer, kind, AMOUNTS[kind].usual)


def _within(amount: float, limits: Amount) -> float:
    """The nearest value that the kind takes; not a number stays so, for the recipe's check."""
    if amount < limits.low:
        return limits.low
    return limits.high if amount > limits.high else amount
