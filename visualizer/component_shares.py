"""Finds out which principal components there are, while a panel shows them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from renderer.recipe import Recipe, RecipeError, TextPart
from visualizer.instrument import Desk, Instrument
from widgets.components import Components, LookAtComponents

REST_S = 0.5
"""Components of a style depend on the words: they are looked at again once these have rested."""


class ComponentShares(Instrument):
    """Asks the render thread for the components of one space; nothing while nobody looks."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = Components()
        self._of: Hashable = None
        self._words: TextPart | None = None
        self._asked: Hashable = None
        self._since_s = 0.0
        self._busy = False

    def handlers(self) -> Mapping[type, Callable[[Any], None]]:
        """What the panel asks for in every frame in which it is open."""
        return {LookAtComponents: self._look}

    def views(self, now_s: float) -> Iterable[object]:
        """What is known."""
        return (self._view,)

    def _look(self, action: LookAtComponents) -> None:
        session, now_s = self.desk.session, self.desk.clock()
        if session.model is None or session.model_path != session.recipe.model.path:
            return
        of = (action.space, action.row, session.model.sha256, session.model_path)
        words = session.recipe.text if action.space == "style" else None
        if of != self._of:
            self._since_s = now_s - REST_S  # another space is wanted at once
        elif words != self._words:
            self._since_s = now_s
        self._of, self._words = of, words
        wanted = (of, words)
        if self._busy or wanted == self._asked:
            return
        if now_s - self._since_s < REST_S:
            self.desk.wake_at(self._since_s + REST_S)
            return
        self._asked = wanted
        self._ask(action, session.recipe)

    def _ask(self, action: LookAtComponents, recipe: Recipe) -> None:
        space, row = action.space, action.row

        def done(shares: tuple[float, ...]) -> None:
            self._busy, self._view = False, Components(space, row, shares, ready=True)

        def failed(sentence: str) -> None:
            self._busy, self._view = False, Components(space, row, problem=sentence)

        self._busy = True
        future = self.desk.thread.run(
            lambda renderer: renderer.components(recipe, space, row), "Finding components"
        )
        self.desk.background.watch(future, done, failed, (RuntimeError, RecipeError))
