"""The view that panels have of an open training run, and the actions that they ask for."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.files.training_log import Curve
from renderer.files.training_run import Snapshot
from widgets.actions import Action


@dataclass(frozen=True)
class RunView:
    """A training run's folder that is open; without one, `folder` is empty.

    `shown` is the place of the snapshot that draws the picture among `snapshots`, oldest first, or
    that is about to; None while another model does.  `newer` is true when one came that was not
    shown yet.  `follow` shows each new one as it comes.  `problem` says what is wrong with the
    folder, and `unfinished` names the snapshot that is being written.  `out_of_reach` says why the
    renderer cannot read snapshots, empty where it can.
    """

    folder: str = ""
    snapshots: tuple[Snapshot, ...] = ()
    shown: int | None = None
    newer: bool = False
    follow: bool = False
    curves: tuple[Curve, ...] = ()
    problem: str = ""
    unfinished: str = ""
    out_of_reach: str = ""

    @property
    def readable(self) -> tuple[Snapshot, ...]:
        """Return the snapshots that the renderer can read."""
        return () if self.out_of_reach else self.snapshots


@dataclass(frozen=True)
class OpenRun(Action):
    """Open the folder of a training run at `path`, and show its newest snapshot."""

    path: str


@dataclass(frozen=True)
class BrowseRun(Action):
    """Let the user choose the folder of a training run."""


@dataclass(frozen=True)
class CloseRun(Action):
    """Forget the training run; the model that is shown stays."""


@dataclass(frozen=True)
class ShowSnapshot(Action):
    """Draw with the snapshot at a `place` of the open run."""

    place: int


@dataclass(frozen=True)
class ShowNewest(Action):
    """Draw with the newest snapshot of the open run."""


@dataclass(frozen=True)
class FollowRun(Action):
    """Show each snapshot as it is written, or stop that."""

    on: bool
