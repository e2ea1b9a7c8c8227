"""From what came in to what it means: a recipe with new values in it, and things to be done.

Pure but for what it remembers: what each bound source sent last, so that a button is known to go
down, and what there was no time for.  A pattern is taken apart into one value for each address that
it reaches, so that no message takes longer than others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from renderer.frame.frame import ModelInfo
from renderer.parameters.bindings import Binding, Touch, bound_value
from renderer.parameters.commands import RESET
from renderer.parameters.kinds import ParameterError, Switch, Trigger, Value
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.parameters import PATTERN_SIGNS, Parameters, parameters_of
from renderer.recipe.recipe import Recipe, RecipeError, check
from visualizer.control.meaning import meant, numbers
from visualizer.control.signal_queue import MAX_SIGNALS, Signal

MAX_PATTERNS = 64
"""Address patterns that wait are looked up one by one; the oldest are left out beyond this."""
MAX_REACHED = 8192
"""Maximum number of values set by patterns at once; further patterns are dropped."""
MAX_COMMANDS = 32
"""Maximum number of commands between two redraws: more are not by hand."""


@dataclass
class Result:
    """The results of the signals.

    `told` are the values that came under a parameter's own address; `commands` are addresses to be
    carried out, with their values; `unknown` went nowhere; `problem` says why the last value that
    was refused was refused; `left_out` counts messages that were too many.
    """

    recipe: Recipe
    model: ModelInfo | None = None
    told: dict[str, Value] = field(default_factory=dict)
    commands: list[tuple[str, Value]] = field(default_factory=list)
    unknown: list[Signal] = field(default_factory=list)
    problem: str = ""
    left_out: int = 0
    _known: tuple[Recipe, Parameters] | None = None

    @property
    def known(self) -> Parameters:
        """The current recipe's parameters; looked up again when it has changed."""
        if self._known is None or self._known[0] is not self.recipe:
            self._known = self.recipe, parameters_of(self.recipe, self.model)
        return self._known[1]


@dataclass(frozen=True)
class _Part:
    """The effect of a pattern at one address; `tells` unless its sender should hear of it, too."""

    address: str
    value: Value
    tells: bool


class Dispatcher:
    """Applies signals to recipes.  Of several values for one parameter the newest counts."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}
        self._signals: deque[Signal] = deque()
        self._parts: deque[_Part] = deque()
        self._reached = 0

    @property
    def waits(self) -> bool:
        """Return whether there was no time for something."""
        return bool(self._signals or self._parts)

    def let_go(self, prefix: str) -> None:
        """Forget what the sources sent whose names begin with `prefix`: their device is gone, and a
        key that was held on it goes down again when it is pressed next."""
        self._sent = {
            name: sent for name, sent in self._sent.items() if not name.startswith(prefix)
        }

    def apply(
        self,
        recipe: Recipe,
        model: ModelInfo | None,
        signals: Sequence[Signal],
        bindings: Sequence[Binding],
        spent: Callable[[], bool] = lambda: False,
    ) -> Result:
        """Apply `signals`, and those that waited, to `recipe`; it never raises for anything in
        them.

        Args:
            recipe, model: the current ones.
            signals: that came in since the last call.
            bindings: what moves what.
            spent: asked after each piece of work; the rest waits for the next call.
        """
        bound: dict[str, list[Binding]] = {}
        for binding in bindings:
            bound.setdefault(binding.source, []).append(binding)
        self._sent = {source: sent for source, sent in self._sent.items() if source in bound}
        result = Result(recipe, model)
        self._queue(result, signals)
        newest = {_key(signal): index for index, signal in enumerate(self._signals)}
        index, done = 0, False
        while self.waits and not (done and spent()):
            if self._parts:
                self._take_part(result, self._parts.popleft())
            else:
                signal = self._signals.popleft()
                self._take(result, signal, bound, newest[_key(signal)] == index)
                index += 1
            done = True
        if result.left_out:
            result.problem = f"Too many messages came in at once: {result.left_out} were dropped."
        try:
            check(result.recipe)
        except RecipeError as error:
            return Result(recipe, model, commands=result.commands, problem=str(error))
        return result

    def _queue(self, result: Result, signals: Sequence[Signal]) -> None:
        """Put signals behind those that wait, as far as there is room."""
        if not self.waits:
            self._reached = 0
        waiting = [*self._signals, *signals][-MAX_SIGNALS:]
        result.left_out += len(self._signals) + len(signals) - len(waiting)
        newest = {
            _key(signal): index for index, signal in enumerate(waiting) if _is_pattern(signal)
        }
        late = set(list(newest.values())[:-MAX_PATTERNS])
        result.left_out += len(late)
        self._signals = deque(signal for index, signal in enumerate(waiting) if index not in late)

    def _take(
        self,
        result: Result,
        signal: Signal,
        bound: Mapping[str, list[Binding]],
        is_newest: bool,
    ) -> None:
        """One signal's turn."""
        if self._bound(result, signal, bound, is_newest):
            return
        if not _is_pattern(signal):
            _addressed(result, signal, is_newest)
            return
        parts = _parts(result, signal, is_newest)
        if self._reached + len(parts) > MAX_REACHED:
            result.left_out += 1
        else:
            self._reached += len(parts)
            self._parts.extend(parts)

    def _take_part(self, result: Result, part: _Part) -> None:
        """Give a value to what a pattern reached, unless it has gone meanwhile."""
        target = result.known.find(part.address)
        if target is None or (isinstance(target, Parameter) and target.adds):
            return
        if _taken(result, target, part.value) and part.tells:
            result.told[target.address] = part.value

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
        result.problem = f"There is no {binding.address} at the moment."
        return
    each_counts = binding.relative or isinstance(target.kind, Switch | Trigger)
    if not (is_newest or each_counts):
        return
    current = target.read(result.recipe) if isinstance(target, Parameter) else None
    value = bound_value(binding, target, touch, current)
    if value is not None:
        _taken(result, target, value)


