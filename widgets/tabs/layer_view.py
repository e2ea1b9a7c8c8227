"""The view of the Layers tab, its actions, and under which names its pictures are kept."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.frame.layer_report import Choice, LayerReport
from widgets.actions import Action

TITLE = "Layers"
"""The tab's title."""
FIRST = Choice()
"""The first look."""
CHANNEL = "layers: channel"
ATLAS = "layers: all channels"
SPECTRUM = "layers: spectrum"
"""Names of pictures among the previews."""


@dataclass(frozen=True)
class LayersView:
    """The known layers: the newest report, None before the first.

    `choice` is what to look at; the report may still be of what was chosen before.  `mark`
    is a place on the picture and on every channel: 0, 0 is the upper left corner, 1, 1 the lower
    right.  `problem` says why there is no report.  While `bending`, the bends stand in place of
    the channels.
    """

    report: LayerReport | None = None
    choice: Choice = FIRST
    mark: tuple[float, float] | None = None
    problem: str = ""
    bending: bool = False


@dataclass(frozen=True)
class ChooseChannel(Action):
    """Look at another layer or channel."""

    choice: Choice


@dataclass(frozen=True)
class ShowBends(Action):
    """Show the bends in the place of the channels, or the channels again."""

    on: bool


@dataclass(frozen=True)
class SaveLayer(Action):
    """Save the chosen channel as it is seen, or all channels small, as a picture."""

    everything: bool


@dataclass(frozen=True)
class ExportLayer(Action):
    """Write a video of a layer over the timeline: one channel or the mean (None), or all small."""

    layer: str
    channel: int | None
    everything: bool


@dataclass(frozen=True)
class MarkPlace(Action):
    """Mark a place on the picture and on the channels; None takes the mark away."""

    place: tuple[float, float] | None
