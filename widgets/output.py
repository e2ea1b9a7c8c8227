"""The choices of where the picture goes beside the window; they survive a restart."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Fit = Literal["fit", "fill", "pixels"]
IN_WINDOW = "window"
"""The place of a clean output that has a frame and covers no screen."""
FARTHEST = 100_000

Name = Annotated[str, Meta(max_length=200)]
Edge = Annotated[int, Meta(ge=-FARTHEST, le=FARTHEST)]
Side = Annotated[int, Meta(ge=1, le=FARTHEST)]
WindowBox = tuple[Edge, Edge, Side, Side]
"""Left, top, width and height of a window, in screen coordinates."""


class OutputOptions(Struct, frozen=True):
    """The clean output: whether it is on, where, and how the picture lies in it.

    `place` is the name or the number of a screen, `IN_WINDOW`, or empty for the first screen on
    which the panels are not; `box` is where its frame was last.  `smooth` smooths large pixels.
    """

    on: bool = False
    place: Name = ""
    fit: Fit = "fit"
    smooth: bool = True
    box: WindowBox | None = None
