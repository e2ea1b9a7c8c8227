"""The window's side of scripting: calls from a script's thread, carried out between two frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from renderer.frame.frame import Frame
from renderer.recipe.identity import same_picture
from visualizer.errors import VisualizerError
from visualizer.services.budget import Budget
from visualizer.services.instrument import Desk, Instrument
from widgets.context import Refusal

T = TypeVar("T")
FOLLOW_UP_S = 0.001


class WindowClosedError(RuntimeError):
    """The window was closed, so there is nothing left to script.  `run` takes it as a quiet end."""


class ScriptError(VisualizerError, RuntimeError):
    """A script asked for something that cannot be had, such as a picture of a model that does not
    load."""


class ScriptCalls(Instrument):
    """Carries out what a script asks for.  `call`, `wait_frame` may be used from any thread."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._calls: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._shown: list[Future[Frame]] = []
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._count = 0
        self._closed = False
        self._told: Refusal | None = None

    # -- for scripts -----------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Return whether the window is gone."""
        return self._closed

    def call(self, work: Callable[[], T]) -> Future[T]:
        """Do `work` on the window's thread, soon.

        Raises:
            WindowClosedError: there is no window any more.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise WindowClosedError("The window was closed.")
            self._calls.append((work, future))
            self._changed.notify_all()
        self.desk.wake()
        return future

    def shown(self) -> Future[Frame]:
        """The frame of the current recipe, as soon as it is there.

        Raises:
            WindowClosedError: there is no window any more.
        """
        future: Future[Frame] = Future()
        self.call(lambda: self._shown.append(future)).result()
        return future

    def wait_frame(self, seen: int, timeout_s: float | None) -> tuple[Frame, int] | None:
        """Wait for a frame after the `seen` first ones: the newest, with its count; None when
        `timeout_s` is over.

        Raises:
            WindowClosedError: there is no window any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._count > seen, timeout_s)
            if self._closed:
                raise WindowClosedError("The window was closed.")
            if self._newest is None or self._count <= seen:
                return None
            return self._newest, self._count

    # -- for the loop ----------------------------------------------------------------------------

    def poll(self, now_s: float) -> None:
        """Do what was asked for, in order, then answer those who wait for the picture."""
        budget = Budget(self.desk.clock)
        while self._calls:
            self._do(*self._calls.popleft())
            if budget.spent():
                break
            with self._changed:  # a script that has its answer mostly has another question
                self._changed.wait_for(lambda: bool(self._calls), FOLLOW_UP_S)
        if self._shown:
            self._answer()

    def _do(self, work: Callable[[], Any], future: Future[Any]) -> None:
        try:
            future.set_result(work())
        except Exception as error:  # it belongs to the script
            future.set_exception(error)

    def saw(self, frame: Frame, now_s: float) -> None:
        """Tell those who follow the frames."""
        with self._changed:
            self._newest, self._count = frame, self._count + 1
            self._changed.notify_all()

    def close(self) -> None:
        """Answer all who still wait: nothing comes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        error = WindowClosedError("The window was closed.")
        for future in [*(future for _, future in self._calls), *self._shown]:
            future.set_exception(error)
        self._calls.clear()
        self._shown.clear()

    def _answer(self) -> None:
        session = self.desk.session
        if session.refusal is not None and session.refusal is not self._told:
            self._told = session.refusal
            error = ScriptError(session.refusal.sentence)
            for future in self._shown:
                future.set_exception(error)
        elif session.failed is not None and same_picture(session.failed, session.recipe):
            error = ScriptError(session.error or "There is no picture of this recipe.")
            for future in self._shown:
                future.set_exception(error)
        elif session.frame is not None and (
            session.shown is not None or same_picture(session.frame.recipe, session.recipe)
        ):  # what plays by itself never comes to rest
            for future in self._shown:
                future.set_result(session.frame)
        else:
            return
        self._shown.clear()
