"""The batches of one process, read ahead on a thread while the networks train."""

from __future__ import annotations

import queue
import threading

from torch import Tensor

from stylegan_t.data.sources import Pictures, Source

AHEAD = 2
WAIT_S = 0.2


class Loader:
    """Gives a process's share of one step after another.

    Args:
        source: where pictures come from, standing where the run does.
        groups: the groups of this process.
        ahead: batches to have ready; 0 reads each when it is wanted, on the caller's thread.
    """

    def __init__(self, source: Source, groups: range, ahead: int = AHEAD) -> None:
        self._source, self._groups = source, groups
        self._ready: queue.Queue[tuple[Pictures, Tensor] | Exception] = queue.Queue(max(ahead, 1))
        self._closed = threading.Event()
        self.positions = source.positions(groups)
        """Positions of the groups after the last batch that `next` gave: a snapshot keeps them."""
        self._thread = threading.Thread(target=self._work, name="loader", daemon=True)
        self._threaded = ahead > 0
        if self._threaded:
            self._thread.start()

    def next(self) -> Pictures:
        """The next step's pictures.

        Raises:
            TrainingError: nothing can be read any more.
        """
        found = self._ready.get() if self._threaded else self._read()
        if isinstance(found, Exception):
            raise found
        pictures, self.positions = found
        return pictures

    def close(self) -> None:
        """Stop reading."""
        self._closed.set()
        if self._threaded:
            self._thread.join()

    def _read(self) -> tuple[Pictures, Tensor]:
        pictures = self._source.take(self._groups)
        return pictures, self._source.positions(self._groups)

    def _work(self) -> None:
        while not self._closed.is_set():
            found: tuple[Pictures, Tensor] | Exception
            try:
                found = self._read()
            except Exception as error:  # handed over to the thread that trains, and raised there
                found = error
            while not self._closed.is_set():
                try:
                    self._ready.put(found, timeout=WAIT_S)
                    break
                except queue.Full:
                    continue
            if isinstance(found, Exception):
                return
