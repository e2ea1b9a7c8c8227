"""The window's side of the line: what `RenderThread` is to a renderer in this process.

A thread connects, reads, and connects again with growing pauses when the line breaks; another one
sends, so that a slow line never holds the window.  Of recipes only the newest waits.  What was
asked for and not answered is asked again on the next line.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO, TypeVar

import msgspec

from renderer.errors import Fault, PictureError
from renderer.files.software import software_name
from renderer.frame.dropped import Counts
from renderer.frame.frame import Frame, ModelInfo
from renderer.frame.preview import MAX_WISHES, Granted, Wish
from renderer.pipeline.render_thread import Status
from renderer.recipe.identity import needs
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import Recipe
from renderer.remote import frames
from renderer.remote.calls import Procedure
from renderer.remote.connection import Connection
from renderer.remote.messages import (
    PROTOCOL,
    Answer,
    Call,
    Failure,
    FromRenderer,
    GiveUp,
    Hello,
    Model,
    NumberedWish,
    Picture,
    Preview,
    Seen,
    State,
    Submit,
    Timing,
    Wanted,
    Welcome,
    Wishes,
    encode,
    from_renderer,
)
from renderer.remote.outbox import Outbox
from renderer.remote.pixels import unpacked
from renderer.remote.proxy import RemoteRenderer
from renderer.remote.wire import (
    BROKEN,
    MAX_MESSAGE,
    EndedError,
    LineError,
    Writer,
    passed_over,
    received,
)
from stylegan_t.errors import BROKEN_JSON

logger = logging.getLogger(__name__)
T = TypeVar("T")

PAUSES_S = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Before each new attempt to connect; the last one again and again."""
LASTING_S = 10.0
"""Seconds after which a line counts as good: when it breaks, the first pause is short again."""
SILENT_S = 20.0
"""Seconds of work without a word after which a line counts as broken."""
MEET_S = 60.0
"""Seconds that a renderer may take to begin: PyTorch may lie on a slow disk."""
SUBMITS_KEPT = 256
MODELS_KEPT = 64
FOUND_THERE: dict[Fault, Fault] = {"missing": "model", "missing second": "second"}
NO_ANSWER = "no renderer answers there."


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
        self._connect, self._name, self._wake = connect, name, wake
        self._elsewhere = elsewhere
        self._pictures: Wanted = pictures
        self._lock = threading.Condition()
        doing = f"Connecting to {name}" if elsewhere else "Starting the renderer"
        self._status = Status("starting", doing)
        self._device, self._kind = name, "cpu"
        self._state: State | None = None
        self._heard_s = time.monotonic()
        self._number = self._never_sent = 0
        self._complained = ""
        self._submitted: OrderedDict[int, Recipe] = OrderedDict()
        self._newest: Recipe | None = None
        self._wished: dict[int, Wish] = {}
        self._granted: list[Granted] = []
        self._frame: Frame | None = None
        self._models: dict[int, ModelInfo] = {}
        self._calls: dict[int, tuple[Call, Procedure[Any, Any], Future[Any]]] = {}
        self._time_blocks = False
        self._connection: Connection | None = None
        self._met = self._stopping = False
        self._left = ""
        self._outbox = Outbox()
        self._writer: Writer | None = None
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True)
            for work, name in (
                (self._main, "remote renderer"),
                (self._send, "to the renderer"),
                (self._do_work, "remote work"),
            )
        ]

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
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Close the line, which ends the renderer; returns whether all has ended in time."""
        self.leave("The renderer has stopped.")
        until_s = time.monotonic() + timeout_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(until_s - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def leave(self, why: str) -> None:
        """Close the line without waiting; work in progress fails with `why` as a `PictureError`."""
        with self._lock:
            if self._stopping:
                return
            self._stopping, self._left, self._frame = True, why, None
            waiting = [future for _, _, future in self._calls.values()]
            self._calls.clear()
            self._granted.clear()
            connection, writer = self._connection, self._writer
            self._lock.notify_all()
        self._status = Status("stopped", "Stopped")
        for future in waiting:
            _fail(future, PictureError(why))
        self._work.put(None)
        self._outbox.wake()
        if writer is not None:
            writer.close()
        if connection is not None:
            threading.Thread(target=connection.close, name="end of the line", daemon=True).start()

    def submit(self, recipe: Recipe) -> None:
        """Ask for the frame of `recipe`; it takes the place of one that still waits."""
        with self._lock:
            if self._stopping or recipe == self._newest:
                return
            self._newest = recipe
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

    def _send(self) -> None:
        while not self._stopping:
            message = self._outbox.take(1.0)
            writer = self._writer
            if writer is None:
                continue  # what waits is asked for again on the next line
            try:
                if message is not None:
                    writer.send(message)
                if time.monotonic() - self._heard_s > SILENT_S:
                    raise LineError("nothing was heard for too long")
            except (OSError, ValueError, LineError):
                self._writer = None
                if (connection := self._connection) is not None:
                    connection.close()

    def _main(self) -> None:
        failures = 0
        while not self._stopping:
            begun_s = time.monotonic()
            try:
                sentence = self._converse()
            except LineError as error:
                sentence = str(error)
            lasted = time.monotonic() - begun_s > LASTING_S
            failures = 0 if lasted and self._met else failures + 1
            if self._stopping:
                break
            self._lost(sentence, failures)
            with self._lock:
                self._lock.wait_for(
                    lambda: self._stopping, PAUSES_S[min(failures, len(PAUSES_S) - 1)]
                )

    def _converse(self) -> str:
        """Connect and take what comes until the line breaks; returns why it did.

        Raises:
            LineError: there was no line, or no renderer at its other end.
        """
        connection = self._connect()
        with self._lock:
            self._connection = connection
        if self._stopping:
            connection.close()
        patience = threading.Timer(MEET_S, connection.close)
        patience.daemon = True
        patience.start()
        try:
            messages = self._meet(connection)
            patience.cancel()
            return self._listen(messages)
        finally:
            patience.cancel()
            self._writer = None
            with self._lock:
                self._connection = None
            connection.close()

    def _meet(self, connection: Connection) -> Iterator[bytes]:
        heard = Heard(connection.reads, self._hear)
        writer = Writer(connection.writes)
        try:
            passed_over(heard)
            writer.send(Hello(pictures=self._pictures))
            messages = received(heard, MAX_MESSAGE)
            welcome = from_renderer.decode(next(messages, b""))
        except EndedError as error:
            raise LineError(connection.complaint() or str(error) or NO_ANSWER) from error
        except (*BROKEN, *BROKEN_JSON) as error:
            raise LineError(connection.complaint() or NO_ANSWER) from error
        if not isinstance(welcome, Welcome) or welcome.protocol != PROTOCOL:
            there = welcome.version if isinstance(welcome, Welcome) else "another program"
            raise LineError(
                f"There is {there}, and here {software_name()}: install the same version on both."
            )
        self._greeted(welcome, writer)
        return messages

    def _greeted(self, welcome: Welcome, writer: Writer) -> None:
        with self._lock:
            on = f" on {self._name}" if self._elsewhere else ""
            self._device = f"{welcome.device_name}{on}"
            self._kind = welcome.device_kind
            self._models.clear()
            self._met = True
            # First: what is taken from the box before is sent or else asked for again below.
            self._writer = writer
            self._outbox.clear()
            self._outbox.put(Timing(self._time_blocks))
            if self._newest is not None:
                self._outbox.put(self._numbered(self._newest))
            if self._wished:
                self._outbox.put(self._wishes())
            for asked, _, _ in self._calls.values():
                self._outbox.put(asked)
        self._show(Status("idle", "Ready"))

    def _listen(self, messages: Iterator[bytes]) -> str:
        try:
            for data in messages:
                self._take(from_renderer.decode(data))
        except (LineError, *BROKEN_JSON) as error:
            logger.warning("the renderer sent what cannot be read: %s", quoted(error))
            return "what came could not be understood"
        except BROKEN:
            pass
        return "the line broke"

    def _hear(self) -> None:
        self._heard_s = time.monotonic()

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
        lost = f"The line to {self._name} broke: connecting"
        if not self._elsewhere:
            lost = "The renderer stopped: starting it"
        self._show(Status("starting", f"{lost} again{again}"))

    # -- what comes ------------------------------------------------------------------------------

    def _take(self, message: FromRenderer) -> None:
        match message:
            case State():
                self._state = message
                text, share = message.text, message.share
                share = share if share is not None and 0 <= share <= 1 else None
                self._show(Status(message.kind, text, share))
            case Model(number, info):
                if len(self._models) >= MODELS_KEPT:
                    del self._models[next(iter(self._models))]
                self._models[number] = info
            case Picture():
                self._take_picture(message)
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

    def _take_picture(self, came: Picture) -> None:
        self._outbox.put(Seen(came.serial))
        with self._lock:
            recipe = self._submitted.get(came.number)
            if recipe is None or self._stopping:
                return
            if self._elsewhere and came.fault in FOUND_THERE:  # no file here is the missing one
                came = msgspec.structs.replace(came, fault=FOUND_THERE[came.fault])
            frame = frames.frame(came, recipe, self._info_of)
            waiting = self._frame
            early = waiting is not None and frame.early and not waiting.early
            if not early and not self._is_stale(frame):
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
            _fail(future, PictureError(f"What came from {self._name} is damaged: {quoted(error)}"))
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


class Heard:
    """A stream that tells of every piece that comes.

    Args:
        stream: to read.
        tell: called after each read.
    """

    def __init__(self, stream: BinaryIO, tell: Callable[[], None]) -> None:
        self._stream, self._tell = stream, tell

    def read(self, count: int) -> bytes:
        """Read at most `count` bytes; none at the end."""
        came = self._stream.read(count)
        self._tell()
        return came


def failure(sentence: str, fault: Fault) -> PictureError:
    """The error of a call that came to nothing there."""
    error = PictureError(sentence)
    error.fault = fault
    return error


def _fail(future: Future[Any], error: BaseException) -> None:
    with suppress(InvalidStateError):
        future.set_exception(error)
