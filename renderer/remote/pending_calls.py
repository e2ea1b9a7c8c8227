"""The calls of a window that wait for their answer, over one line after another."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec

from renderer.errors import Fault, PictureError
from renderer.pipeline.futures import settle
from renderer.recipe.quoting import quoted
from renderer.remote.calls import Procedure
from renderer.remote.messages import Advance, Answer, Call, Failure, encode
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.progress import Progress


@dataclass(eq=False)
class _Pending:
    call: Call
    procedure: Procedure[Any, Any]
    future: Future[Any]
    tell: Progress | None = None
    stops: int = 0


class PendingCalls:
    """Keeps them by number.  From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[int, _Pending] = {}

    def add(
        self,
        number: int,
        procedure: Procedure[Any, Any],
        arguments: Any,
        label: str,
        tell: Progress | None = None,
    ) -> tuple[Call, Future[Any]]:
        """Make a call; returns what is to be sent, and what will hold the result.  `tell` hears how
        far it is."""
        call = Call(number, procedure.name, msgspec.Raw(encode(arguments)), label)
        pending = _Pending(call, procedure, Future(), tell)
        with self._lock:
            self._calls[number] = pending
        return call, pending.future

    def asked(self) -> list[Call]:
        """Return all that wait, in their order."""
        with self._lock:
            return [pending.call for pending in self._calls.values()]

    def give_up(self, future: Future[Any]) -> int | None:
        """Forget the call whose result `future` would have held; returns its number."""
        with self._lock:
            known = [n for n, pending in self._calls.items() if pending.future is future]
            for number in known:
                del self._calls[number]
        return known[0] if known else None

    def answer(self, number: int, message: Answer | Failure, name: str) -> None:
        """Settle a call, unless it was given up; `name` is that of the place, for people."""
        with self._lock:
            pending = self._calls.pop(number, None)
        if pending is None:
            return
        if isinstance(message, Failure):
            settle(pending.future, error=failure(message.sentence, message.fault))
            return
        try:
            result = pending.procedure.result(message.value)
        except BROKEN_JSON as error:
            sentence = f"The answer of {name} is damaged: {quoted(error)}"
            settle(pending.future, error=PictureError(sentence))
            return
        settle(pending.future, result)

    def advance(self, came: Advance) -> None:
        """Tell how far a call is; a share that cannot be is passed over."""
        with self._lock:
            pending = self._calls.get(came.number)
        if pending is not None and pending.tell is not None and 0 <= came.share <= 1:
            pending.tell(came.share)

    def stopped(self, limit: int, error: PictureError) -> None:
        """The renderer stopped: count it against the call that was in work, the oldest, which fails
        with `error` after `limit` times."""
        with self._lock:
            number = next(iter(self._calls), None)
            if number is None:
                return
            pending = self._calls[number]
            pending.stops += 1
            if pending.stops < limit:
                return
            del self._calls[number]
        settle(pending.future, error=error)

    def fail_all(self, error: PictureError) -> list[int]:
        """Fail whatever waits; returns the numbers."""
        with self._lock:
            waiting, self._calls = list(self._calls.values()), {}
        for pending in waiting:
            settle(pending.future, error=error)
        return [pending.call.number for pending in waiting]


def failure(sentence: str, fault: Fault) -> PictureError:
    """The error of a call that came to nothing there."""
    error = PictureError(sentence)
    error.fault = fault
    return error
