"""Places of panels, picture and drawer in a window of any size: pure numbers."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.picture.tools import Box
from widgets.theme import SIDEBAR_MAX_EM, SIDEBAR_MIN_EM

MIN_PICTURE_EM = 16.0
"""Least width that panels beside the picture leave for it."""
STACKED_EM = 33.0
"""In a window narrower than this, panels stand below the picture, and an open drawer in their
place."""
MIN_DRAWER_EM = 34.0
"""With less than this left beside the panels, an open drawer reaches below them, too."""
STACKED_SHARE = 0.6
"""The share of the picture's height that panels below it take."""


@dataclass(frozen=True)
class Places:
    """Left, top, right and bottom of each part in pixels; `panels` is None where there are none.

    `reach` is from where to where the width of panels may be dragged.
    """

    picture: Box
    drawer: Box
    panels: Box | None = None
    reach: tuple[float, float] = (0.0, 0.0)


def arranged(
    room: Box, em: float, panels_em: float | None, drawer: float, *, opened: bool
) -> Places:
    """Arrange the parts.

    Args:
        room: what there is between menu bar and status line.
        em: the size of text in pixels.
        panels_em: the width that panels are wanted at, None for none.
        drawer: the height of the drawer with its tabs, in pixels.
        opened: whether one of its tabs is open.
    """
    left, top, right, bottom = room
    edge = bottom - drawer
    below = (left, edge, right, bottom)
    if panels_em is None:
        return Places((left, top, right, edge), below)
    if right - left < STACKED_EM * em:
        split = edge if opened else edge - STACKED_SHARE * (edge - top)
        panels = None if opened else (left, split, right, edge)
        return Places((left, top, right, split), below, panels, (right - left, right - left))
    most = min(SIDEBAR_MAX_EM, (right - left) / em - MIN_PICTURE_EM)
    reach = SIDEBAR_MIN_EM * em, max(SIDEBAR_MIN_EM, most) * em
    side = left + min(max(panels_em * em, reach[0]), reach[1])
    whole = not (opened and right - side < MIN_DRAWER_EM * em)
    panels = (left, top, side, bottom if whole else edge)
    drawer_box = (side, edge, right, bottom) if whole else below
    return Places((side, top, right, edge), drawer_box, panels, reach)