def _is_pattern(signal: Signal) -> bool:
    """Return whether a signal may mean many addresses."""
    return bool(PATTERN_SIGNS.intersection(signal.source)) or _reset(signal) is not None


def _reset(signal: Signal) -> str | None:
    """Return what is to be brought back to its default, if it is said."""
    value = signal.values[0] if signal.values else None
    return value if isinstance(value, str) and signal.source.rstrip("/") == RESET else None


def _key(signal: Signal) -> tuple[str, str | None]:
    """Return what signals share of which the newest alone counts."""
    return signal.source, _reset(signal)


def _parts(result: Result, signal: Signal, is_newest: bool) -> list[_Part]:
    """Return what a pattern, or a reset, comes to; of all but the newest only what presses a
    button."""
    pattern = _reset(signal)
    if pattern is not None:
        return [
            _Part(target.address, target.default, tells=False)
            for target in (result.known.matching(pattern) if is_newest else ())
            if isinstance(target, Parameter) and target.read(result.recipe) != target.default
        ]
    found = result.known.matching(signal.source.rstrip("/"))
    if not found:
        result.unknown.append(signal)
    return [
        _Part(target.address, meant(target.kind, signal.values), tells=True)
        for target in found
        if is_newest or isinstance(target, Command)
    ]


def _addressed(result: Result, signal: Signal, is_newest: bool) -> None:
    """A message under one address of ours.  Of several values the first that fits counts, but a
    pad, which has an address for x and one for y, takes two."""
    known, address = result.known, signal.source.rstrip("/")
    found, sent = [known.find(address)], [signal.values]
    if found[0] is None and len(signal.values) > 1:
        found = [known.find(f"{address}/{axis}") for axis in "xy"]
        pair = numbers(signal.values)
        sent = [(value,) for value in (pair if len(pair) > 1 else signal.values)[:2]]
    targets = [target for target in found if target is not None]
    if len(targets) < len(found):
        result.unknown.append(signal)
        return
    for target, values in zip(targets, sent, strict=True):
        value = meant(target.kind, values)
        if (isinstance(target, Command) or is_newest) and _taken(result, target, value):
            result.told[target.address] = value


def _taken(result: Result, target: Parameter | Command, value: Value) -> bool:
    """Give a value to a target; returns whether it is taken."""
    try:
        good = target.kind.checked(value, target.address)
        if isinstance(target, Parameter):
            result.recipe = target.put(result.recipe, good)
        elif (good is not False or isinstance(target.kind, Switch)) and len(
            result.commands
        ) < MAX_COMMANDS:
            result.commands.append((target.address, good))
    except ParameterError as error:
        result.problem = str(error)
        return False
    return True
