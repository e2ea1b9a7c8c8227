"""The view of recording, and its actions."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.actions import Action


@dataclass(frozen=True)
class RecordingView:
    """The recording: `on` is whether there is one, `since_s` for how long, in seconds."""

    on: bool = False
    since_s: float = 0.0


@dataclass(frozen=True)
class Record(Action):
    """Begin to record what is played, or end it; None does what is not done now."""

    on: bool | None = None


def clock_text(since_s: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any."""
    minutes, seconds = divmod(int(since_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"
