"""The window's side of the line: what `RenderThread` is to a renderer in this process.

Of recipes only the newest waits to be sent.  Whatever was asked for and not answered is asked again
on the next line, see `renderer.remote.line_keeper`.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from renderer.errors import Fault, PictureError
from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame, ModelInfo
from renderer.frame.preview import MAX_WISHES, Granted, Wish
from renderer.pipeline.render_thread import Status
from renderer.recipe.identity import needs
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import Recipe
from renderer.remote import frames
from renderer.remote.bands import Assembly
from renderer.remote.calls import Procedure
from renderer.remote.connection import Connection
from renderer.remote.line_keeper import LineKeeper
from renderer.remote.messages import (
    Answer,
    Band,
    Call,
    Failure,
    FrameMessage,
    FromRenderer,
    GiveUp,
    Model,
    NumberedWish,
    Preview,
    RendererState,
    Seen,
    Submit,
    Timing,
    Wanted,
    Welcome,
    Wishes,
    encode,
)
from renderer.remote.outbox import Outbox
from renderer.remote.pixels import unpacked
from renderer.remote.proxy import RemoteRenderer
from renderer.remote.wire import LineError
from stylegan_t.errors import BROKEN_JSON

logger = logging.getLogger(__name__)
T = TypeVar("T")

SUBMITS_KEPT = 256
MODELS_KEPT = 64
FOUND_THERE: dict[Fault, Fault] = {"missing": "model", "missing second": "second"}


class RemoteThread:
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
        self._name, self._wake, self._elsewhere = name, wake, elsewhere
        self._lock = threading.Lock()
        doing = f"Connecting to {name}" if elsewhere else "Starting the renderer"
        self._status = Status("starting", doing)
        self._device, self._kind = name, "cpu"
        self._state: RendererState | None = None
        self._number = self._never_sent = 0
        self._complained = ""
        self._submitted: OrderedDict[int, Recipe] = OrderedDict()
        self._newest: Recipe | None = None
        self._wished: dict[int, Wish] = {}
        self._granted: list[Granted] = []
        self._frame: Frame | None = None
        self._assembly = Assembly()
        self._models: dict[int, ModelInfo] = {}
        self._calls: dict[int, tuple[Call, Procedure[Any, Any], Future[Any]]] = {}
        self._time_blocks = False
        self._met = self._stopping = self._answered = False
        self._left = ""
        self._outbox = Outbox()
        self._line = LineKeeper(
            connect, pictures, self._outbox, self._greeted, self._take, self._lost
        )
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._worker = threading.Thread(target=self._do_work, name="remote work", daemon=True)

    # -- what the window asks --------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """Return what the renderer is doing, or the line."""
        return self._status

    @property
    def device_name(self) -> str:
        """Return the name of the device, and where it is."""
        return self._device

    @property
    def device_kind(self) -> str:
        """Return where it computes: "cuda", "mps" or "cpu"."""
        return self._kind

    @property
    def quiet_s(self) -> float:
        """For how long the renderer has given no sign of life during work, in seconds."""
        state = self._state
        return 0.0 if state is None else state.quiet_s

    @property
    def counts(self) -> Counts:
        """Return the counts of recipes without a picture, those that never left included."""
        there = Counts() if self._state is None else self._state.counts
        return replace(there, not_begun=there.not_begun + self._never_sent)

    @property
    def previews_waiting(self) -> int:
        """Previews that were asked for and have not come."""
        return len(self._wished)

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
        self._worker.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Close the line, which ends the renderer; returns whether all has ended in time."""
        self.leave("The renderer has stopped.")
        until_s = time.monotonic() + timeout_s
        if self._worker.ident is not None:
            self._worker.join(timeout_s)
        return self._line.ended(until_s) and not self._worker.is_alive()

    def leave(self, why: str) -> None:
        """Close the line without waiting; work in progress fails with `why` as a `PictureError`."""
        with self._lock:
            if self._stopping:
                return
            self._stopping, self._left, self._frame = True, why, None
            waiting = [future for _, _, future in self._calls.values()]
            self._calls.clear()
            self._granted.clear()
        self._status = Status("stopped", "Stopped")
        for future in waiting:
            _fail(future, PictureError(why))
        self._work.put(None)
        self._line.close()

    def submit(self, recipe: Recipe) -> None:
        """Ask for the frame of `recipe`; it takes the place of one that still waits."""
        with self._lock:
            if self._stopping or (recipe == self._newest and not self._answered):
                return
            self._newest, self._answered = recipe, False
            if self._frame is not None and self._is_stale(self._frame):
                self._frame = None
            self._never_sent += self._outbox.put(self._numbered(recipe))

    def _numbered(self, recipe: Recipe) -> Submit:
        self._number += 1
        self._submitted[self._number] = recipe
        while len(self._submitted) > SUBMITS_KEPT:
            self._submitted.popitem(last=False)
        return Submit(self._number, recipe)

    def take(self) -> Frame | None:
        """The newest frame that was not taken yet, or None."""
        with self._lock:
            frame, self._frame = self._frame, None
            return frame

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Ask for previews; they take the place of all asked for before."""
        with self._lock:
            self._wished = {}
            for wish in wishes[:MAX_WISHES]:
                self._number += 1
                self._wished[self._number] = wish
            self._outbox.put(self._wishes())

    def _wishes(self) -> Wishes:
        return Wishes(
            [
                NumberedWish(number, wish.recipe, wish.size_px, wish.loads)
                for number, wish in self._wished.items()
            ]
        )

    def take_granted(self) -> list[Granted]:
        """The previews that have come since the last call."""
        with self._lock:
            granted, self._granted = self._granted, []
            return granted

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do work with the renderer, in turn; it gets a `renderer.remote.proxy.RemoteRenderer`."""
        future: Future[T] = Future()

        def do() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(RemoteRenderer(self, label)))
            except BaseException as error:  # as concurrent.futures does: it belongs to the asker
                future.set_exception(error)

        if self._stopping:
            future.set_exception(PictureError(self._left))
        else:
            self._work.put(do)
        return future

    def call(self, procedure: Procedure[Any, Any], arguments: Any, label: str) -> Future[Any]:
        """Have a piece of work done there; the future holds its result."""
        outer: Future[Any] = Future()
        with self._lock:
            if self._stopping:
                outer.set_exception(PictureError(self._left))
                return outer
            self._number += 1
            raw = msgspec.Raw(encode(arguments))
            asked = Call(self._number, procedure.name, raw, label)
            self._calls[self._number] = (asked, procedure, outer)
            self._outbox.put(asked)
        return outer

    def give_up(self, future: Future[Any]) -> None:
        """Tell the renderer that a call is no longer waited for."""
        with self._lock:
            for number, (_, _, known) in list(self._calls.items()):
                if known is future:
                    del self._calls[number]
                    self._outbox.put(GiveUp(number))

    # -- threads ---------------------------------------------------------------------------------

    def _do_work(self) -> None:
        while (do := self._work.get()) is not None:
            do()

    def _greeted(self, welcome: Welcome) -> None:
        with self._lock:
            on = f" on {self._name}" if self._elsewhere else ""
            self._device = f"{welcome.device_name}{on}"
            self._kind = welcome.device_kind
            self._models.clear()
            self._met = True
            self._outbox.clear()
            self._outbox.put(Timing(self._time_blocks))
            if self._newest is not None:
                self._outbox.put(self._numbered(self._newest))
            if self._wished:
                self._outbox.put(self._wishes())
            for asked, _, _ in self._calls.values():
                self._outbox.put(asked)
        self._show(Status("idle", "Ready"))

    def _lost(self, sentence: str, failures: int) -> None:
        """Tell that there is no line, and why."""
        logger.warning("no line to %s: %s", self._name, sentence)
        with self._lock:
            self._state = None
            if not self._met and sentence != self._complained:
                self._complained = sentence
                recipe = self._newest or Recipe()
                said = f"There is no renderer at {self._name}: {sentence}"
                self._frame = Frame(recipe, None, None, said, fault="device")
        again = f", attempt {failures + 1}" if failures else ""
        lost = f"The connection to {self._name} was lost: connecting"
        if not self._elsewhere:
            lost = "The renderer stopped: starting it"
        self._show(Status("starting", f"{lost} again{again}"))

    # -- what comes ------------------------------------------------------------------------------

    def _take(self, message: FromRenderer) -> None:
        match message:
            case RendererState():
                self._state = message
                text, share = message.text, message.share
                share = share if share is not None and 0 <= share <= 1 else None
                self._show(Status(message.kind, text, share))
            case Model(number, info):
                if len(self._models) >= MODELS_KEPT:
                    del self._models[next(iter(self._models))]
                self._models[number] = info
            case FrameMessage():
                self._take_picture(message)
            case Band():
                self._take_band(message)
            case Preview(number, pixels):
                with self._lock:
                    wish = self._wished.pop(number, None)
                    if wish is not None:
                        shown = None if pixels is None else unpacked(pixels)
                        self._granted.append(Granted(wish, shown))
                self._notify()
            case Answer(number) | Failure(number):
                self._take_answer(number, message)
            case Welcome():
                raise LineError("the renderer said welcome twice")

    def _take_picture(self, came: FrameMessage) -> None:
        self._outbox.put(Seen(came.serial))
        with self._lock:
            recipe = self._submitted.get(came.number)
            if recipe is None or self._stopping:
                return
            if self._elsewhere and came.fault in FOUND_THERE:  # no file here is the missing one
                came = msgspec.structs.replace(came, fault=FOUND_THERE[came.fault])
            frame = frames.frame(came, recipe, self._info_of)
            if not frame.early:
                self._assembly.begin(frame, came.number)
            self._answered |= recipe == self._newest and not frame.early
            waiting = self._frame
            early = waiting is not None and frame.early and not waiting.early
            if not early and not self._is_stale(frame):
                self._frame = frame
        self._notify()

    def _take_band(self, came: Band) -> None:
        self._outbox.put(Seen(came.serial))
        with self._lock:
            frame = self._assembly.add(came)
            if frame is None or self._stopping or self._is_stale(frame):
                return
            if self._frame is None or self._frame.recipe == frame.recipe:
                self._frame = frame
        self._notify()

    def _take_answer(self, number: int, message: Answer | Failure) -> None:
        with self._lock:
            known = self._calls.pop(number, None)
        if known is None:
            return
        _, procedure, future = known
        if isinstance(message, Failure):
            _fail(future, failure(message.sentence, message.fault))
            return
        try:
            result = procedure.result(message.value)
        except BROKEN_JSON as error:
            _fail(future, PictureError(f"The answer of {self._name} is damaged: {quoted(error)}"))
            return
        with suppress(InvalidStateError):
            future.set_result(result)

    def _info_of(self, number: int | None) -> ModelInfo | None:
        return None if number is None else self._models.get(number)

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


def failure(sentence: str, fault: Fault) -> PictureError:
    """The error of a call that came to nothing there."""
    error = PictureError(sentence)
    error.fault = fault
    return error


def _fail(future: Future[Any], error: BaseException) -> None:
    with suppress(InvalidStateError):
        future.set_exception(error)
