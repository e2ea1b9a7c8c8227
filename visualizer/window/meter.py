"""Measures what the performance panel shows."""

from __future__ import annotations

import statistics
from collections import deque

from widgets.context import Stats

WINDOW_S = 1.0
HISTORY = 120
UI_SAMPLES = 240


class Meter:
    """Counts pictures and redraws over the last second.  Times are in seconds of one clock."""

    def __init__(self) -> None:
        self._pictures: deque[float] = deque()
        self._redraws: deque[float] = deque()
        self._ui_ms: deque[float] = deque(maxlen=UI_SAMPLES)
        self._history: deque[float] = deque(maxlen=HISTORY)
        self._upload_ms = 0.0

    def picture(self, now_s: float, total_ms: float, upload_ms: float) -> None:
        """A new picture is shown: what rendering it took, and its way into the texture."""
        self._pictures.append(now_s)
        self._upload_ms = upload_ms
        if total_ms > 0.0:
            self._history.append(total_ms)

    def redraw(self, now_s: float, work_ms: float) -> None:
        """The window was drawn again; `work_ms` is the time without waiting."""
        self._redraws.append(now_s)
        self._ui_ms.append(work_ms)

    def stats(self, now_s: float, device: str) -> Stats:
        """The current figures."""
        for times in (self._pictures, self._redraws):
            while times and times[0] < now_s - WINDOW_S:
                times.popleft()
        return Stats(
            device=device,
            frames_per_s=len(self._pictures) / WINDOW_S,
            ui_frames_per_s=len(self._redraws) / WINDOW_S,
            ui_ms=spread(self._ui_ms),
            upload_ms=self._upload_ms,
            history_ms=tuple(self._history),
            picture_ms=spread(self._history),
        )


def spread(samples: deque[float]) -> tuple[float, float]:
    """Median and 99th percentile."""
    if not samples:
        return 0.0, 0.0
    ordered = sorted(samples)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
