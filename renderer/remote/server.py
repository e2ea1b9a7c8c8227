"""The renderer's side of the line: recipes in, frames out, until the line ends.

Reading has a thread of its own, and so has the renderer; the one that called `Server.run` sends.
Of pictures only the newest goes, and only when the line is free; what was compressed with loss is
followed by the exact pixels once nothing newer is drawn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from renderer.errors import Abandoned, PictureError, RendererError
from renderer.files.software import software_name
from renderer.frame.frame import Frame, ModelInfo
from renderer.frame.preview import Wish
from renderer.models.text_towers import OpenTower, open_tower
from renderer.pipeline.futures import settle_from
from renderer.pipeline.painter import MakeWorker
from renderer.pipeline.pool import Pool
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import Recipe, check_morphs
from renderer.remote import frames
from renderer.remote.bands import Bands
from renderer.remote.calls import TABLE, Draw
from renderer.remote.flow_control import FlowControl, Packing
from renderer.remote.folders import Folders
from renderer.remote.messages import (
    MAX_SHORT,
    PROTOCOL,
    Advance,
    Answer,
    Call,
    Failure,
    GiveUp,
    Hello,
    Model,
    Note,
    Preview,
    RendererState,
    Seen,
    Submit,
    Timing,
    Welcome,
    Wishes,
    encode,
    from_window,
)
from renderer.remote.pixels import packed
from renderer.remote.uploads import Uploads
from renderer.remote.wire import BROKEN, MAX_ASKED, LineError, Writer, received
from renderer.remote.work import Bench, beside, drawn, work_of
from stylegan_t.errors import BROKEN_JSON

logger = logging.getLogger(__name__)

BEAT_S = 1.0
"""Seconds between two states: the window hears that the renderer is still there."""
REST_S = 0.12
"""Seconds without a newer picture after which the exact pixels follow."""
ADVANCE_S = 0.1
"""Seconds between two words on how far a call is."""
RECIPES_KEPT = 256
MAX_OPEN_CALLS = 512
STOP_S = 2.0
"""Seconds that ending waits for a block in work."""

EXACT, SMALL = Packing("png"), Packing("jpeg")
"""Pictures of exports, and previews, unless the window says how pictures travel."""

_HELLO = msgspec.msgpack.Decoder(Hello)


class Server:
    """Serves one window.

    Args:
        reads, writes: the line; nothing else is written to it.
        make: makes the render thread; gets what it calls when there is something new.
        folders: that models may be read from.
        workers: make the renderers that share exports and previews with it.
        uploads: the folder that files of the window's computer go into; None refuses them.
        open_tower: opens text towers, see `renderer.models.text_towers`.
        greeted: the other side has been greeted already.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        reads: BinaryIO,
        writes: BinaryIO,
        make: Callable[[Callable[[], None]], RenderThread],
        folders: Folders,
        workers: Sequence[MakeWorker] = (),
        uploads: Path | None = None,
        open_tower: OpenTower = open_tower,
        *,
        greeted: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reads, self._writer = reads, Writer(writes)
        self._news = threading.Event()
        self._thread = make(self._news.set)
        self._pool = Pool(self._thread, workers, self._news.set)
        self._clock, self._flow = clock, FlowControl()
        self._greeted = greeted
        self._uploads = Uploads(uploads, folders)
        opener = folders.tower_opener(open_tower)
        self._bench = Bench(folders, self._uploads, opener, self._thread)
        self._beside = {
            name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("files", "towers")
        }
        self._advances: dict[int, float] = {}
        self._advanced_s = float("-inf")
        self._numbers: dict[Recipe, int] = {}
        self._last_submit_s = float("-inf")
        self._wishes: list[tuple[Wish, int]] = []
        self._exact, self._small = EXACT, SMALL
        self._draws: dict[int, Future[Frame]] = {}
        self._given_up: set[int] = set()
        self._open_calls: set[int] = set()
        self._answers: deque[Answer | Failure] = deque()
        self._models: dict[ModelInfo, int] = {}
        self._serial = 0
        self._inexact: tuple[Frame, int, float] | None = None
        self._bands: Bands | None = None
        self._state: RendererState | None = None
        self._state_s = float("-inf")
        self._refused: deque[tuple[Recipe, int, str]] = deque()
        self._over = False

    def run(self) -> None:
        """Serve until the line ends, or what comes is not to be understood."""
        if not self._greeted:
            self._writer.greet()
        messages = received(self._reads, MAX_ASKED)
        try:
            if not self._met(messages):
                return
            self._thread.start()
            reader = threading.Thread(target=self._read, args=(messages,), daemon=True)
            reader.start()
            while not self._over:
                self._news.wait(self._due_s())
                self._news.clear()
                self._send_all()
        except BROKEN:
            logger.info("the window has closed the line")
        finally:
            self._over = True
            self._given_up |= self._open_calls
            self._pool.stop()
            for pool in self._beside.values():
                pool.shutdown(wait=False, cancel_futures=True)
            self._thread.stop(STOP_S)

    # -- what comes ------------------------------------------------------------------------------

    def _met(self, messages: Any) -> bool:
        """Take the first message; tells whether the two sides speak the same protocol."""
        first = next(messages, None)
        if first is None:
            return False
        try:
            hello = _HELLO.decode(first)
            same = hello.protocol == PROTOCOL
        except BROKEN_JSON:
            same, hello = False, Hello()
        device = self._thread
        self._writer.send(
            Welcome(
                PROTOCOL,
                software_name(),
                device.device_name,
                device.device_kind,
                self._pool.workers[0],
                self._uploads.folder[:MAX_SHORT],
            )
        )
        self._flow = FlowControl(hello.pictures)
        if hello.pictures in ("raw", "lossless"):
            self._exact = self._small = Packing("raw" if hello.pictures == "raw" else "png")
        return same

    def _read(self, messages: Any) -> None:
        try:
            for data in messages:
                self._take(from_window.decode(data))
                if self._over:
                    break
        except (LineError, *BROKEN_JSON) as error:
            logger.warning("the window sent what cannot be read: %s", quoted(error))
        except BROKEN:
            logger.info("the line is closed")
        self._over = True
        self._news.set()

    def _take(self, message: Any) -> None:
        match message:
            case Submit(number, recipe):
                self._submit(number, recipe)
            case Wishes(wishes):
                self._wish(wishes)
            case Call():
                self._call(message)
            case GiveUp(number):
                if number in self._open_calls:
                    self._given_up.add(number)
                if (draw := self._draws.get(number)) is not None:
                    draw.cancel()
            case Timing(blocks):
                self._thread.time_blocks = blocks
            case Seen(serial):
                self._flow.seen(serial, self._clock())
                self._news.set()
            case _:
                raise LineError("The window said hello twice.")

    def _submit(self, number: int, recipe: Recipe) -> None:
        try:
            check_morphs(recipe)
        except RendererError as error:
            self._refused.append((recipe, number, str(error)))
            self._news.set()
            return
        self._numbers.pop(recipe, None)
        self._numbers[recipe], self._last_submit_s = number, self._clock()
        while len(self._numbers) > RECIPES_KEPT:
            del self._numbers[next(iter(self._numbers))]
        self._thread.submit(recipe)

    def _wish(self, wishes: Any) -> None:
        self._wishes = [(Wish(one.recipe, one.size_px, one.loads), one.number) for one in wishes]
        self._pool.wish([wish for wish, _ in self._wishes])

    def _call(self, call: Call) -> None:
        number, procedure = call.number, TABLE.get(call.name)
        if procedure is None:
            sentence = f"The renderer does not know how to “{call.name[:40]}”: update it."
            self._answer(Failure(number, sentence))
            return
        if len(self._open_calls) >= MAX_OPEN_CALLS:
            raise LineError("The window asks for too much at once.")
        arguments = procedure.decoded(call.arguments)
        self._open_calls.add(number)
        if isinstance(arguments, Draw):
            self._draws[number] = draw = self._pool.draw(arguments.recipe, call.label)
            answer: Future[Any] = Future()
            answer.add_done_callback(lambda done: self._called(number, done))
            draw.add_done_callback(
                lambda done: settle_from(answer, done, lambda frame: drawn(frame, self._exact))
            )
            return
        work = work_of(procedure, arguments, self._bench)

        def unwanted() -> bool:
            return self._over or number in self._given_up

        def tell(share: float) -> None:
            if unwanted():
                raise Abandoned
            self._advances[number] = share
            self._news.set()

        if procedure.beside:
            work = beside(arguments, self._bench)
            with suppress(RuntimeError):  # the line has ended meanwhile
                future = self._beside[procedure.beside].submit(work, tell)
                future.add_done_callback(lambda done: self._called(number, done))
            return
        turn = work_of(procedure, arguments, self._bench)
        future = self._thread.run(lambda renderer: turn(renderer, unwanted), call.label)
        future.add_done_callback(lambda done: self._called(number, done))

    def _called(self, number: int, done: Future[Any]) -> None:
        try:
            self._answer(Answer(number, msgspec.Raw(encode(done.result()))))
        except (Abandoned, CancelledError):
            self._answer(Failure(number, "This was cancelled."))
        except RendererError as error:
            self._answer(Failure(number, str(error)[:MAX_SHORT], error.fault))
        except Exception as error:
            logger.exception("a call failed")
            sentence = f"The renderer failed: {type(error).__name__}: {quoted(error)}"
            self._answer(Failure(number, sentence[:MAX_SHORT]))
        self._draws.pop(number, None)
        self._open_calls.discard(number)
        self._given_up.discard(number)
        self._advances.pop(number, None)

    def _answer(self, answer: Answer | Failure) -> None:
        self._answers.append(answer)
        self._news.set()

    # -- what goes -------------------------------------------------------------------------------

    def _due_s(self) -> float:
        """For how long there is nothing to do, unless something happens."""
        waits_s = BEAT_S
        if self._inexact is not None and self._flow.free:
            waits_s = min(waits_s, self._inexact[2] + REST_S - self._clock())
        return max(waits_s, 0.0)

    def _send_all(self) -> None:
        self._send_state()
        while self._refused:
            recipe, number, sentence = self._refused.popleft()
            self._send_frame(Frame(recipe, None, None, sentence), number, moves=False)
        for text in self._pool.take_notes():
            self._writer.send(Note(text[:MAX_SHORT]))
        for granted in self._pool.take_granted():
            number = next((n for wish, n in self._wishes if wish == granted.wish), None)
            if number is not None:
                pixels = granted.pixels
                small = None if pixels is None else packed(pixels, self._small.coding)
                self._writer.send(Preview(number, small))
        while self._answers:
            self._writer.send(self._answers.popleft())
        self._send_advances()
        if not self._flow.free:
            return
        if (frame := self._thread.take()) is not None:
            number = self._numbers.get(frame.recipe, 0)
            self._send_frame(frame, number, moves=self._moves(frame))
        elif (kept := self._inexact) is not None and self._clock() - kept[2] >= REST_S:
            self._send_band(kept[0], kept[1])

    def _send_advances(self) -> None:
        now_s = self._clock()
        if now_s - self._advanced_s < ADVANCE_S:
            return
        for number in list(self._advances):
            if (share := self._advances.pop(number, None)) is not None:
                self._writer.send(Advance(number, share))
                self._advanced_s = now_s

    def _moves(self, frame: Frame) -> bool:
        """Tell whether another picture will follow soon."""
        return bool(frame.early) or self._clock() - self._last_submit_s < REST_S

    def _send_frame(self, frame: Frame, number: int, *, moves: bool) -> None:
        self._serial += 1
        raw = 0 if frame.image is None else frame.image.numel()
        packing = self._flow.packing(raw, moves=moves)
        try:
            message = frames.message(frame, number, self._serial, packing, self._number_of)
        except PictureError as error:  # the device was lost
            frame = Frame(frame.recipe, frame.model, None, str(error), fault="device")
            message = frames.message(frame, number, self._serial, packing, self._number_of)
        data = encode(message)
        if message.pixels is not None and packing.coding == "jpeg":
            self._flow.packed(packing.quality, raw, len(message.pixels.data))
        # Before it is on its way: the window may have seen it before `send` returns.
        self._flow.sent(self._serial, len(data), self._clock())
        self._writer.send_encoded(data)
        inexact = message.pixels is not None and not packing.exact and not frame.early
        self._inexact = (frame, number, self._clock()) if inexact else None
        self._bands = None

    def _send_band(self, frame: Frame, number: int) -> None:
        """Send the next part of the exact pixels of what was sent with loss."""
        try:
            bands = self._bands = self._bands or Bands(frame, number)
        except PictureError:  # the device was lost: the next picture will say so
            self._inexact = None
            return
        self._serial += 1
        data = encode(bands.next(self._serial, self._flow.rate))
        self._flow.sent(self._serial, len(data), self._clock())
        self._writer.send_encoded(data)
        if bands.over:
            self._inexact = self._bands = None
        self._news.set()  # for the next one

    def _number_of(self, info: ModelInfo | None) -> int | None:
        """The number of a model; the window is told of a new one first."""
        if info is None:
            return None
        if info not in self._models:
            self._models[info] = number = len(self._models) + 1
            self._writer.send(Model(number, info))
        return self._models[info]

    def _send_state(self) -> None:
        status, thread, now_s = self._thread.status, self._thread, self._clock()
        state = RendererState(
            kind=status.kind,
            text=status.text[:MAX_SHORT],
            share=status.share,
            quiet_s=thread.quiet_s,
            workers=self._pool.workers[1],
            previews_waiting=thread.previews_waiting,
            counts=thread.counts,
        )
        before = self._state
        same = before is not None and _seen(state) == _seen(before)
        if not same or now_s - self._state_s >= BEAT_S:
            self._state, self._state_s = state, now_s
            self._writer.send(state)


def _seen(state: RendererState) -> tuple[Any, ...]:
    """The parts of a state of which every change is told at once."""
    return state.kind, state.text, state.share, state.workers
