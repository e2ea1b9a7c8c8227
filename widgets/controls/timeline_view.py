"""The view of the Timeline tab, and its actions."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from renderer.files.video_settings import VideoSettings
from renderer.timeline.timeline import Timeline
from widgets.actions import Action
from widgets.controls.export_progress import ExportProgress

EMPTY, FORM = Timeline(), VideoSettings()


@dataclass(frozen=True)
class TimelineView:
    """The timeline and its playhead.

    `changed` is whether the picture is another than the one at the playhead, `emptied` whether an
    undo brings back key frames where there are none.  `video` is the video that is being written,
    `form` how the next one will be.
    """

    timeline: Timeline = EMPTY
    position_s: float = 0.0
    playing: bool = False
    speed: float = 1.0
    auto_key: bool = False
    changed: bool = False
    emptied: bool = False
    video: ExportProgress | None = None
    form: VideoSettings = FORM


@dataclass(frozen=True)
class SetTimeline(Action):
    """Take another timeline; edits of one `gesture`, such as a drag, are one step of undo."""

    timeline: Timeline
    gesture: Hashable = None


@dataclass(frozen=True)
class OpenTimeline(Action):
    """Take the timeline of a video, or of a file of its own."""

    path: str


@dataclass(frozen=True)
class DragKey(Action):
    """Move the key that was at `index` when the mouse was `pressed`, a time that names the drag, to
    `delta_s` from where it was then."""

    index: int
    delta_s: float
    pressed: float


@dataclass(frozen=True)
class Seek(Action):
    """Move the playhead; the picture follows.  `begins`: of a drag, the first."""

    time_s: float
    begins: bool = True


@dataclass(frozen=True)
class TogglePlay(Action):
    """Play, or pause."""


@dataclass(frozen=True)
class HoldTimeline(Action):
    """Let the timeline rest while something else plays the picture: what that does is no edit."""

    on: bool


@dataclass(frozen=True)
class SetSpeed(Action):
    """Play at this multiple of real time."""

    speed: float


@dataclass(frozen=True)
class SetAutoKey(Action):
    """Put every change of the picture into the key frame at the playhead, or no longer."""

    on: bool


@dataclass(frozen=True)
class AddKey(Action):
    """Keep the picture as a key frame: at the playhead, or after the last one if there is one."""


@dataclass(frozen=True)
class UpdateKey(Action):
    """Give the key frame at the playhead the current picture; without one there, make it."""


@dataclass(frozen=True)
class DeleteKey(Action):
    """Delete the key frame at the playhead, where the Timeline tab is open."""


@dataclass(frozen=True)
class StepKey(Action):
    """Move the playhead to the next (+1) or the previous (-1) key frame."""

    step: int


@dataclass(frozen=True)
class SetVideoSettings(Action):
    """Write the next video in another way; its frames a second are the timeline's."""

    form: VideoSettings


@dataclass(frozen=True)
class ExportVideo(Action):
    """Write the timeline into a file."""


@dataclass(frozen=True)
class PauseVideo(Action):
    """Let the video that is being written rest, or go on."""

    paused: bool


@dataclass(frozen=True)
class CancelVideo(Action):
    """Give up the video that is being written; nothing of it stays."""
