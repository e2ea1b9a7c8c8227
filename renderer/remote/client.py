"""The window's side of the line: what `RenderThread` is to a renderer in this process.

Of recipes only the newest waits to be sent.  Whatever was asked for and not answered is asked again
on the next line, see `renderer.remote.line_keeper`.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from renderer.errors import PictureError
from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.frame.status import Status
from renderer.pipeline.futures import settle_from
from renderer.recipe.identity import Needs, needs
from renderer.recipe.recipe import Recipe
from renderer.remote import calls, proxy
from renderer.remote.arrivals import Arrivals
from renderer.remote.calls import Procedure
from renderer.remote.connection import Connection
from renderer.remote.line_keeper import Connecting, LineKeeper
from renderer.remote.messages import (
    Advance,
    Answer,
    Band,
    Failure,
    FrameMessage,
    FromRenderer,
    GiveUp,
    Model,
    Note,
    Preview,
    RendererState,
    Seen,
    Submit,
    Timing,
    Wanted,
    Welcome,
)
from renderer.remote.outbox import Outbox
from renderer.remote.pending_calls import PendingCalls
from renderer.remote.there import RendererThere
from renderer.remote.wire import LineError
from renderer.remote.wish_list import WishList
from renderer.remote.work_thread import WorkThread
from stylegan_t.progress import Progress

logger = logging.getLogger(__name__)
T = TypeVar("T")

NOTES_KEPT = 20
MAX_STOPS = 3
"""Times that a renderer of this computer may stop over one picture, before it is given up: it may
be what stops it."""
STOPPED = "The renderer stopped every time that it drew this picture: {}. Change it and try again."


class RemoteThread(RendererThere):
    """A renderer at the other end of a line; see `renderer.pipeline.render_thread.RenderThread`.

    All methods may be called from any thread.

    Args:
        connect: opens a line; raises `LineError`.
        name: of the place, for people: "user@host".
        wake: called when there is something new to look at.
        pictures: how they travel.
        elsewhere: its files are not those of this computer.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        name: str,
        wake: Callable[[], None] | None = None,
        pictures: Wanted = "auto",
        *,
        elsewhere: bool = True,
    ) -> None:
        super().__init__(name, elsewhere=elsewhere)
        self._wake = wake
        self._lock = threading.Lock()
        doing = f"Connecting to {name}" if elsewhere else "Starting the renderer"
        self._status = Status("starting", doing)
        self._numbers = itertools.count(1)
        self._complained = ""
        self._arrivals = Arrivals(elsewhere=elsewhere)
        self._newest: Recipe | None = None
        self._wishes = WishList()
        self._frame: Frame | None = None
        self._calls = PendingCalls()
        self._time_blocks = False
        self._ready = self._stopping = self._answered = False
        self._stops = 0
        self._notes: list[str] = []
        self._left = ""
        self._outbox = Outbox()
        self._line = LineKeeper(
            connect, pictures, self._outbox, self._greeted, self._take, self._lost, self._ticked
        )
        self._work = WorkThread("remote work")

    # -- what the window asks --------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """Return what the renderer is doing, or the line."""
        return self._status

    @property
    def connected(self) -> bool:
        """Tell whether there is a line now."""
        return self._line.connecting is None

    @property
    def connecting(self) -> Connecting | None:
        """Return how far the way to a line is; None where there is one."""
        return None if self._stopping else self._line.connecting

    def hurry(self) -> None:
        """Connect again now, rather than after a pause."""
        self._line.hurry()

    @property
    def ready(self) -> bool:
        """Tell whether there is a line with a renderer at its end."""
        return self._ready

    @property
    def current(self) -> Needs | None:
        """Return what the newest recipe needs; None before the first."""
        newest = self._newest
        return None if newest is None else needs(newest)

    def take_notes(self) -> list[str]:
        """Take what the user should know, each sentence once."""
        with self._lock:
            notes, self._notes = self._notes, []
            return notes

    @property
    def previews_waiting(self) -> int:
        """Previews that were asked for and have not come."""
        return len(self._wishes)

    @property
    def time_blocks(self) -> bool:
        """See `RenderThread.time_blocks`."""
        return self._time_blocks

    @time_blocks.setter
    def time_blocks(self, value: bool) -> None:
        if value != self._time_blocks:
            self._time_blocks = value
            self._outbox.put(Timing(value))

    def start(self) -> None:
        """Connect; once."""
        self._line.start()
        self._work.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Close the line, which ends the renderer; returns whether all has ended in time."""
        self.leave("The renderer has stopped.")
        until_s = time.monotonic() + timeout_s
        over = self._work.ended(timeout_s)
        return self._line.ended(until_s) and over

    def leave(self, why: str) -> None:
        """Close the line without waiting; work in progress fails with `why` as a `PictureError`."""
        with self._lock:
            if self._stopping:
                return
            self._stopping, self._left, self._frame = True, why, None
            self._ready = False
            self._wishes.clear()
        self._status = Status("stopped", "Stopped")
        self._calls.fail_all(PictureError(why))
        self._work.end()
        self._line.close()

    def submit(self, recipe: Recipe) -> None:
        """Ask for the frame of `recipe`; it takes the place of one that still waits."""
        with self._lock:
            if self._stopping or (recipe == self._newest and not self._answered):
                return
            self._stops = self._stops if recipe == self._newest else 0
            self._newest, self._answered = recipe, False
            if self._frame is not None and self._is_stale(self._frame):
                self._frame = None
            self._never_sent += self._outbox.put(self._numbered(recipe))

    def _numbered(self, recipe: Recipe) -> Submit:
        return self._arrivals.submit(next(self._numbers), recipe)

    def take(self) -> Frame | None:
        """The newest frame that was not taken yet, or None."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews; they take the place of all asked for before."""
        with self._lock:
            self._outbox.put(self._wishes.replace(wishes, self._numbers))

    def take_granted(self) -> list[Granted]:
        """The previews that have come since the last call."""
        with self._lock:
            return self._wishes.take()

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do work with the renderer, in turn; it gets a `renderer.remote.proxy.RemoteRenderer`."""
        if self._stopping:
            refused: Future[T] = Future()
            refused.set_exception(PictureError(self._left))
            return refused
        return self._work.do(lambda: work(self.asking(label)))

    def asking(self, label: str) -> proxy.RemoteRenderer:
        """Return the renderer for work on a thread of its own, which waits for no other work."""
        return proxy.RemoteRenderer(self, label)

    def call(
        self,
        procedure: Procedure[Any, Any],
        arguments: Any,
        label: str,
        tell: Progress | None = None,
    ) -> Future[Any]:
        """Have a piece of work done there; the future holds its result, and `tell` hears how far
        it is."""
        with self._lock:
            if self._stopping:
                refused: Future[Any] = Future()
                refused.set_exception(PictureError(self._left))
                return refused
            asked, future = self._calls.add(next(self._numbers), procedure, arguments, label, tell)
            self._outbox.put(asked)
        return future

    def give_up(self, future: Future[Any]) -> None:
        """Tell the renderer that a call is no longer waited for."""
        if (number := self._calls.give_up(future)) is not None:
            self._outbox.put(GiveUp(number))

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Draw a picture for an export; see `renderer.pipeline.painter.Painter`."""
        asked: Future[Frame] = Future()
        answer = self.call(calls.DRAW, calls.Draw(recipe), label)
        asked.add_done_callback(lambda done: done.cancelled() and self.give_up(answer))
        answer.add_done_callback(
            lambda done: settle_from(asked, done, lambda came: proxy.frame_of(came, recipe))
        )
        return asked

    # -- threads ---------------------------------------------------------------------------------

    def _greeted(self, welcome: Welcome) -> None:
        with self._lock:
            self._introduced(welcome)
            self._arrivals.forget_models()
            self._outbox.clear()
            self._outbox.put(Timing(self._time_blocks))
            if self._newest is not None and self._stops < MAX_STOPS:
                self._answered = False
                self._outbox.put(self._numbered(self._newest))
            if self._wishes:
                self._outbox.put(self._wishes.message())
            for asked in self._calls.asked():
                self._outbox.put(asked)
            self._ready = True
        self._show(Status("idle", "Ready"))

    def _lost(self, sentence: str, failures: int) -> None:
        """Tell that there is no line, and why."""
        logger.warning("no line to %s: %s", self._name, sentence)
        was_ready = self._ready
        with self._lock:
            self._state, self._ready = None, False
            if not self._met and sentence != self._complained:
                self._complained = sentence
                recipe = self._newest or Recipe()
                said = f"There is no renderer at {self._name}: {sentence}"
                self._frame = Frame(recipe, None, None, said, fault="device")
        if was_ready and not self._elsewhere:
            self._stopped(sentence)
        attempt = f", attempt {failures + 1}" if failures else ""
        text = f"The connection to {self._name} was lost: connecting again"
        if not self._elsewhere:
            text = "The renderer stopped: starting it again"
        elif not self._met:
            text = f"Connecting to {self._name}"
        self._show(Status("starting", f"{text}{attempt}"))

    def _stopped(self, sentence: str) -> None:
        """Tell of a renderer of this computer that stopped, and do not ask again and again for what
        may have stopped it."""
        error = PictureError(STOPPED.format(sentence))
        self._calls.stopped(MAX_STOPS, error)
        with self._lock:
            self._notes.append(f"The renderer stopped and is started again: {sentence}.")
            if self._newest is None or self._answered:
                return
            self._stops += 1
            if self._stops >= MAX_STOPS:
                self._answered = True
                self._frame = Frame(self._newest, None, None, str(error), fault="device")

    def _ticked(self, silent_s: float) -> None:
        """The line has been silent for so long: nothing is done about it before it counts as
        broken."""

    # -- what comes ------------------------------------------------------------------------------

    def _take(self, message: FromRenderer) -> None:
        match message:
            case RendererState():
                self._state = message
                text, share = message.text, message.share
                share = share if share is not None and 0 <= share <= 1 else None
                self._show(Status(message.kind, text, share))
            case Model():
                with self._lock:
                    self._arrivals.model(message)
            case FrameMessage():
                self._take_picture(message)
            case Band():
                self._take_band(message)
            case Preview():
                with self._lock:
                    self._wishes.add(message)
                self._notify()
            case Note(text):
                with self._lock:
                    self._notes = [*self._notes, text][-NOTES_KEPT:]
                self._notify()
            case Advance():
                self._calls.advance(message)
            case Answer(number) | Failure(number):
                self._calls.answer(number, message, self._name)
            case Welcome():
                raise LineError("the renderer said welcome twice")

    def _take_picture(self, came: FrameMessage) -> None:
        self._outbox.put(Seen(came.serial))
        with self._lock:
            frame = self._arrivals.picture(came)
            if frame is None or self._stopping:
                return
            self._answered |= frame.recipe == self._newest and not frame.early
            waiting = self._frame
            early = waiting is not None and frame.early and not waiting.early
            if not early and not self._is_stale(frame):
                self._frame = frame
        self._notify()

    def _take_band(self, came: Band) -> None:
        self._outbox.put(Seen(came.serial))
        with self._lock:
            frame = self._arrivals.band(came)
            if frame is None or self._stopping or self._is_stale(frame):
                return
            if self._frame is None or self._frame.recipe == frame.recipe:
                self._frame = frame
        self._notify()

    def _is_stale(self, frame: Frame) -> bool:
        newest = self._newest
        return newest is None or needs(frame.recipe).model != needs(newest).model

    def _show(self, status: Status) -> None:
        if not self._stopping:
            self._status = status
            self._notify()

    def _notify(self) -> None:
        if self._wake is None:
            return
        try:
            self._wake()
        except Exception:
            logger.exception("waking the window failed")
