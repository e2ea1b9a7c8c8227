"""Several renderers that share the work which needs no particular one: exports and previews.

The picture of the window stays on the first.  Beside it there may be workers, each a process with a
device of its own; they begin with the first work that can be shared, and whatever a worker leaves
undone when it stops is done by the others.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.pipeline.futures import settle, settle_as
from renderer.pipeline.painter import (
    ENDED,
    MakeWorker,
    Painter,
    Worker,
    WorkerHangsError,
    WorkerStoppedError,
)
from renderer.pipeline.shared_wishes import SharedWishes
from renderer.recipe.identity import Needs
from renderer.recipe.recipe import Recipe

T = TypeVar("T")
MAX_STOPS = 3
"""Workers that may stop while they draw one picture, before it is given up: it may be what stops
them."""


@dataclass(eq=False)
class _Task:
    recipe: Recipe
    label: str
    future: Future[Frame] = field(default_factory=Future)
    stops: int = 0


class Pool:
    """Shares draws and previews among a first renderer and its workers.  From any thread.

    Args:
        first: draws the picture of the window, too.
        workers: make those beside it.
        wake: called from any thread when a worker has something new to look at.
    """

    def __init__(
        self,
        first: Painter,
        workers: Sequence[MakeWorker] = (),
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._first, self._wake = first, wake
        self._make, self._workers = tuple(workers), list[Worker]()
        self._lock = threading.RLock()
        self._tasks: deque[_Task] = deque()
        self._busy: dict[Painter, int] = {}
        self._wishes = SharedWishes(first)
        self._notes: list[str] = []
        self._told: set[Worker] = set()
        self._stopped = False

    @property
    def width(self) -> int:
        """Pictures that are worth asking for at once."""
        return sum(painter.width for painter in self._painters())

    @property
    def current(self) -> Needs | None:
        """The things that the newest recipe of the window needs; None before the first."""
        return self._first.current

    @property
    def workers(self) -> tuple[int, int]:
        """Number of workers, begun or not, and of those that take work now; also where the first
        has some of its own."""
        count, ready = self._first.workers
        return len(self._make) + count, len(self._painters()) - 1 + ready

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Draw a picture for an export with whichever renderer is free; see `Painter.draw`."""
        task = _Task(recipe, label)
        with self._lock:
            self._tasks.append(task)
        self._begin()
        self._deal()
        return task.future

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do other work with the first renderer, in turn."""
        return self._first.run(work, label)

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews, the most wanted first; they take the place of all asked for before."""
        if not self._make:
            self._first.wish(wishes)
            return
        if wishes and self._first.current is not None:
            self._begin()
        with self._lock:
            self._wishes.replace(wishes, self._painters())

    def take_granted(self) -> list[Granted]:
        """The previews that were made since the last call."""
        if not self._make:
            return self._first.take_granted()
        with self._lock:
            return self._wishes.granted(self._painters())

    def take_notes(self) -> list[str]:
        """Take what the user should know of all renderers, each sentence once."""
        with self._lock:
            for painter in (self._first, *self._workers):
                self._notes += painter.take_notes()
            notes, self._notes = self._notes, []
            return notes

    def stop(self, timeout_s: float = 0.0, why: str = ENDED) -> bool:
        """End the workers, not the first; pictures that wait fail with `why` as a `PictureError`.

        Returns:
            Whether all workers have ended in time.
        """
        with self._lock:
            self._stopped = True
            workers, self._workers = self._workers, []
            tasks, self._tasks = self._tasks, deque()
        for task in tasks:
            settle(task.future, error=PictureError(why))
        ended = [worker.stop(timeout_s) for worker in workers]  # all of them, whichever is slow
        return all(ended)

    # -- on any thread ---------------------------------------------------------------------------

    def _begin(self) -> None:
        """Start the workers, with the first work that they can share."""
        with self._lock:
            if self._workers or self._stopped:
                return
            self._workers = [make(self._news) for make in self._make]
            workers = list(self._workers)
        for worker in workers:
            worker.start()

    def _painters(self) -> list[Painter]:
        with self._lock:
            return [self._first, *(worker for worker in self._workers if worker.ready)]

    def _news(self) -> None:
        self._deal()
        self._wake()

    def _deal(self) -> None:
        """Give what waits to those that have room, the least busy first."""
        while True:
            with self._lock:
                while self._tasks and self._tasks[0].future.cancelled():
                    self._tasks.popleft()
                free = [p for p in self._painters() if self._busy.get(p, 0) < p.width]
                if not (self._tasks and free):
                    return
                painter = min(free, key=lambda p: self._busy.get(p, 0) / p.width)
                task = self._tasks.popleft()
                self._busy[painter] = self._busy.get(painter, 0) + 1
            asked = painter.draw(task.recipe, task.label)
            task.future.add_done_callback(partial(_given_up, asked))
            asked.add_done_callback(partial(self._drawn, task, painter))

    def _drawn(self, task: _Task, painter: Painter, asked: Future[Frame]) -> None:
        with self._lock:
            self._busy[painter] -= 1
        error = None if asked.cancelled() else asked.exception()
        if isinstance(error, WorkerStoppedError):
            self._again(task, painter, error)
        else:
            settle_as(task.future, asked)
        self._deal()

    def _again(self, task: _Task, painter: Painter, error: WorkerStoppedError) -> None:
        """Let another one draw what a worker has left undone, unless that is what stops them."""
        task.stops += 1
        with self._lock:
            if task.stops < MAX_STOPS and not self._stopped:
                self._tasks.appendleft(task)
                if not isinstance(error, WorkerHangsError):  # one that hangs has told so itself
                    self._tell_of(painter)
                return
        settle(task.future, error=error)

    def _tell_of(self, painter: Painter) -> None:
        """Note once that a worker has stopped; the caller holds the lock."""
        for worker in self._workers:
            if worker is painter and worker not in self._told:
                self._told.add(worker)
                self._notes.append(
                    f"The worker on {worker.name} stopped and is started again; the others "
                    "draw its pictures."
                )


def _given_up(asked: Future[Frame], future: Future[Frame]) -> None:
    if future.cancelled():
        asked.cancel()
