"""Learning a binding: a knob is moved, something in the window is moved, and the two are tied.

The order does not matter.  What is moved in the window is found out by comparing recipes.
"""

from __future__ import annotations

from renderer.frame.frame import ModelInfo
from renderer.parameters.bindings import (
    MAX_SENT,
    MIDI_CC,
    MIDI_FINE,
    MIDI_NRPN,
    Binding,
    binding_for,
)
from renderer.parameters.kinds import Text
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe
from visualizer.control.dispatch import touched
from visualizer.control.midi_pairs import halves
from visualizer.control.signal_queue import Signal
from widgets.controls.control_view import Learning

SETTLE_S = 0.15
"""A controller may turn out to send a second, fine half: it is waited for this long."""


class Learner:
    """Waits for a source and a target.  `learning` is what is known so far, None while idle."""

    def __init__(self) -> None:
        self.learning: Learning | None = None
        self._sent = 0.0
        self._heard: dict[str, float] = {}
        self._before = Recipe()
        self._settled_s = float("-inf")

    @property
    def due_s(self) -> float | None:
        """Return when a binding that is complete may be finished, or None."""
        learning = self.learning
        return self._settled_s if learning and learning.source and learning.address else None

    def begin(
        self,
        recipe: Recipe,
        model: ModelInfo | None,
        source: str = "",
        address: str = "",
        sent: float = 0.0,
    ) -> None:
        """Start, or take what the user has pointed out meanwhile.

        Args:
            recipe, model: the current ones.
            source: if it is known; `sent` is what it sent last.
            address: of the target, if that is known.
            sent: see `source`.
        """
        if self.learning is None:
            self._heard.clear()
        known = self.learning or Learning()
        target = parameters_of(recipe, model).find(address) if address else None
        self.learning = Learning(
            source or known.source,
            target.address if target else known.address,
            target.label if target else known.label,
        )
        self._before = recipe
        if source:
            self._sent, self._settled_s = sent, float("-inf")

    def stop(self) -> None:
        """Give up."""
        self.learning = None

    def hear(self, signal: Signal, now_s: float) -> None:
        """Something was moved outside at `now_s`: the number that it sends is the source.

        Of a message with several, such as a pad's, it is the one that moves most: that takes a
        second message.  A fine controller counts more than its halves.
        """
        if self.learning is None:
            return
        if signal.source in halves(self.learning.source):
            return
        if signal.source.startswith(MIDI_CC) and not self.learning.source.startswith(MIDI_CC):
            self._settled_s = now_s + SETTLE_S
        elif signal.source.startswith((MIDI_FINE, MIDI_NRPN)):
            self._settled_s = now_s
        parts = [part for part in touched(signal) if abs(part[1]) <= MAX_SENT]  # no NaN, either
        steps = {source: abs(sent - self._heard.get(source, sent)) for source, sent in parts}
        self._heard.update(parts)
        if len(parts) == 1:  # a key that is let go is not meant
            if parts[0][1] != 0.0:
                self._point(*parts[0])
        elif steps and max(steps.values()) > 0.0:
            source = max(steps, key=lambda name: steps[name])
            self._point(source, dict(parts)[source])

    def _point(self, source: str, sent: float) -> None:
        assert self.learning is not None
        self.learning = Learning(source, self.learning.address, self.learning.label)
        self._sent = sent

    def edited(self, recipe: Recipe, model: ModelInfo | None) -> None:
        """Something was changed in the window: what a knob can move of it is the target."""
        before, self._before = self._before, recipe
        if self.learning is None:
            return
        for parameter, _ in parameters_of(recipe, model).changed(before, recipe):
            if not isinstance(parameter.kind, Text):
                self.learning = Learning(self.learning.source, parameter.address, parameter.label)
                return

    def finished(self, recipe: Recipe, model: ModelInfo | None, now_s: float) -> Binding | None:
        """The binding, once both are known at `now_s`; it is idle again afterwards."""
        learning = self.learning
        if learning is None or self.due_s is None or now_s < self.due_s:
            return None
        self.learning = None
        target = parameters_of(recipe, model).find(learning.address)
        return None if target is None else binding_for(learning.source, target, self._sent)
