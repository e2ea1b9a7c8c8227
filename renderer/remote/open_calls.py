"""The calls of a window that the renderer has taken and not answered."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import msgspec

from renderer.errors import Abandoned, RendererError
from renderer.frame.frame import Frame
from renderer.pipeline.futures import settle_from
from renderer.pipeline.painter import Painter
from renderer.pipeline.render_thread import RenderThread
from renderer.recipe.quoting import quoted
from renderer.remote.admission import check, unmade
from renderer.remote.calls import TABLE, Draw
from renderer.remote.flow_control import Packing
from renderer.remote.messages import MAX_SHORT, Advance, Answer, Call, Failure, encode
from renderer.remote.wire import LineError
from renderer.remote.work import Bench, beside, drawn, work_of

logger = logging.getLogger(__name__)

ADVANCE_S = 0.1
"""Seconds between two words on how far a call is."""
MAX_OPEN_CALLS = 512
DRAWN_AHEAD = 2
"""Pictures for each that are drawn or wait to be sent: a window that takes none fills no memory."""


class OpenCalls:
    """Takes calls and gives their answers.  From any thread, but only one takes the answers.

    Args:
        bench, pool, thread: do the work.
        news: called when there is something to send.
    """

    def __init__(
        self, bench: Bench, pool: Painter, thread: RenderThread, news: Callable[[], None]
    ) -> None:
        self._bench, self._pool, self._thread, self._news = bench, pool, thread, news
        self._beside = {
            name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("files", "towers")
        }
        self.exact = Packing("png")
        """The form in which pictures of exports go."""
        self._open, self._given_up = set[int](), set[int]()
        self._held: deque[tuple[Call, Draw]] = deque()
        self._draws: dict[int, Future[Frame] | None] = {}
        self._answers: deque[Answer | Failure] = deque()
        self._advances: dict[int, float] = {}
        self._advanced_s = float("-inf")
        self._over = False

    def ask(self, call: Call) -> None:
        """Begin with a call.

        Raises:
            LineError: there are too many.
            msgspec.MsgspecError: its arguments do not fit.
        """
        number, procedure = call.number, TABLE.get(call.name)
        if procedure is None:
            sentence = f"The renderer does not know how to “{call.name[:40]}”: update it."
            self._answer(Failure(number, sentence))
            return
        if len(self._open) >= MAX_OPEN_CALLS:
            raise LineError("The window asks for too much at once.")
        arguments = procedure.decoded(call.arguments)
        self._open.add(number)
        if isinstance(arguments, Draw):
            self._held.append((call, arguments))
            self._news()  # the thread that sends begins with them
            return
        try:
            check(arguments, self._bench.folders)
        except RendererError as error:
            refused: Future[Any] = Future()
            refused.set_exception(error)
            self._called(number, refused)
            return

        def unwanted() -> bool:
            return self._over or number in self._given_up

        def tell(share: float) -> None:
            if unwanted():
                raise Abandoned
            self._advances[number] = share
            self._news()

        if procedure.beside:
            work = beside(arguments, self._bench)
            with suppress(RuntimeError):  # the line has ended meanwhile
                future = self._beside[procedure.beside].submit(work, tell)
                future.add_done_callback(lambda done: self._called(number, done))
            return
        turn = work_of(procedure, arguments, self._bench)
        future = self._thread.run(lambda renderer: turn(renderer, unwanted), call.label)
        future.add_done_callback(lambda done: self._called(number, done))

    def give_up(self, number: int) -> None:
        """Give up a call that is no longer waited for."""
        if number in self._open:
            self._given_up.add(number)
        if (draw := self._draws.get(number)) is not None:
            draw.cancel()

    def end(self) -> None:
        """Give up all of them; the line is gone."""
        self._over = True
        self._given_up |= self._open
        for pool in self._beside.values():
            pool.shutdown(wait=False, cancel_futures=True)

    def messages(self, now_s: float) -> Iterator[Answer | Failure | Advance]:
        """Yield what is to be sent: answers, and how far the rest is."""
        self._draw()
        while self._answers:
            answer = self._answers.popleft()
            yield answer
            self._draws.pop(answer.number, None)  # sent: there is room for another picture
            self._draw()
        if now_s - self._advanced_s < ADVANCE_S:
            return
        for number in list(self._advances):
            if (share := self._advances.pop(number, None)) is not None:
                yield Advance(number, share)
                self._advanced_s = now_s

    def _draw(self) -> None:
        """Begin with as many pictures as there is room for."""
        while self._held and len(self._draws) < DRAWN_AHEAD * self._pool.width:
            call, asked = self._held.popleft()
            number = call.number
            answer: Future[Any] = Future()
            answer.add_done_callback(lambda done, number=number: self._called(number, done))
            self._draws[number] = None
            if number in self._given_up:
                answer.set_exception(Abandoned())
                continue
            self._draws[number] = draw = self._drawing(asked, call.label)
            draw.add_done_callback(
                lambda done, answer=answer: settle_from(
                    answer, done, lambda frame: drawn(frame, self.exact)
                )
            )

    def _drawing(self, asked: Draw, label: str) -> Future[Frame]:
        try:
            check(asked, self._bench.folders)
        except RendererError as error:
            refused: Future[Frame] = Future()
            refused.set_result(unmade(asked.recipe, error))
            return refused
        return self._pool.draw(asked.recipe, label)

    def _called(self, number: int, done: Future[Any]) -> None:
        self._open.discard(number)
        self._given_up.discard(number)
        self._advances.pop(number, None)
        try:
            self._answer(Answer(number, msgspec.Raw(encode(done.result()))))
        except (Abandoned, CancelledError):
            self._answer(Failure(number, "This was cancelled."))
        except RendererError as error:
            self._answer(Failure(number, str(error)[:MAX_SHORT], error.fault))
        except Exception as error:  # a mistake of ours must not leave a caller waiting
            logger.exception("a call failed")
            sentence = f"The renderer failed: {type(error).__name__}: {quoted(error)}"
            self._answer(Failure(number, sentence[:MAX_SHORT]))

    def _answer(self, answer: Answer | Failure) -> None:
        self._answers.append(answer)
        self._news()
