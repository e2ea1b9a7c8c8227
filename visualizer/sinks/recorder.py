"""A sink that writes a video of the pictures as they were played, at an even rate of frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from visualizer.sinks.sink import Picture, Sink

if TYPE_CHECKING:
    import numpy as np

FPS = 60


@dataclass
class Span:
    """The time of a recording: `began_s` and, once it has, `ended_s`, as pictures' times are."""

    began_s: float
    ended_s: float | None = None


class VideoRecorder(Sink):
    """A picture stays in the video until the next one; of several within a frame the last counts.

    The video plays while it grows, so that nothing is lost but its last second, whatever happens.

    Args:
        path: of the video, which must not be there.
        span: says where the video begins, and ends.
        clock: monotonic seconds, those of pictures' times.

    Raises:
        ExportError: it cannot be written; one sentence.  So do `take` and `close`.
    """

    repeat_s: ClassVar[float | None] = 0.5

    def __init__(
        self, path: Path, span: Span, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        # PyAV is slow to import: only for videos
        from renderer.files.recorded_video import RecordedVideo

        self._file = RecordedVideo(path, FPS)
        self._span, self._clock = span, clock
        self._last: Picture | None = None
        self._shown: np.ndarray | None = None
        self._count = 0

    def take(self, picture: Picture) -> None:
        """Write the picture before this one as often as it was shown."""
        again = picture is self._last
        self._fill(self._clock() if again else picture.time_s)
        if not again:
            self._last, self._shown = picture, picture.pixels()

    def close(self) -> None:
        """Write the last picture up to the end, and finish the video."""
        try:
            if self._shown is not None and not self._file.broken:
                self._fill(self._clock() if self._span.ended_s is None else self._span.ended_s)
                if not self._count:
                    self._file.add(self._shown)
                self._file.finish()
        finally:
            self._file.close()

    def _fill(self, until_s: float) -> None:
        """Write the picture that is shown for all frames before a moment."""
        if self._span.ended_s is not None:
            until_s = min(until_s, self._span.ended_s)
        if self._shown is None:
            return  # what was shown before the first picture is that picture
        wanted = round((until_s - self._span.began_s) * FPS)
        for _ in range(self._count, wanted):
            self._file.add(self._shown)
        self._count = max(self._count, wanted)
