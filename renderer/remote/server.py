"""The renderer's side of the line: recipes in, frames out, until the line ends.

Reading has a thread of its own, and so has the renderer; the one that called `Server.run` sends.
Of pictures only the newest goes, and only when the line is free; what was compressed with loss is
followed by the exact pixels once nothing newer is drawn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from renderer.errors import PictureError, RendererError
from renderer.files.software import software_name
from renderer.frame.frame import Frame, ModelInfo
from renderer.frame.preview import Wish
from renderer.models.text_towers import OpenTower, open_tower
from renderer.pipeline.painter import MakeWorker
from renderer.pipeline.pool import Pool
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.quoting import quoted
from renderer.recipe.recipe import Recipe, check_morphs
from renderer.remote import frames
from renderer.remote.admission import admits, check, unmade
from renderer.remote.bands import Bands
from renderer.remote.flow_control import FlowControl, Packing
from renderer.remote.folders import Folders
from renderer.remote.messages import (
    MAX_SHORT,
    PROTOCOL,
    Call,
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
from renderer.remote.open_calls import OpenCalls
from renderer.remote.pixels import packed
from renderer.remote.uploads import Uploads
from renderer.remote.wire import BROKEN, MAX_ASKED, LineError, Writer, received
from renderer.remote.work import Bench
from stylegan_t.errors import BROKEN_JSON

logger = logging.getLogger(__name__)

BEAT_S = 1.0
"""Seconds between two states: the window hears that the renderer is still there."""
REST_S = 0.12
"""Seconds without a newer picture after which the exact pixels follow."""
RECIPES_KEPT = 256
STOP_S = 2.0
"""Seconds that ending waits for a block in work."""

SMALL = Packing("jpeg")
"""Previews, unless the window says how pictures travel."""

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
        self._calls = OpenCalls(self._bench, self._pool, self._thread, self._news.set)
        self._numbers: dict[Recipe, int] = {}
        self._last_submit_s = float("-inf")
        self._wishes: list[tuple[Wish, int]] = []
        self._unmade: list[int] = []
        self._small = SMALL
        self._models: dict[ModelInfo, int] = {}
        self._serial = 0
        self._inexact: tuple[Frame, int, float] | None = None
        self._bands: Bands | None = None
        self._state: RendererState | None = None
        self._state_s = float("-inf")
        self._refused: tuple[int, Frame] | None = None
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
            self._calls.end()
            self._pool.stop()
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
            packing = Packing("raw" if hello.pictures == "raw" else "png")
            self._calls.exact = self._small = packing
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
                self._calls.ask(message)
            case GiveUp(number):
                self._calls.give_up(number)
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
            check(recipe, self._bench.folders)
        except RendererError as error:
            self._refused = number, unmade(recipe, error)
            self._news.set()
            return
        self._numbers.pop(recipe, None)
        self._numbers[recipe], self._last_submit_s = number, self._clock()
        while len(self._numbers) > RECIPES_KEPT:
            del self._numbers[next(iter(self._numbers))]
        self._thread.submit(recipe)

    def _wish(self, wishes: Any) -> None:
        self._wishes = [(Wish(one.recipe, one.size_px, one.loads), one.number) for one in wishes]
        folders = self._bench.folders
        refused = [number for wish, number in self._wishes if not admits(wish.recipe, folders)]
        self._pool.wish([wish for wish, number in self._wishes if number not in refused])
        self._unmade = refused
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
        if (refused := self._refused) is not None:
            self._refused = None
            self._send_frame(refused[1], refused[0], moves=False)
        for text in self._pool.take_notes():
            self._writer.send(Note(text[:MAX_SHORT]))
        unmade_there, self._unmade = self._unmade, []
        for number in unmade_there:
            self._writer.send(Preview(number, None))
        for granted in self._pool.take_granted():
            number = next((n for wish, n in self._wishes if wish == granted.wish), None)
            if number is not None:
                pixels = granted.pixels
                small = None if pixels is None else packed(pixels, self._small.coding)
                self._writer.send(Preview(number, small))
        for message in self._calls.messages(self._clock()):
            self._writer.send(message)
        if not self._flow.free:
            return
        if (frame := self._thread.take()) is not None:
            number = self._numbers.get(frame.recipe, 0)
            self._send_frame(frame, number, moves=self._moves(frame))
        elif (kept := self._inexact) is not None and self._clock() - kept[2] >= REST_S:
            self._send_band(kept[0], kept[1])

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
