"""A thread that does one piece of work after the other and may be left behind."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from renderer.pipeline.futures import settle

T = TypeVar("T")


class WorkThread:
    """An executor with one thread, but a program that ends does not wait for its work."""

    def __init__(self, name: str) -> None:
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin with what waits; once."""
        self._thread.start()

    def do(self, work: Callable[[], T]) -> Future[T]:
        """Do `work` in turn; the future holds its result."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # as concurrent.futures does: it belongs to the asker
                settle(future, error=error)

        self._work.put(run)
        return future

    def end(self) -> None:
        """End after what waits."""
        self._work.put(None)

    def ended(self, timeout_s: float) -> bool:
        """Wait for the end; returns whether it came in time."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
