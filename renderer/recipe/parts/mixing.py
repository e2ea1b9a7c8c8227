"""Style mixing: sources, and what each gives to which block."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from renderer.recipe.canonical import in_order, trimmed
from renderer.recipe.parts.fields import (
    MAX_ROWS,
    MAX_SOURCES,
    Number,
    PerBlock,
    Row,
    Seed,
    Text,
    Values,
)
from renderer.recipe.parts.text import without_idle_template


class MixTrack(Struct, frozen=True, forbid_unknown_fields=True):
    """The share of a mixing source in each resolution block, coarsest first.

    A weight of 0 keeps the main picture's rows, 1 takes the source's, values between interpolate.
    Blocks beyond the end of `weights` count as 0.  `rows` are (row of w, weight) of single layers
    that go their own way.
    """

    weights: PerBlock = ()
    rows: Annotated[tuple[tuple[Row, Number], ...], Meta(max_length=MAX_ROWS)] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "weights", trimmed(self.weights, 0.0))
        force_setattr(self, "rows", in_order(self.rows))

    def of_block(self, index: int) -> float:
        """The weight of block `index`."""
        return self.weights[index] if index < len(self.weights) else 0.0

    def of_row(self, row: int, block: int) -> float:
        """The weight of one row of w, which `block` owns."""
        return dict(self.rows).get(row, self.of_block(block))

    @property
    def active(self) -> bool:
        """Return whether it takes anything."""
        return any(self.weights) or any(weight for _, weight in self.rows)


class MixSource(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """A source of style mixing: a latent (a seed, or `values` in its place) and a prompt, each
    with a track of its own.  Where wildcards were typed, `template` is what was typed."""

    seed: Seed = 1
    values: Values = ()
    prompt: Text = ""
    latent: MixTrack = MixTrack()
    text: MixTrack = MixTrack()
    template: Text = ""

    def __post_init__(self) -> None:
        without_idle_template(self, "prompt")

    @property
    def active(self) -> bool:
        """Return whether anything is taken from it."""
        return self.latent.active or self.text.active


class MixingPart(Struct, frozen=True, forbid_unknown_fields=True, cache_hash=True):
    """Style mixing: sources by blocks and rows, on two independent tracks, latent and text.

    Where the weights of several sources sum to more than one, they share the place.
    """

    sources: Annotated[tuple[MixSource, ...], Meta(max_length=MAX_SOURCES)] = ()

    @property
    def active(self) -> bool:
        """Return whether anything is mixed."""
        return any(source.active for source in self.sources)
