"""The render thread: one slot in, the newest recipe wins; one slot out, the newest frame waits.

The thread owns its `Renderer`, so models load and pictures are computed without the user interface
waiting for either.  Other work (exports) takes turns with recipes on the same thread; previews are
made when nothing else is to be done.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from renderer.errors import Abandoned, PictureError
from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame
from renderer.frame.preview import MAX_WISHES, Granted, Wish, shrunk
from renderer.frame.status import RENDERING, Status
from renderer.models.device import Device, choose, give_way
from renderer.models.memory import trim_heap
from renderer.models.store import Loader
from renderer.models.text_towers import OpenTower, open_tower
from renderer.pipeline.futures import settle, settle_as
from renderer.pipeline.loading import Activity
from renderer.pipeline.painter import ENDED
from renderer.pipeline.preemption import Patience
from renderer.pipeline.renderer import Renderer
from renderer.recipe.identity import Needs, needs
from renderer.recipe.recipe import Recipe

logger = logging.getLogger(__name__)

T = TypeVar("T")
REST_S = 1.0
"""Seconds without work after which free memory is given back, which takes about a millisecond."""


@dataclass(eq=False)
class _Job:
    work: Callable[[Renderer], Any]
    label: str
    future: Future[Any]


class RenderThread:
    """Renders the newest recipe on its own thread.

    All methods may be called from any thread.

    Args:
        device: see `renderer.models.device.choose`.
        wake: called from the render thread when there is something new to look at: a frame, a
            finished job, a load that begins or ends, the stop.  It must be quick.
        load: reads checkpoints; `stylegan_t.load` unless given.
        open_tower: opens text towers; `stylegan_t.encoders.towers.open_tower` unless given.

    Raises:
        DeviceError: the device is not there.
    """

    def __init__(
        self,
        device: str | Device = "auto",
        wake: Callable[[], None] | None = None,
        *,
        load: Loader | None = None,
        open_tower: OpenTower = open_tower,
    ) -> None:
        self._device = device if isinstance(device, Device) else choose(device)
        self._wake = wake
        self._load, self._open_tower = load, open_tower
        self._changed = threading.Condition()
        self._waiting: Recipe | None = None
        self._running: Recipe | None = None
        self._jobs: deque[_Job] = deque()
        self._job_is_next = False
        self._wishes: deque[Wish] = deque()
        self._wish_in_work: Wish | None = None
        self._granted: deque[Granted] = deque(maxlen=MAX_WISHES)  # who takes none wants no more
        self._frame: Frame | None = None
        self._newest_needs: Needs | None = None
        self._running_needs: Needs | None = None
        self._stopping = False
        self._left = ""
        self._job: _Job | None = None
        self._works, self._beat_s = False, time.monotonic()
        self._status = self._before_load = Status("starting", "Starting")
        self._patience = Patience()
        self.counts = Counts()
        """Counts of recipes without a picture; for reading only."""
        self.time_blocks = False
        """See `renderer.pipeline.renderer.Renderer.time_blocks`; from the next picture on."""
        self._thread = threading.Thread(target=self._main, name="render", daemon=True)

    @property
    def device(self) -> Device:
        """Return where the thread computes."""
        return self._device

    @property
    def device_name(self) -> str:
        """The device's name for people."""
        return self._device.name

    @property
    def device_kind(self) -> str:
        """Return where it computes: "cuda", "mps" or "cpu"."""
        return self._device.kind

    @property
    def status(self) -> Status:
        """Return what the thread is doing now; a recipe that waits to be begun counts as begun."""
        status = self._status
        return RENDERING if status.kind == "idle" and self._waiting is not None else status

    @property
    def quiet_s(self) -> float:
        """For how long it has given no sign of life during work, in seconds; 0 while
        it rests.  It gives one between blocks, stages and prompts, and while a load gets on."""
        return time.monotonic() - self._beat_s if self._works else 0.0

    def start(self) -> None:
        """Start the thread; once."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Give up what is in work, cancel waiting jobs, and end the thread.

        Returns:
            Whether it ended in time.  It cannot in the middle of a single block or tensor; the
            thread is a daemon, so the program may end regardless.
        """
        with self._changed:
            self._stopping = True
            self._waiting = self._frame = None
            self._changed.notify_all()
        if self._thread.ident is None:
            self._close()
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def leave(self, why: str) -> None:
        """Leave a thread to itself that does not answer: it ends once it goes on.

        Args:
            why: the sentence that callers waiting for a job get, as a `PictureError`.
        """
        with self._changed:
            self._stopping, self._left = True, why
            self._waiting = self._frame = None
            self._granted.clear()
            jobs, self._jobs = list(self._jobs), deque()
            if self._job is not None:
                jobs.append(self._job)
            self._changed.notify_all()
        for job in jobs:
            settle(job.future, error=PictureError(why))

    def submit(self, recipe: Recipe) -> None:
        """Ask for the frame of `recipe`; it takes the place of one that still waits.

        A frame of another model that was not taken yet is dropped.  A recipe that is being
        rendered already is not begun again.
        """
        with self._changed:
            if self._stopping:
                return
            self._newest_needs = needs(recipe)
            if self._frame is not None and self._is_stale(self._frame):
                self._frame = None
            self.counts.not_begun += self._waiting not in (None, recipe)
            self._waiting = None if recipe == self._running else recipe
            self._changed.notify_all()

    def take(self) -> Frame | None:
        """The newest frame that was not taken yet, or None."""
        with self._changed:
            frame, self._frame = self._frame, None
            return frame

    @property
    def previews_waiting(self) -> int:
        """Previews that were asked for and are not begun."""
        return len(self._wishes)

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews, the most wanted first; they take the place of all asked for before.

        Only a wish that says so loads another model than the one that is in use.  They
        come through `take_granted`, each once, while there is no other work.
        """
        with self._changed:
            self._wishes = deque(one for one in wishes[:MAX_WISHES] if one != self._wish_in_work)
            self._changed.notify_all()

    def take_granted(self) -> list[Granted]:
        """The previews that were made since the last call."""
        with self._changed:
            granted = list(self._granted)
            self._granted.clear()
            return granted

    def run(self, work: Callable[[Renderer], T], label: str) -> Future[T]:
        """Do other work with the renderer on the thread's turn: an export, a load.

        Args:
            work: gets the renderer.  `Renderer.render` inside raises `Abandoned` on `stop`.
            label: what to show as status meanwhile.

        Returns:
            Holds the result or the exception of `work`; cancelled if the thread stops before.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._left:
                future.set_exception(PictureError(self._left))
                return future
            if self._stopping:
                future.cancel()
                return future
            self._jobs.append(_Job(work, label, future))
            self._changed.notify_all()
        return future

    def take_notes(self) -> list[str]:
        """See `renderer.pipeline.painter.Painter`; it tells all with its frames."""
        return []

    @property
    def workers(self) -> tuple[int, int]:
        """Return none: they are beside it, see `renderer.pipeline.pool`."""
        return 0, 0

    @property
    def width(self) -> int:
        """Return the number of pictures worth asking for at once: the window's goes between."""
        return 1

    @property
    def current(self) -> Needs | None:
        """The things that the newest recipe needs; None before the first."""
        return self._newest_needs

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Draw a picture for an export; see `renderer.pipeline.painter.Painter`."""
        asked: Future[Frame] = Future()

        def work(renderer: Renderer) -> Frame:
            frame = renderer.render(recipe, asked.cancelled)
            if frame.image is not None:
                frame.pixels()  # fetched here, where the device is used
            return frame

        self.run(work, label).add_done_callback(partial(settle_as, asked))
        return asked

    # -- on the thread -----------------------------------------------------------------------

    def _main(self) -> None:
        try:
            give_way()
            renderer = Renderer(
                self._device,
                load=self._load,
                open_tower=self._open_tower,
                watch=self._watch,
                interrupt=self._interrupted,
            )
            while (task := self._next_task()) is not None:
                if isinstance(task, _Job):
                    self._do_job(renderer, task)
                elif isinstance(task, Wish):
                    self._do_wish(renderer, task)
                else:
                    self._do_recipe(renderer, task)
        except Exception:
            # Nothing above is expected to raise; if it does, waiting futures must not hang.
            logger.exception("the render thread ended early")
            self.leave(ENDED)
        finally:
            self._close()

    def _interrupted(self) -> bool:
        self._beat_s = time.monotonic()
        return self._stopping

    def _next_task(self) -> Recipe | _Job | Wish | None:
        """Wait for work; None means stop.  Recipes and jobs take turns when both wait."""
        with self._changed:
            rest_s: float | None = REST_S
            while not (self._stopping or self._waiting or self._jobs or self._wishes):
                self._status, self._works = Status("idle", "Ready"), False
                if not self._changed.wait(rest_s):
                    rest_s = None  # once is enough, until there was work again
                    trim_heap()
            self._beat_s, self._works = time.monotonic(), True
            if self._stopping:
                return None
            if not (self._waiting or self._jobs):
                self._wish_in_work = self._wishes.popleft()
                return self._wish_in_work
            if self._jobs and (self._job_is_next or self._waiting is None):
                self._job_is_next = False
                return self._jobs.popleft()
            self._status = RENDERING  # before nothing waits: it never looks idle in between
            recipe, self._waiting = self._waiting, None
            self._running, self._job_is_next = recipe, True
            return recipe

    def _do_recipe(self, renderer: Renderer, recipe: Recipe) -> None:
        wanted = needs(recipe)
        if wanted != self._running_needs:
            self._running_needs, self._patience = wanted, Patience()
        self._patience.begin()
        try:
            renderer.time_blocks = self.time_blocks
            frame = renderer.render(recipe, abandon=self._should_abandon, early=self._show_early)
        except Abandoned:
            self._patience.given_up()
            with self._changed:
                self.counts.given_up += not self._stopping
                self._running = None
                # Asked for again at the very moment when it was given up for another.
                self._waiting = self._waiting or recipe
            return
        except Exception as error:
            # The renderer answers with frames; should it fail at that too, this is the answer.
            logger.exception("the renderer failed")
            sentence = f"This picture could not be rendered: {type(error).__name__}: {error}"
            frame = Frame(recipe, None, None, sentence, device=self._device.name)
        self._patience.finished()
        with self._changed:
            self._running = None
            if self._stopping or self._is_stale(frame):
                return
            self.counts.not_shown += self._frame is not None and not self._frame.early
            self._frame = frame
            if not (self._waiting or self._jobs):
                self._status = Status("idle", "Ready")
        self._notify()

    def _show_early(self, frame: Frame) -> None:
        """A coarse picture of the one in work."""
        with self._changed:
            if self._stopping or self._is_stale(frame):
                return
            if self._frame is not None and not self._frame.early:
                return  # a whole picture that was not taken yet is worth more
            self._frame = frame
        self._notify()

    def _do_wish(self, renderer: Renderer, wish: Wish) -> None:
        """Make a preview, unless something else comes up: then it is wished for again."""
        pixels = None
        try:
            current = self._running_needs
            if wish.loads or needs(wish.recipe) == current:
                frame = renderer.render(wish.recipe, abandon=self._has_better_to_do)
                if current is not None:  # others go first
                    renderer.use(current.model, current.precision)
                pixels = None if frame.image is None else shrunk(frame, wish.size_px)
        except Abandoned:
            with self._changed:
                self._wishes.appendleft(wish)
                self._wish_in_work = None
            return
        except Exception as error:  # a preview that cannot be made small: there is none
            logger.warning("a preview failed: %s", renderer.explained(error))
        with self._changed:
            self._granted.append(Granted(wish, pixels))
            self._wish_in_work = None
        self._notify()

    def _has_better_to_do(self) -> bool:
        return self._waiting is not None or bool(self._jobs)

    def _do_job(self, renderer: Renderer, job: _Job) -> None:
        if not job.future.set_running_or_notify_cancel():
            return
        self._status, self._job = Status("rendering", job.label), job
        self._notify()
        try:
            settle(job.future, job.work(renderer))
        except Exception as error:
            settle(job.future, error=renderer.explained(error))
        except BaseException as error:  # as concurrent.futures does: it belongs to the asker
            settle(job.future, error=error)
        self._job = None
        self._status = Status("idle", "Ready")
        self._notify()

    def _should_abandon(self) -> bool:
        if self._waiting is None:
            return False
        if self._newest_needs != self._running_needs:
            return True
        # A load is never started again for a recipe that needs the same.
        return self._status.kind != "loading" and self._patience.over()

    def _is_stale(self, frame: Frame) -> bool:
        newest = self._newest_needs
        return newest is None or needs(frame.recipe).model != newest.model

    def _watch(self, activity: Activity, text: str, share: float | None) -> None:
        self._beat_s = time.monotonic()
        if activity == "loading":
            if self._status.kind != "loading":
                self._before_load = self._status
            self._status = Status("loading", text, share)
        elif activity == "drawing":
            if self._status.kind == "rendering":  # not while a preview is drawn
                self._status = dataclasses.replace(self._status, share=share)
                self._patience.told(share or 0.0)
        else:
            self._status = self._before_load
            self._patience.begin()
        self._notify()

    def _notify(self) -> None:
        if self._wake is None:
            return
        try:
            self._wake()
        except Exception:
            logger.exception("waking the window failed")

    def _close(self) -> None:
        with self._changed:
            self._stopping = True
            jobs, self._jobs = list(self._jobs), deque()
            self._status, self._works = Status("stopped", "Stopped"), False
        for job in jobs:
            job.future.cancel()
        self._notify()
