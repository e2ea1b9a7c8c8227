"""One question at a time for the render thread, abandoned once its answer is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from renderer.errors import Abandoned
from renderer.recipe.identity import same_picture
from renderer.recipe.recipe import Recipe
from visualizer.services.instrument import Desk

T = TypeVar("T")
Unwanted = Callable[[], bool]
"""Called by long work between its parts: whether it is to end with `Abandoned`."""


class Probe:
    """Asks the render thread; `busy` while a question is open, and then it takes no other."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked = 0
        self.busy = False

    def forget(self) -> None:
        """Give up what was asked: neither callback is called any more."""
        self._asked += 1

    def ask(
        self,
        work: Callable[[Any, Unwanted], T],
        label: str,
        done: Callable[[T | None], None],
        failed: Callable[[str], None],
        about: Recipe,
        patience_s: float = 0.0,
    ) -> None:
        """Ask a question.

        Args:
            work: finds the answer, on the render thread's turn.
            label: the render thread's status meanwhile.
            done: gets the answer, None where it was given up for another recipe.
            failed: gets the sentence of an error.
            about: once the document holds another recipe, the question is given up ...
            patience_s: ... if it takes longer than this, in seconds.
        """
        session, clock, begun_s = self._desk.session, self._desk.clock, self._desk.clock()
        asked = self._asked

        def unwanted() -> bool:
            if self._asked != asked:
                return True
            late = clock() - begun_s >= patience_s
            return late and not same_picture(session.recipe, about)

        def answer(renderer: Any) -> T | None:
            try:
                return work(renderer, unwanted)
            except Abandoned:
                return None

        def end(tell: Callable[[], None]) -> None:
            self.busy = False
            if self._asked == asked:
                tell()

        self.busy = True
        self._desk.background.watch(
            self._desk.thread.run(answer, label),
            lambda found: end(lambda: done(found)),
            lambda sentence: end(lambda: failed(sentence)),
        )
