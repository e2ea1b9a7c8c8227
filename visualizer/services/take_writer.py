"""Writes a take while it is played, on a thread of its own: a slow disk holds up nothing."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

from renderer.files.atomic import ExportError
from renderer.files.take_file import TakeFile
from renderer.timeline.take import Sample, thinned

BATCH_S = 0.4
"""Seconds of samples that are thinned and written together: a kill loses these at most."""


class TakeWriter:
    """A take in work; its file grows until `end`.

    Args:
        folder: of the file; made when it is missing.
        changed: called from the thread when the file is there, is finished or cannot be written.
    """

    def __init__(self, folder: Path, changed: Callable[[], object]) -> None:
        self.path: Path | None = None
        """The file, once it is there."""
        self.problem = ""
        """The reason that nothing more is written, one sentence."""
        self.size = self.samples = 0
        self.opened = threading.Event()
        """Set once `path` is known, or that there is none."""
        self._folder, self._changed = folder, changed
        self._queue: queue.SimpleQueue[Sample | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._main, name="take", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Return whether the file is closed."""
        return not self._thread.is_alive()

    def add(self, sample: Sample) -> None:
        """Take the next sample; this never waits."""
        self._queue.put(sample)

    def end(self, timeout_s: float = 0.0) -> bool:
        """Write what waits and close the file; returns whether that was done within the time."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        return self.ended

    # -- on the thread -----------------------------------------------------------------------

    def _main(self) -> None:
        try:
            file = TakeFile(self._folder)
            self.path = file.path
            self.opened.set()
            self._changed()
            self._write(file)
        except ExportError as error:
            self.problem = error.sentence
        except Exception as error:  # a mistake of ours must be told, too
            self.problem = f"Recording has stopped: {type(error).__name__}: {error}"
        self.opened.set()
        self._changed()

    def _write(self, file: TakeFile) -> None:
        try:
            goes_on = True
            while goes_on:
                batch, goes_on = self._batch()
                kept = thinned(batch)
                file.add(kept)
                self.size, self.samples = file.size, self.samples + len(kept)
            file.finish()
        finally:
            file.close()

    def _batch(self) -> tuple[list[Sample], bool]:
        """The samples of the next moment, and whether more may come."""
        batch, until_s = list[Sample](), time.monotonic() + BATCH_S
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                sample = self._queue.get(timeout=left_s)
            except queue.Empty:
                break
            if sample is None:
                return batch, False
            batch.append(sample)
        return batch, True
