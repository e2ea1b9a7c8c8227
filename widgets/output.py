"""The choices of where the picture goes beside the window; they survive a restart."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Fit = Literal["fit", "fill", "pixels"]
IN_WINDOW = "window"
"""The place of a clean output that has a frame and covers no screen."""
FARTHEST = 100_000
MAX_NAME, MAX_PLACE = 64, 200

SinkKey = Literal["ndi", "spout", "syphon", "camera"]
"""Other programs that the picture can go to."""
Place = Annotated[str, Meta(max_length=MAX_PLACE)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
Edge = Annotated[int, Meta(ge=-FARTHEST, le=FARTHEST)]
Side = Annotated[int, Meta(ge=1, le=FARTHEST)]
WindowBox = tuple[Edge, Edge, Side, Side]
"""Left, top, width and height of a window, in screen coordinates."""


class OutputOptions(Struct, frozen=True):
    """The clean output: whether it is on, where, and how the picture lies in it; other programs.

    `place` is the name or the number of a screen, `IN_WINDOW`, or empty for the first screen on
    which the panels are not; `box` is where its frame was last.  `smooth` smooths large pixels.
    `sinks` are the other programs that get the picture, which list it as `name`.
    """

    on: bool = False
    place: Place = ""
    fit: Fit = "fit"
    smooth: bool = True
    box: WindowBox | None = None
    sinks: Annotated[tuple[SinkKey, ...], Meta(max_length=8)] = ()
    name: Name = "StyleGAN-T"
