"""Tools for drags on the picture, and what a tool learns of the mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from imgui_bundle import icons_fontawesome_6 as icons

from renderer.recipe.recipe import Recipe
from widgets.actions import ToolName
from widgets.context import Context

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in Dear ImGui's coordinates."""

TOOLS: tuple[tuple[ToolName, str, str, str], ...] = (
    (
        "travel",
        icons.ICON_FA_COMPASS,
        "Travel",
        "Drag the picture to travel through the latents: right is the next seed, down another row.",
    ),
    ("hand", icons.ICON_FA_HAND, "Hand", "Drag the picture to look at another part of it."),
    (
        "place",
        icons.ICON_FA_UP_DOWN_LEFT_RIGHT,
        "Place",
        "Rotate, move and zoom the content inside the generator, with handles on the picture.",
    ),
)
"""Each tool's name, icon, label and tooltip."""


@dataclass(frozen=True)
class Hand:
    """The mouse over the picture in one UI frame.

    `box` is where the picture lies and `clip` what of the window it may cover; `mouse` where the
    pointer is and `delta` how far it went since the last frame, in pixels.  `hovered` is whether
    nothing else is under it; `pressed`, `held` and `released` are the left button's, when it went
    down on the picture; `twice` a double-click.
    """

    box: Box
    clip: Box
    mouse: tuple[float, float]
    delta: tuple[float, float]
    hovered: bool
    pressed: bool
    held: bool
    released: bool
    twice: bool
    shift: bool

    @property
    def at(self) -> tuple[float, float]:
        """Return where the pointer is on the picture: 0, 0 is its upper left corner, 1, 1 the lower
        right."""
        left, top, right, bottom = self.box
        return (
            (self.mouse[0] - left) / max(right - left, 1.0),
            (self.mouse[1] - top) / max(bottom - top, 1.0),
        )


class PictureTool(Protocol):
    """Draws its handles over the picture and follows the mouse."""

    def use(self, context: Context, hand: Hand) -> Recipe:
        """Called in every frame in which it is the chosen tool; returns the recipe wanted."""
        ...
