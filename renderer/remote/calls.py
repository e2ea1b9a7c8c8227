"""The pieces of work that a window may ask for beside its picture: one table for both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import numpy as np
from msgspec import Meta, Struct
from msgspec.msgpack import Decoder

from renderer.frame.alignment_report import Alignment, Gauge
from renderer.frame.layer_report import ChannelView, Choice, LayerReport, LayerStats
from renderer.recipe.parts.moves import Move, Space, Vector
from renderer.recipe.recipe import Precision, Recipe
from renderer.remote.messages import Count, FrameMessage, Model, Pixels, Short, Side
from renderer.remote.pixels import packed, unpacked
from renderer.remote.wire import LineError

A = TypeVar("A")
R = TypeVar("R")
MAX_LISTED = 4000
"""Files and folders of one listing."""
MAX_AHEAD = 64
Unwanted = Callable[[], bool]


class Draw(Struct, frozen=True, forbid_unknown_fields=True):
    """Draw a picture; its exact pixels come back."""

    recipe: Recipe


class Drawn(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture with what is known of its models."""

    picture: FrameMessage
    model: Model | None
    second: Model | None


class LoadAhead(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.renderer.Renderer.load_ahead`."""

    recipe: Recipe
    paths: Annotated[tuple[Short, ...], Meta(max_length=MAX_AHEAD)]


class Use(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.renderer.Renderer.use`."""

    path: Short
    precision: Precision


class ComponentsOf(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.renderer.Renderer.components`."""

    recipe: Recipe
    space: Space
    row: Count


class DirectionOf(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.renderer.Renderer.direction`."""

    recipe: Recipe
    move: Move


class Inspect(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.inspector.Inspector.look`."""

    recipe: Recipe
    choice: Choice


class Align(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.pipeline.aligner.Aligner.measure`."""

    recipe: Recipe
    gauge: Gauge


class Listing(Struct, frozen=True, forbid_unknown_fields=True):
    """List a folder; empty for the first that the renderer was given."""

    folder: Short


class ListedFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder, or a file that may be a model, of a listing."""

    name: Short
    is_folder: bool
    size: Count


class Listed(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder by its absolute path, its entries, and those above that may be listed."""

    folder: Short
    entries: Annotated[tuple[ListedFile, ...], Meta(max_length=MAX_LISTED)]
    above: Annotated[tuple[Short, ...], Meta(max_length=100)]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments, or no result."""


class Grid(Struct, frozen=True, forbid_unknown_fields=True):
    """Values float32 [height, width]."""

    height: Side
    width: Side
    data: bytes

    @classmethod
    def of(cls, values: np.ndarray) -> Grid:
        """Pack an array."""
        height, width = values.shape
        return cls(height, width, np.ascontiguousarray(values, np.float32).tobytes())

    def values(self) -> np.ndarray:
        """Return the array, to be read only.

        Raises:
            LineError: there are not as many values as it says.
        """
        if len(self.data) != 4 * self.height * self.width:
            raise LineError("Values arrived that do not have the announced size.")
        return np.frombuffer(self.data, np.float32).reshape(self.height, self.width)


class Inspected(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.frame.layer_report.LayerReport` and `ChannelView`."""

    layers: tuple[LayerStats, ...]
    layer: Short
    channel: int | None
    channels: Count
    values: Grid
    picture: Pixels
    reach: float
    atlas: Pixels
    cell: Side
    columns: Side
    counts: tuple[int, ...]
    low: float
    high: float
    spectrum: Pixels
    profile: tuple[float, ...]


def inspected(report: LayerReport) -> Inspected:
    """A look inside the synthesis for the line."""
    view = report.view
    plain = ("layer", "channel", "channels", "reach", "cell", "columns", "counts", "low", "high")
    return Inspected(
        layers=report.layers,
        values=Grid.of(view.values),
        picture=packed(view.picture, "png"),
        atlas=packed(view.atlas, "png"),
        spectrum=packed(view.spectrum, "png"),
        profile=view.profile,
        **{name: getattr(view, name) for name in plain},
    )


def report(came: Inspected) -> LayerReport:
    """A look inside the synthesis from the line.

    Raises:
        LineError: its pictures are damaged, or do not fit together.
    """
    plain = ("layer", "channel", "channels", "reach", "cell", "columns", "counts", "low", "high")
    view = ChannelView(
        values=came.values.values(),
        picture=unpacked(came.picture),
        atlas=unpacked(came.atlas),
        spectrum=unpacked(came.spectrum),
        profile=came.profile,
        **{name: getattr(came, name) for name in plain},
    )
    rows = -(-(view.channels + 1) // view.columns)
    if view.atlas.shape[:2] != (rows * view.cell, view.columns * view.cell):
        raise LineError("The overview of a layer does not have the announced size.")
    return LayerReport(came.layers, view)


@dataclass(frozen=True)
class Procedure(Generic[A, R]):
    """A piece of work by its name: the types of what it takes and gives."""

    name: str
    takes: Decoder[A]
    gives: Decoder[R]

    def decoded(self, data: msgspec.Raw) -> A:
        """The arguments from the line; raises `msgspec.MsgspecError`."""
        return self.takes.decode(data)

    def result(self, data: msgspec.Raw) -> R:
        """The result from the line; raises `msgspec.MsgspecError`."""
        return self.gives.decode(data)


DRAW = Procedure[Draw, Drawn]("draw", Decoder(Draw), Decoder(Drawn))
LOOK_AGAIN = Procedure[Nothing, Nothing]("look again", Decoder(Nothing), Decoder(Nothing))
LOAD_AHEAD = Procedure[LoadAhead, Nothing]("load ahead", Decoder(LoadAhead), Decoder(Nothing))
USE = Procedure[Use, Nothing]("use", Decoder(Use), Decoder(Nothing))
COMPONENTS = Procedure[ComponentsOf, tuple[float, ...]](
    "components", Decoder(ComponentsOf), Decoder(tuple[float, ...])
)
DIRECTION = Procedure[DirectionOf, Vector]("direction", Decoder(DirectionOf), Decoder(Vector))
INSPECT = Procedure[Inspect, Inspected]("inspect", Decoder(Inspect), Decoder(Inspected))
ALIGN = Procedure[Align, Alignment]("align", Decoder(Align), Decoder(Alignment))
LIST = Procedure[Listing, Listed]("list", Decoder(Listing), Decoder(Listed))
TABLE: dict[str, Procedure[Any, Any]] = {
    one.name: one
    for one in (DRAW, LOOK_AGAIN, LOAD_AHEAD, USE, COMPONENTS, DIRECTION, INSPECT, ALIGN, LIST)
}
