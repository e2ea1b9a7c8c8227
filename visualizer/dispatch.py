"""From what came in to what it means: a recipe with new values in it, and things to be done.

Pure but for one memory: what each bound source sent last, so that a button is known to go down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from renderer.bindings import Binding, Touch, bound_value
from renderer.frame import ModelInfo
from renderer.parameter_list import RESET
from renderer.parameters import PATTERN_SIGNS, Command, Parameter, Parameters, parameters_of
from renderer.recipe import Recipe, RecipeError, check
from renderer.value_kinds import ParameterError, Switch, Trigger, Value
from visualizer.inbox import Signal

MAX_PATTERNS = 64
"""Address patterns are looked up one by one; more of them at a time are left out."""
MAX_COMMANDS = 32
"""Nobody presses more buttons between two redraws."""


@dataclass
class Result:
    """What the signals came to.

    `told` are the values that came under a parameter's own address; `commands` are addresses to be
    carried out, with their values; `unknown` went nowhere; `problem` says why the last value that
    was refused was refused.
    """

    recipe: Recipe
    model: ModelInfo | None = None
    told: dict[str, Value] = field(default_factory=dict)
    commands: list[tuple[str, Value]] = field(default_factory=list)
    unknown: list[Signal] = field(default_factory=list)
    problem: str = ""
    _known: tuple[Recipe, Parameters] | None = None

    @property
    def known(self) -> Parameters:
        """The parameters of the recipe as it is by now; looked up anew only when it has changed."""
        if self._known is None or self._known[0] is not self.recipe:
            self._known = self.recipe, parameters_of(self.recipe, self.model)
        return self._known[1]


class Dispatcher:
    """Applies signals to recipes.  Of several values for one parameter the newest counts."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}

    def apply(
        self,
        recipe: Recipe,
        model: ModelInfo | None,
        signals: Sequence[Signal],
        bindings: Sequence[Binding],
    ) -> Result:
        """What `signals` make of `recipe`; it never raises for anything in them."""
        bound: dict[str, list[Binding]] = {}
        for binding in bindings:
            bound.setdefault(binding.source, []).append(binding)
        self._sent = {source: sent for source, sent in self._sent.items() if source in bound}
        newest = {signal.source: index for index, signal in enumerate(signals)}
        result, patterns = Result(recipe, model), 0
        for index, signal in enumerate(signals):
            is_newest = newest[signal.source] == index
            if self._bound(result, signal, bound, is_newest):
                continue
            if PATTERN_SIGNS.intersection(signal.source):
                patterns += is_newest
                if patterns > MAX_PATTERNS:
                    continue
            _addressed(result, signal, is_newest)
        try:
            check(result.recipe)
        except RecipeError as error:
            return Result(recipe, model, commands=result.commands, problem=str(error))
        return result

    def _bound(
        self,
        result: Result,
        signal: Signal,
        bound: Mapping[str, list[Binding]],
        is_newest: bool,
    ) -> bool:
        """Let a signal move what its source is bound to.  Returns whether it is bound at all."""
        found = False
        for source, sent in touched(signal):
            if source not in bound:
                continue
            found = True
            touch = Touch(sent, self._sent.get(source, 0.0))
            self._sent[source] = sent
            for binding in bound[source]:
                _moved(result, binding, touch, is_newest)
        return found


def touched(signal: Signal) -> list[tuple[str, float]]:
    """The sources in a signal with what they send: each number of a message is one of its own."""
    values = signal.values or (1.0,)
    return [
        (signal.source if index == 0 else f"{signal.source}#{index + 1}", float(value))
        for index, value in enumerate(values[:8])
        if isinstance(value, int | float)
    ]


def _moved(result: Result, binding: Binding, touch: Touch, is_newest: bool) -> None:
    """One binding's turn."""
    target = result.known.find(binding.address)
    if target is None:
        result.problem = f"There is no {binding.address} now."
        return
    each_counts = binding.relative or isinstance(target.kind, Switch | Trigger)
    if not (is_newest or each_counts):
        return
    current = target.read(result.recipe) if isinstance(target, Parameter) else None
    value = bound_value(binding, target, touch, current)
    if value is not None:
        _taken(result, target, value)


def _addressed(result: Result, signal: Signal, is_newest: bool) -> None:
    """A message under an address of ours, or a pattern of several."""
    known = result.known
    targets = known.matching(signal.source)
    if not targets:
        result.unknown.append(signal)
        return
    if len(signal.values) > 1:
        result.problem = f"{signal.source} takes one value."
        return
    value = signal.values[0] if signal.values else None
    for target in targets:
        if target.address == RESET and isinstance(value, str):
            for parameter in known.matching(value):
                if isinstance(parameter, Parameter):
                    _taken(result, parameter, parameter.default)
        elif (isinstance(target, Command) or is_newest) and _taken(result, target, value):
            result.told[target.address] = value


def _taken(result: Result, target: Parameter | Command, value: Value) -> bool:
    """Give a value to a target; returns whether it is taken."""
    try:
        good = target.kind.checked(value, target.address)
        if isinstance(target, Parameter):
            result.recipe = target.put(result.recipe, good)
        elif good is not False and len(result.commands) < MAX_COMMANDS:
            result.commands.append((target.address, good))
    except ParameterError as error:
        result.problem = str(error)
        return False
    return True
