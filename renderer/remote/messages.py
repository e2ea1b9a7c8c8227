"""The messages between a window and a renderer in another process, and their limits.

Each is one msgpack object with a tag.  Both sides decode strictly: fields and types are those
below, and whatever does not fit ends the connection with a sentence.  What could be large is
bounded by the length of a message, see `renderer.remote.wire`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from renderer.errors import Fault
from renderer.files.software import software_name
from renderer.frame.block_times import BlockMs
from renderer.frame.dropped import Counts
from renderer.frame.frame import ModelInfo, TokenCount, UnknownWords
from renderer.frame.preview import MAX_WISHES
from renderer.recipe.recipe import Recipe

PROTOCOL = 2
"""Grows with every change of what is below: the two sides must have the same."""
MAX_SIDE = 16_384
"""Pixels of a picture along one side."""
MAX_SHORT = 4_000
"""Characters of a sentence or name."""

Count = Annotated[int, Meta(ge=0, le=2**53)]
Side = Annotated[int, Meta(ge=1, le=MAX_SIDE)]
Short = Annotated[str, Meta(max_length=MAX_SHORT)]
Coding = Literal["raw", "png", "jpeg", "webp"]
Wanted = Literal["auto", "raw", "lossless", "jpeg", "webp"]
"""The form in which pictures travel; "auto" takes what the line can carry, and exact pixels at
rest."""


class Pixels(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture, uint8 [height, width, 3]; "raw" is its bytes, row by row."""

    width: Side
    height: Side
    coding: Coding
    data: bytes


# -- from the window -----------------------------------------------------------------------------


class Hello(Struct, frozen=True, forbid_unknown_fields=True, tag="hello"):
    """The first message of the window."""

    protocol: Count = PROTOCOL
    version: Short = msgspec.field(default_factory=software_name)
    pictures: Wanted = "auto"


class Submit(Struct, frozen=True, forbid_unknown_fields=True, tag="submit"):
    """Draw this; it takes the place of one that still waits."""

    number: Count
    recipe: Recipe


class NumberedWish(Struct, frozen=True, forbid_unknown_fields=True):
    """See `renderer.frame.preview.Wish`."""

    number: Count
    recipe: Recipe
    size_px: Side
    loads: bool


class Wishes(Struct, frozen=True, forbid_unknown_fields=True, tag="wishes"):
    """Make these previews; they take the place of all asked for before."""

    wishes: Annotated[list[NumberedWish], Meta(max_length=MAX_WISHES)]


class Call(Struct, frozen=True, forbid_unknown_fields=True, tag="call"):
    """Do a piece of work, see `renderer.remote.calls`; `label` is the status meanwhile."""

    number: Count
    name: Short
    arguments: msgspec.Raw
    label: Short = ""


class GiveUp(Struct, frozen=True, forbid_unknown_fields=True, tag="give up"):
    """The answer to this call is no longer waited for."""

    number: Count


class Timing(Struct, frozen=True, forbid_unknown_fields=True, tag="timing"):
    """See `renderer.pipeline.render_thread.RenderThread.time_blocks`."""

    blocks: bool


class Seen(Struct, frozen=True, forbid_unknown_fields=True, tag="seen"):
    """Pictures up to this one have arrived: the line is free for more."""

    serial: Count


# -- from the renderer ---------------------------------------------------------------------------


class Welcome(Struct, frozen=True, forbid_unknown_fields=True, tag="welcome"):
    """The answer to `Hello`; where protocols differ, the last message before the end.

    `workers` are the renderers that share exports and previews with the first one there; `uploads`
    is the folder that files of the window's computer may be uploaded into, empty where none may.
    """

    protocol: Count
    version: Short
    device_name: Short
    device_kind: Short
    workers: Count = 0
    uploads: Short = ""


class RendererState(Struct, frozen=True, forbid_unknown_fields=True, tag="state"):
    """The work of the renderer now; comes with every change, and once a second during work.

    `workers` are those beside it that take work now.
    """

    kind: Literal["starting", "idle", "rendering", "loading", "stopped"]
    text: Short
    share: float | None
    quiet_s: float
    workers: Count
    previews_waiting: Count
    counts: Counts


class Model(Struct, frozen=True, forbid_unknown_fields=True, tag="model"):
    """A model by the number that frames name it by; it comes once, before the first of them."""

    number: Count
    info: ModelInfo


class FrameMessage(Struct, frozen=True, forbid_unknown_fields=True, tag="picture"):
    """A `renderer.frame.frame.Frame`: the answer to the `Submit` with this number.

    `serial` counts the pictures on this line, and `Seen` names it.  `exact` is whether the pixels
    are those that were drawn; if not, the exact ones follow as soon as the line rests.
    """

    number: Count
    serial: Count
    model: Count | None
    second: Count | None
    pixels: Pixels | None
    exact: bool
    error: str | None
    stage_ms: tuple[tuple[str, float], ...]
    block_ms: BlockMs
    tokens: tuple[TokenCount, ...]
    device: Short
    frame_serial: Count
    early: Count
    notes: tuple[str, ...]
    fault: Fault
    text_norm: float
    text_angle_deg: float
    unknown: UnknownWords


class Band(Struct, frozen=True, forbid_unknown_fields=True, tag="band"):
    """Exact rows, from `top` on, of the picture with this number, which came with loss; the bands
    of a picture come in their order.  `serial` is as that of a picture."""

    number: Count
    serial: Count
    top: Count
    pixels: Pixels


class Preview(Struct, frozen=True, forbid_unknown_fields=True, tag="preview"):
    """The answer to one of `Wishes`; no pixels where there is no picture."""

    number: Count
    pixels: Pixels | None


class Note(Struct, frozen=True, forbid_unknown_fields=True, tag="note"):
    """A sentence for the user."""

    text: Short


class Answer(Struct, frozen=True, forbid_unknown_fields=True, tag="answer"):
    """The result of a call."""

    number: Count
    value: msgspec.Raw


class Advance(Struct, frozen=True, forbid_unknown_fields=True, tag="advance"):
    """The share of a call that is done, from 0 to 1."""

    number: Count
    share: float


class Failure(Struct, frozen=True, forbid_unknown_fields=True, tag="failure"):
    """A call has come to nothing: one sentence, and what it is about."""

    number: Count
    sentence: Short
    fault: Fault = ""


FromWindow = Hello | Submit | Wishes | Call | GiveUp | Timing | Seen
FromRenderer = (
    Welcome
    | RendererState
    | Model
    | FrameMessage
    | Band
    | Preview
    | Note
    | Answer
    | Advance
    | Failure
)


def encode(message: Any) -> bytes:
    """A message, or a value of a call, as msgpack."""
    return msgspec.msgpack.encode(message)


from_window: msgspec.msgpack.Decoder[FromWindow] = msgspec.msgpack.Decoder(FromWindow)
from_renderer: msgspec.msgpack.Decoder[FromRenderer] = msgspec.msgpack.Decoder(FromRenderer)
