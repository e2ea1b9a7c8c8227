"""Many recipes on their way into one file, while the window is used for other things.

The render thread draws a frame whenever it has no picture of the window to make, and so does every
worker beside it; a thread of its own writes the one before meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Future
from pathlib import Path

from renderer.frame.frame import Frame
from renderer.pipeline.batch import Batch, Drawn, frames, write
from visualizer.services.instrument import Desk
from visualizer.services.jobs import Job
from widgets.controls.export_progress import ExportProgress

LOOK_S = 0.05
"""Seconds between two looks of a wait whether the file is still wanted."""
CLOSE_S = 5.0
"""Seconds that closing the window waits until an unfinished file is gone."""


class BatchExport:
    """Writes batches into files, one at a time, and says in the window what came of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._run: _Run | None = None

    @property
    def progress(self) -> ExportProgress | None:
        """Return how far the file in work is; None without one."""
        return self._run and self._run.progress

    def start(self, batch: Batch) -> None:
        """Begin, unless a file is in work."""
        if self._run is None:
            self._run = _Run(self._desk, batch, lambda path: self._saved(path, batch), self._failed)

    def pause(self, paused: bool) -> None:
        """Rest, or go on."""
        if self._run is not None:
            self._run.pause(paused)

    def cancel(self) -> None:
        """Abandon the file in work; nothing of it stays."""
        if self._run is not None:
            self._run.stop()
            self._desk.session.say(f"The {self._run.batch.name} was cancelled; nothing was saved.")
            self._run = None

    def close(self) -> None:
        """Abandon the file in work, and wait until nothing of it is left."""
        if self._run is not None:
            self._run.stop()
            self._run.wait()
            self._run = None

    def _saved(self, path: Path, batch: Batch) -> None:
        self._run, session = None, self._desk.session
        session.last_capture = str(path)
        session.say(f"Saved {path.name}: {batch.count} {batch.part}s.", "good")

    def _failed(self, sentence: str) -> None:
        self._run = None
        self._desk.session.say(sentence, "error")


class _Run:
    """One batch in work; begins at once.

    Args:
        desk: of the window.
        batch: what is drawn; later edits do not change it.
        done: gets the file or folder.
        failed: gets a sentence.
    """

    def __init__(
        self,
        desk: Desk,
        batch: Batch,
        done: Callable[[Path], None],
        failed: Callable[[str], None],
    ) -> None:
        self.batch, self._desk, self._done = batch, desk, 0
        self._goes_on, self._ended = threading.Event(), threading.Event()
        self._goes_on.set()
        self._job = desk.jobs.start(f"Writing a {batch.name}", self._work, done, failed)

    @property
    def progress(self) -> ExportProgress:
        """Return how far it is."""
        done, count, paused = self._done, self.batch.count, not self._goes_on.is_set()
        label = f"{self.batch.part.capitalize()} {min(done + 1, count)} of {count}"
        if done == count:
            label = "Finishing the file"
        return ExportProgress("Paused" if paused else label, done / count, paused)

    def pause(self, paused: bool) -> None:
        """Rest, or go on."""
        (self._goes_on.clear if paused else self._goes_on.set)()

    def stop(self) -> None:
        """Abandon it; the file goes away."""
        self._job.stop()
        self._goes_on.set()

    def wait(self) -> None:
        """Wait until nothing is written any more."""
        self._ended.wait(CLOSE_S)

    # -- on a thread of its own --------------------------------------------------------------

    def _work(self, job: Job) -> Path:
        def tell(done: int) -> None:
            self._done = done
            job.tell(done / self.batch.count)
            self._desk.wake()

        try:
            return write(self.batch.open, self._frames(job), tell).path
        finally:
            self._ended.set()

    def _frames(self, job: Job) -> Iterator[Drawn]:
        """The frames in their order; the next ones are drawn while one is written."""

        def wait(ahead: Future[Frame]) -> None:
            while not (self._goes_on.is_set() and ahead.done()):
                job.tell(self._done / self.batch.count)
                if self._goes_on.wait(LOOK_S):
                    futures.wait([ahead], LOOK_S)

        return frames(self._desk.renderers.pool, self.batch, wait)
