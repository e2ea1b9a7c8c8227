"""Modulation: oscillators, beats and audio play on top of the document.

The document keeps the values that are set; what is shown has those that are played.  So nothing of
it is a step of undo, and everything is back where it was when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from renderer.frame.frame import ModelInfo
from renderer.parameters.bindings import BEAT, Binding, played_value
from renderer.parameters.kinds import ParameterError, Trigger, Value
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import parameters_of
from renderer.recipe.recipe import Recipe, RecipeError, check
from widgets.controls.control_view import PlaySources

MIDDLE = 0.5
"""A command is carried out when its source rises over this."""


class Modulation:
    """Applies the values of playing sources."""

    def __init__(self) -> None:
        self.values: Mapping[str, float] = {}
        """The current value of each source that plays, 0 to 1."""
        self.played: Mapping[str, Value] = {}
        """The value that each parameter is played at, by its address."""
        self._bindings: tuple[Binding, ...] = ()
        self._bound: tuple[Sequence[Binding], tuple[Binding, ...]] = ((), ())
        self._due: dict[str, Value] = {}

    @property
    def moves(self) -> bool:
        """Return whether a source that plays is bound."""
        return bool(self._bindings)

    def take(
        self,
        played: PlaySources,
        bindings: Sequence[Binding],
        recipe: Recipe,
        model: ModelInfo | None,
    ) -> None:
        """Take the values of this redraw."""
        before, self.values = self.values, played.values
        if bindings is not self._bound[0]:
            self._bound = bindings, tuple(binding for binding in bindings if binding.plays)
        self._bindings = tuple(one for one in self._bound[1] if one.source in self.values)
        known = parameters_of(recipe, model)
        for binding in self._bindings:
            target = known.find(binding.address)
            if not isinstance(target, Command):
                continue
            if not isinstance(target.kind, Trigger):
                self._due[target.address] = played_value(binding, target, self._sent(binding), None)
            elif self._rises(binding, before, played.struck):
                self._due[target.address] = True

    def _sent(self, binding: Binding) -> float:
        return self.values[binding.source]

    def _rises(self, binding: Binding, before: Mapping[str, float], struck: Sequence[str]) -> bool:
        """Return whether a command's moment is now; a source that was high from the start did not
        rise."""
        if binding.source.startswith(BEAT):
            return binding.source in struck
        sent = self._sent(binding)
        return sent >= MIDDLE > before.get(binding.source, sent)

    def commands(self) -> list[tuple[str, Value]]:
        """Return the commands that are due, each once, with the value that they are given."""
        due, self._due = self._due, {}
        return list(due.items())

    def applied(self, recipe: Recipe, model: ModelInfo | None) -> Recipe:
        """Return the recipe with everything that plays; as it is where that fits nowhere."""
        self.played = played = dict[str, Value]()
        if not self._bindings:
            return recipe
        known, new = parameters_of(recipe, model), recipe
        for binding in self._bindings:
            target = known.find(binding.address)
            if not isinstance(target, Parameter) or target.adds:
                continue
            set_to = target.read(new)
            value = played_value(binding, target, self.values[binding.source], set_to)
            played[target.address] = value
            if value == set_to:
                continue
            try:
                new = target.put(new, target.kind.checked(value, target.address))
            except ParameterError:
                continue
        try:
            check(new)
        except RecipeError:
            return recipe
        return new
