"""Finds out which principal components there are, while a panel shows them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from renderer.recipe.recipe import Recipe
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.probe import Probe, Unwanted
from widgets.latent.components import Components, LookAtComponents


class ComponentShares(Instrument):
    """Asks the render thread for the components of one space, while they are shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = Components()
        self._asked: Hashable = None
        self._probe = Probe(desk)

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the panel asks for in every frame in which it is open."""
        return (on(LookAtComponents, self._look),)

    def views(self, now_s: float) -> Iterable[object]:
        """Return what is known, for the panel."""
        return (self._view,)

    def _look(self, action: LookAtComponents) -> None:
        session = self.desk.session
        if session.model is None or session.model_path != session.recipe.model.path:
            return
        tower = session.recipe.model.tower if action.space == "style" else ""
        wanted = (action.space, action.row, session.model.sha256, session.model_path, tower)
        if self._probe.busy or wanted == self._asked:
            return
        self._asked = wanted
        self._ask(action, session.recipe)

    def _ask(self, action: LookAtComponents, recipe: Recipe) -> None:
        space, row = action.space, action.row

        def work(renderer: Any, unwanted: Unwanted) -> tuple[float, ...]:
            return renderer.components(recipe, space, row)

        def done(shares: tuple[float, ...] | None) -> None:
            if shares is None:
                self._asked = None
            else:
                self._view = Components(space, row, shares, ready=True)

        def failed(sentence: str) -> None:
            self._view = Components(space, row, problem=sentence)

        self._probe.ask(work, "Finding components", done, failed, recipe)
