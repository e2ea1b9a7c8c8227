"""Work that takes its time beside the main loop: it says how far it is, and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from renderer.errors import Abandoned
from visualizer.services.background import Background

T = TypeVar("T")
CLOSE_S = 0.7
"""Seconds that closing waits, in total, for jobs that were stopped."""


class StoppedError(Abandoned):
    """The job was stopped because the user said so."""


class Job:
    """One piece of work.  `share` is how far it is, from 0 to 1; None if unknown."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.share: float | None = None
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Return whether it was told to stop; it may still have to notice."""
        return self._stop.is_set()

    def tell(self, share: float) -> None:
        """Called by the work, on its thread.

        Raises:
            StoppedError: the job is not wanted any more.
        """
        if self.stopped:
            raise StoppedError
        self.share = share

    def stop(self) -> None:
        """Abandon it: no callback comes, and it ends at its next report."""
        self._stop.set()


class Jobs:
    """Starts jobs, each on a thread of its own that does not keep the program from ending.

    Args:
        background: calls back on the main thread's turn.
    """

    def __init__(self, background: Background) -> None:
        self._background = background
        self._running: list[Job] = []
        self._threads: list[threading.Thread] = []

    @property
    def busy(self) -> bool:
        """Return whether something is in work that shows on the screen."""
        return any(not job.stopped for job in self._running)

    def close(self, timeout_s: float = CLOSE_S) -> bool:
        """Stop everything, and wait a little for what notices: what is being written is finished
        or goes away.  Returns whether all of them have ended."""
        for job in self._running:
            job.stop()
        end_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def start(
        self,
        label: str,
        work: Callable[[Job], T],
        done: Callable[[T], None],
        failed: Callable[[str], None],
    ) -> Job:
        """Begin `work`.

        Args:
            label: what it is, in a few words.
            work: gets its job, to `tell` how far it is.
            done: gets the result.
            failed: gets the sentence of whatever went wrong.

        Returns:
            The job: its progress, and how to stop it.
        """
        job, future = Job(label), Future[T]()

        def main() -> None:
            try:
                future.set_result(work(job))
            except BaseException as error:  # raised where the result is awaited
                future.set_exception(error)

        def finish(callback: Callable[[], None]) -> None:
            self._running.remove(job)
            if not job.stopped:
                callback()

        self._running.append(job)
        self._background.watch(
            future,
            lambda result: finish(lambda: done(result)),
            lambda sentence: finish(lambda: failed(sentence)),
        )
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=main, name=label, daemon=True)
        self._threads.append(thread)
        thread.start()
        return job
