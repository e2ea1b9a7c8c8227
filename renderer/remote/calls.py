"""The pieces of work that a window may ask for beside its picture: one table for both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

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
MAX_UPLOAD = 2**38
"""Bytes of the largest file that may be uploaded."""
MAX_PIECE = 2**20
Unwanted = Callable[[], bool]
Listable = Literal["model", "tower"]
"""The kinds of files that are listed."""
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
FileSize = Annotated[int, Meta(ge=1, le=MAX_UPLOAD)]
Beside = Literal["", "files", "towers"]
"""The thread there that does a piece of work: the one that draws, or one beside it."""


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
    """List a folder, or the one that a file is in; empty for the first that the renderer was
    given."""

    folder: Short
    kind: Listable = "model"


class ListedFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder, or a file of the wanted kind, of a listing; `changed_s` in seconds since 1970."""

    name: Short
    is_folder: bool
    size: Count
    changed_s: Count = 0


class Listed(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder by its absolute path, its entries, and those above that may be listed; where a file
    was named, its path."""

    folder: Short
    entries: Annotated[tuple[ListedFile, ...], Meta(max_length=MAX_LISTED)]
    above: Annotated[tuple[Short, ...], Meta(max_length=100)]
    file: Short = ""


class BeginUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """Say how much of a file has arrived before, or where the same one lies."""

    name: Short
    size: FileSize
    sha256: Sha256


class Piece(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a file of `size` bytes, from byte `at` on."""

    sha256: Sha256
    size: FileSize
    at: Count
    data: Annotated[bytes, Meta(min_length=1, max_length=MAX_PIECE)]


class EndUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """Check a file that has arrived as a whole, and give it its name."""

    name: Short
    size: FileSize
    sha256: Sha256


class DropUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """Delete what has arrived of a file."""

    sha256: Sha256


class Uploaded(Struct, frozen=True, forbid_unknown_fields=True):
    """The bytes of a file that have arrived; its path, once it is there as a whole."""

    received: Count
    path: Short = ""


class OpenTower(Struct, frozen=True, forbid_unknown_fields=True):
    """Open a text tower for recipes that name it, and fetch it from the network where `download`
    allows that; see `stylegan_t.encoders.towers.open_tower`."""

    spec: Short
    download: bool


class OpenedTower(Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a text tower, and the values that it gives for a prompt."""

    name: Short
    c_dim: Count


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
    """A piece of work by its name: the types of what it takes and gives, and who does it there."""

    name: str
    takes: Decoder[A]
    gives: Decoder[R]
    beside: Beside = ""

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
LIST = Procedure[Listing, Listed]("list", Decoder(Listing), Decoder(Listed), "files")
BEGIN_UPLOAD = Procedure[BeginUpload, Uploaded](
    "begin upload", Decoder(BeginUpload), Decoder(Uploaded), "files"
)
PIECE = Procedure[Piece, Uploaded]("piece", Decoder(Piece), Decoder(Uploaded), "files")
END_UPLOAD = Procedure[EndUpload, Uploaded](
    "end upload", Decoder(EndUpload), Decoder(Uploaded), "files"
)
DROP_UPLOAD = Procedure[DropUpload, Uploaded](
    "drop upload", Decoder(DropUpload), Decoder(Uploaded), "files"
)
OPEN_TOWER = Procedure[OpenTower, OpenedTower](
    "open tower", Decoder(OpenTower), Decoder(OpenedTower), "towers"
)
TABLE: dict[str, Procedure[Any, Any]] = {
    one.name: one
    for one in (
        *(DRAW, LOOK_AGAIN, LOAD_AHEAD, USE, COMPONENTS, DIRECTION, INSPECT, ALIGN, LIST),
        *(BEGIN_UPLOAD, PIECE, END_UPLOAD, DROP_UPLOAD, OPEN_TOWER),
    )
}
