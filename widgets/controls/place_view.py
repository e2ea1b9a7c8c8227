"""The place where pictures are computed, and the way there, as panels see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widgets.actions import Action

Kind = Literal["thread", "process", "host"]


@dataclass(frozen=True)
class UseRenderer(Action):
    """Compute pictures there from now on; `host` and `command` are those of another computer, and
    `workers` share the work there, as `--workers` takes them."""

    kind: Kind
    host: str = ""
    command: str = ""
    workers: str = "auto"


@dataclass(frozen=True)
class ConnectNow(Action):
    """End the pause before the next attempt to connect."""


@dataclass(frozen=True)
class ConnectingView:
    """The way to the renderer on another computer; no `place` while there is a line, or none is
    needed.

    `program` is what connects; `lost` tells that there was a line before.  `step` is what is being
    done, for `waited_s` by now, and `pause_s` the rest of a pause.  `why` is the reason of the last
    failure, and `said` the last words of the program.
    """

    place: str = ""
    program: str = "ssh"
    lost: bool = False
    step: Literal["pausing", "calling", "starting"] = "calling"
    waited_s: float = 0.0
    pause_s: float = 0.0
    why: str = ""
    said: str = ""
