"""A sink in a thread of its own, behind a queue that drops pictures rather than wait."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stylegan_t.errors import ExplainedError
from visualizer.sinks.sink import Picture, Sink, SinkError

Activity = Literal["opening", "on", "closing", "closed", "failed"]
RATE_S = 1.0
"""Seconds over which pictures per second are counted."""
BEFORE_S = 5.0
"""Seconds that a sink waits for the one before it, which may hold the same device."""
MAX_TIMES = 512

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SinkReport:
    """The state of a sink at one moment.

    `problem` is why it has failed, one sentence; `taken` and `dropped` count pictures since it was
    opened, and `per_s` are those taken in the last second.
    """

    title: str
    activity: Activity = "closed"
    problem: str = ""
    status: str = ""
    taken: int = 0
    dropped: int = 0
    per_s: float = 0.0


class SinkRunner:
    """Opens a sink in a thread of its own and hands it pictures until it is closed or fails.

    Args:
        title: of the sink, for people: "NDI".
        open_sink: opens the sink; called in the thread, where a library may take its time.
        capacity: of the queue of pictures that wait; the oldest are dropped beyond.  1 gives the
            sink always the newest, more keeps the order through a delay.
        changed: called in the thread after the sink was opened, has failed or was closed.
        after: the runner that is closing and may still hold the same device.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        title: str,
        open_sink: Callable[[], Sink],
        *,
        capacity: int = 1,
        changed: Callable[[], object] = lambda: None,
        after: SinkRunner | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title = title
        self._open, self._changed, self._after, self._clock = open_sink, changed, after, clock
        self._capacity = capacity
        self._waiting: deque[Picture] = deque()
        self._times: deque[float] = deque(maxlen=MAX_TIMES)
        self._news = threading.Condition()
        self._ending = False
        self._activity: Activity = "opening"
        self._problem = ""
        self._sink: Sink | None = None
        self._taken = self._dropped = 0
        self.thread = threading.Thread(target=self._main, name=f"sink {title}", daemon=True)
        self.thread.start()

    def take(self, picture: Picture) -> None:
        """Hand over a picture; this never waits."""
        with self._news:
            if self._ending or self._activity == "failed":
                return
            if len(self._waiting) >= self._capacity:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(picture)
            self._news.notify()

    def close(self, timeout_s: float = 0.0) -> bool:
        """Let the sink take what waits, and close it.

        Args:
            timeout_s: wait for this at most so long.

        Returns:
            Whether it is closed.
        """
        with self._news:
            self._ending = True
            if self._activity in ("opening", "on"):
                self._activity = "closing"
            self._news.notify()
        self.thread.join(timeout_s)
        return not self.thread.is_alive()

    @property
    def report(self) -> SinkReport:
        """The current state."""
        sink, now_s = self._sink, self._clock()
        with self._news:
            recent = sum(1 for at_s in self._times if now_s - at_s <= RATE_S)
            return SinkReport(
                self.title,
                self._activity,
                self._problem,
                "" if sink is None else _status(sink),
                self._taken,
                self._dropped,
                recent / RATE_S,
            )

    # -- in the thread -----------------------------------------------------------------------

    def _main(self) -> None:
        problem = ""
        try:
            self._wait_for_other()
            if not self._ending:
                self._sink = self._open()
                self._is_now("on", while_in="opening")
                self._hand_over(self._sink)
        except BaseException as error:  # a foreign library must not take the window away
            problem = _sentence(self.title, error)
        problem = self._close_sink() or problem
        with self._news:
            self._waiting.clear()
            self._problem, self._after = problem, None
            self._activity = "failed" if problem else "closed"
        self._changed()

    def _wait_for_other(self) -> None:
        if self._after is not None:
            self._after.thread.join(BEFORE_S)
            if self._after.thread.is_alive():
                raise SinkError(
                    f"{self.title} has not released its device since it was switched off. "
                    "Try again later, or restart the program."
                )

    def _is_now(self, activity: Activity, while_in: Activity) -> None:
        with self._news:
            if self._activity == while_in:
                self._activity = activity
        self._changed()

    def _hand_over(self, sink: Sink) -> None:
        last: Picture | None = None
        while True:
            picture = self._next(sink.repeat_s if last is not None else None)
            if picture is None and self._ending:
                return
            last = picture or last
            if last is not None:
                sink.take(last)
                with self._news:
                    self._taken += picture is not None
                    self._times.append(self._clock())

    def _next(self, timeout_s: float | None) -> Picture | None:
        """The next picture; None when there is none in time, or none any more."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self._ending, timeout_s)
            return self._waiting.popleft() if self._waiting else None

    def _close_sink(self) -> str:
        sink, self._sink = self._sink, None
        if sink is None:
            return ""
        try:
            sink.close()
        except BaseException as error:  # as above
            return _sentence(self.title, error)
        return ""


def _sentence(title: str, error: BaseException) -> str:
    """Return why a sink has stopped."""
    if isinstance(error, ExplainedError):
        return error.sentence
    logger.error("the output %s failed", title, exc_info=error)
    reason = str(error).strip().partition("\n")[0]
    return f"{title} has stopped: {type(error).__name__}{f': {reason}' if reason else ''}"


def _status(sink: Sink) -> str:
    try:
        return sink.status
    except Exception:  # it may be closing at this very moment
        return ""
