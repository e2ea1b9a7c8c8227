"""Settings of a video: kinds of files, frames a second, size.  Plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from renderer.timeline.frame_rate import rate_in_words
from renderer.timeline.timeline import MAX_SIDE, MIN_SIDE

VideoKind = Literal["mp4", "webm", "gif", "png"]
KINDS: tuple[VideoKind, ...] = get_args(VideoKind)
SUFFIXES: dict[VideoKind, str] = {"mp4": ".mp4", "webm": ".webm", "gif": ".gif", "png": ""}
"""Endings of names; a sequence of PNG files is a folder."""
VIDEO_SUFFIXES = tuple(suffix for suffix in SUFFIXES.values() if suffix)
SCALES = (1, 2, 4)
Size = tuple[int, int]
"""Width and height in pixels."""
MAX_PIXELS = 36_000_000
"""Somewhat more than 8K: an encoder holds dozens of frames."""
SIZES: tuple[tuple[str, Size], ...] = (
    ("720p", (1280, 720)),
    ("1080p", (1920, 1080)),
    ("4K", (3840, 2160)),
)
"""Usual sizes by their names."""
Fit = Literal["wide", "fit", "fill"]
"""Ways to show a frame that has another form than the video: the model draws more around it, or it
lies on black, or its edges are cut off."""
FITS: tuple[Fit, ...] = get_args(Fit)
MAX_GIF_FPS = 50
"""A GIF counts in hundredths of a second, and viewers take one hundredth for ten."""


@dataclass(frozen=True)
class VideoSettings:
    """The settings with which a video is written.

    `scale` enlarges each frame, by whole pixels or (`smooth`) by Lanczos' filter; `size`, where it
    is given, is that of the video instead, and `fit` how a frame of another form lies in it.
    `loops` is whether a GIF begins again.  `comment` is the timeline as JSON; it travels in the
    file.
    """

    kind: VideoKind = "mp4"
    fps: float = 30
    scale: int = 1
    size: Size | None = None
    fit: Fit = "wide"
    smooth: bool = False
    loops: bool = True
    comment: str = ""

    @property
    def refusal(self) -> str:
        """Return why no video can have these settings, a sentence for the user; empty if one
        can."""
        if self.kind == "gif" and self.fps > MAX_GIF_FPS:
            return (
                f"A GIF shows at most {MAX_GIF_FPS} frames per second, not "
                f"{rate_in_words(self.fps)}: choose "
                "fewer frames, or another format."
            )
        return _size_refusal(self.kind, self.size) if self.size is not None else ""


def _size_refusal(kind: VideoKind, size: Size) -> str:
    width, height = size
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        return f"The width and height of a video are {MIN_SIDE} to {MAX_SIDE} pixels."
    if width * height > MAX_PIXELS:
        millions = MAX_PIXELS // 1_000_000
        return f"A frame of {width} × {height} pixels is too large: at most {millions} million."
    if kind in ("mp4", "webm") and (width % 2 or height % 2):
        even = f"{width + width % 2} × {height + height % 2}"
        return f"The width and height of {SUFFIXES[kind]} files are even numbers: take {even}."
    return ""
