"""The pictures that are compared: the two sides of the wipe."""

from __future__ import annotations

from collections.abc import Iterable

from renderer.recipe.recipe import Recipe
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from widgets.picture.compare import (
    Compare,
    ComparisonView,
    SetA,
    SetB,
    StopComparing,
    SwapSides,
    Wipe,
)


class Comparison(Instrument):
    """Holds the sides A and B; None is the current picture."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._view = ComparisonView()
        desk.layout.picture.overlays.append(Wipe())

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the wipe and the strip show."""
        before = self.desk.session.before
        view = self._view
        if before is not view.before:
            self._view = view = ComparisonView(view.on, view.a, view.b, before)
        return (view,)

    def handlers(self) -> Iterable[Handler]:
        """Sides are chosen here."""
        return (
            on(SetA, lambda action: self._set(action.recipe or self._now, self._view.b)),
            on(SetB, lambda action: self._set(self._view.a, action.recipe or self._now)),
            on(Compare, lambda action: self._set(action.a, action.b)),
            on(SwapSides, lambda _: self._set(self._view.b, self._view.a)),
            on(StopComparing, lambda _: self._stop()),
        )

    @property
    def _now(self) -> Recipe:
        return self.desk.session.recipe

    def _set(self, a: Recipe | None, b: Recipe | None) -> None:
        """Compare; there is nothing to see where both sides are the current picture."""
        on = a is not None or b is not None
        self._view = ComparisonView(on, a, b, self._view.before)

    def _stop(self) -> None:
        self._view = ComparisonView(before=self._view.before)
