"""The panels' view of moments, and the actions that store and recall them."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.recipe.moments import NO_MOMENTS, Moments, Parts
from renderer.timeline.easing import EASINGS, Easing
from widgets.actions import Action

FADE_EASINGS: tuple[Easing, ...] = tuple(one for one in EASINGS if one != "hold")
"""A fade that holds would be a cut that comes late."""
CUT_S = 0.0


@dataclass(frozen=True)
class RecallMoment(Action):
    """Go to the moment `number`: within `fade_s` seconds along `easing`, None for both as they are
    set; 0 seconds is a cut."""

    number: int
    fade_s: float | None = None
    easing: Easing | None = None


@dataclass(frozen=True)
class StepMoment(Action):
    """Go to the next moment that is there (`step` 1) or to the previous one (-1)."""

    step: int


@dataclass(frozen=True)
class StoreMoment(Action):
    """Keep the current picture as the moment `number`; what it is called and which parts it holds
    stays, unless that is said."""

    number: int
    name: str | None = None
    parts: Parts | None = None


@dataclass(frozen=True)
class RenameMoment(Action):
    """Call a moment otherwise; empty for its prompt and seed."""

    number: int
    name: str


@dataclass(frozen=True)
class ChooseParts(Action):
    """Let a moment hold these parts alone; none stands for all."""

    number: int
    parts: Parts


@dataclass(frozen=True)
class MoveMoment(Action):
    """Put a moment under another number; one that is there takes its place."""

    number: int
    to: int


@dataclass(frozen=True)
class DeleteMoment(Action):
    """Empty a pad."""

    number: int


@dataclass(frozen=True)
class UndoMoments(Action):
    """Take back the last change of the moments themselves."""


@dataclass(frozen=True)
class SetFade(Action):
    """Let recalls take other seconds, or another easing."""

    seconds: float | None = None
    easing: Easing | None = None


@dataclass(frozen=True)
class ImportMoments(Action):
    """Take the moments in a file in place of the current ones; without a path ask for it."""

    path: str = ""


@dataclass(frozen=True)
class ExportMoments(Action):
    """Ask for a file, and save the moments there."""


@dataclass(frozen=True)
class MomentsView:
    """The moments, and how recalls go.

    `current` is the moment that was recalled last, 0 for none; `at_it` is whether the picture still
    is what it holds.  `share` is how far the fade to it is, None where none runs.  `undo` says what
    `UndoMoments` would take back; empty for nothing.
    """

    moments: Moments = NO_MOMENTS
    fade_s: float = 0.0
    easing: Easing = "both"
    current: int = 0
    at_it: bool = False
    share: float | None = None
    undo: str = ""
