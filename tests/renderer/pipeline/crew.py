"""Painters for tests of a pool: what they draw comes when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar, cast

import numpy as np

from renderer.frame.frame import Frame
from renderer.frame.preview import Granted, Wish
from renderer.pipeline.painter import WorkerStoppedError
from renderer.recipe.identity import Needs, needs
from renderer.recipe.recipe import Recipe

T = TypeVar("T")


class Hand:
    """A renderer that draws when it is told to, the oldest picture first."""

    def __init__(self, name: str = "first", wake: Callable[[], None] = lambda: None) -> None:
        self.name, self._wake = name, wake
        self.workers = 0, 0
        self.width, self.ready = 2, name == "first"
        self.current: Needs | None = needs(Recipe())
        self.asked: list[tuple[Recipe, Future[Frame]]] = []
        self.wished: list[Wish] = []
        self.wishes_told = 0
        self.notes: list[str] = []
        self.started = self.stopped = False
        self._granted: list[Granted] = []

    def draw(self, recipe: Recipe, label: str) -> Future[Frame]:
        """Take a picture to be drawn."""
        future: Future[Frame] = Future()
        self.asked.append((recipe, future))
        return future

    def run(self, work: Callable[[Any], T], label: str) -> Future[T]:
        """Do other work at once, with this in the renderer's place."""
        future: Future[T] = Future()
        future.set_result(work(self))
        return future

    def finish(self) -> Recipe:
        """Draw the oldest picture; returns its recipe."""
        recipe, future = self.asked.pop(0)
        if not future.cancelled():
            future.set_result(Frame(recipe, None, cast(Any, object()), device=self.name))
        return recipe

    def arrive(self) -> None:
        """Be there for work."""
        self.ready = True
        self._wake()

    def die(self) -> None:
        """Stop in the middle of all that was asked."""
        self.ready = False
        asked, self.asked = self.asked, []
        for _, future in asked:
            future.set_exception(WorkerStoppedError("It stopped every time."))
        self._wake()

    def wish(self, wishes: Sequence[Wish]) -> None:
        """Take the place of all wishes before."""
        self.wished, self.wishes_told = list(wishes), self.wishes_told + 1

    def grant(self, *, refused: bool = False) -> Wish:
        """Make the first preview."""
        wish = self.wished.pop(0)
        pixels = None if refused else np.zeros((4, 4, 3), np.uint8)
        self._granted.append(Granted(wish, pixels))
        self._wake()
        return wish

    def take_granted(self) -> list[Granted]:
        """Those that were made."""
        granted, self._granted = self._granted, []
        return granted

    def take_notes(self) -> list[str]:
        """Its notes, once."""
        notes, self.notes = self.notes, []
        return notes

    def start(self) -> None:
        """Begin."""
        self.started = True

    def stop(self, timeout_s: float = 2.0) -> bool:
        """End."""
        self.stopped, self.ready = True, False
        return True
