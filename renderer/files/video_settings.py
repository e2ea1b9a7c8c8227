"""Settings of a video: kinds of files, frames a second, enlargement.  Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

VideoKind = Literal["mp4", "webm", "gif", "png"]
KINDS: tuple[VideoKind, ...] = get_args(VideoKind)
SUFFIXES: dict[VideoKind, str] = {"mp4": ".mp4", "webm": ".webm", "gif": ".gif", "png": ""}
"""Endings of names; a sequence of PNG files is a folder."""
VIDEO_SUFFIXES = tuple(suffix for suffix in SUFFIXES.values() if suffix)
SCALES = (1, 2, 4)
MAX_GIF_FPS = 50
"""A GIF counts in hundredths of a second, and viewers take one hundredth for ten."""


@dataclass(frozen=True)
class VideoSettings:
    """The settings with which a video is written.

    `scale` enlarges each frame, by whole pixels or (`smooth`) by Lanczos' filter.  `loops` is
    whether a GIF begins again.  `live` takes less time and more room, for frames that come as they
    are played.  `comment` is the timeline as JSON; it travels in the file.
    """

    kind: VideoKind = "mp4"
    fps: int = 30
    scale: int = 1
    smooth: bool = False
    loops: bool = True
    live: bool = False
    comment: str = ""
