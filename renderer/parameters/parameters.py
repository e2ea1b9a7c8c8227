"""Every value of a recipe under an address, such as `/psi` or `/mixing/1/latent/32`.

OSC, MIDI and scripts read and write recipes through these.  Setting is pure: a recipe and a value
go in, a recipe comes out; a value that does not fit is refused with a sentence.  Which addresses
there are depends on the model (its blocks and rows) and on the recipe (its prompts, sources and
directions); `renderer.parameters.registry` says them.

What a remote control cannot do is open files: models and text towers have no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from renderer.frame.frame import ModelInfo
from renderer.parameters.commands import COMMANDS
from renderer.parameters.kinds import ParameterError, Value
from renderer.parameters.parameter import Command, Parameter
from renderer.parameters.registry import parameters
from renderer.parameters.shape import aliases, shape_of
from renderer.recipe.recipe import Bend, Direction, MixingPart, MixSource, Recipe, TextPart

EXAMPLE = Recipe(
    text=TextPart(directions=(Direction(name="1"),)),
    mixing=MixingPart((MixSource(),)),
    bends=(Bend(),),
)
"""With one direction, source and bend, so that they have addresses."""
MAX_PATTERN = 120
MAX_STARS = 4
"""Longer patterns, and ones with more stars, are not looked up: matching them could take long."""
MAX_KNOWN_PATTERNS = 64
"""Number of patterns whose meaning is remembered: senders repeat theirs."""


@dataclass(frozen=True)
class Outcome:
    """The recipe after a value was set, or as it was together with the reason why not."""

    recipe: Recipe
    refusal: str = ""


class Parameters:
    """All parameters and commands of one situation, by address.

    Args:
        parameters: every parameter.
        commands: what else has an address.
        aliases: second names: address by other address.
    """

    def __init__(
        self,
        parameters: Iterable[Parameter],
        commands: Iterable[Command] = (),
        aliases: dict[str, str] | None = None,
    ) -> None:
        self._parameters = {item.address: item for item in parameters}
        self._commands = {item.address: item for item in commands}
        self._aliases = aliases or {}
        self._meant: dict[str, tuple[Parameter | Command, ...]] = {}

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return what does something rather than sets something."""
        return tuple(self._commands.values())

    @property
    def aliases(self) -> dict[str, str]:
        """Second names of parameters."""
        return dict(self._aliases)

    def find(self, address: str) -> Parameter | Command | None:
        """Return what has this address, also by a second name; None when nothing has."""
        address = self._aliases.get(address, address)
        return self._parameters.get(address) or self._commands.get(address)

    def parameter(self, address: str) -> Parameter:
        """The parameter of this address.

        Raises:
            ParameterError: there is none.
        """
        found = self.find(address)
        if isinstance(found, Parameter):
            return found
        raise ParameterError(f"There is no parameter {address[:80]!r} at the moment.")

    def set(self, recipe: Recipe, address: str, value: object) -> Outcome:
        """Set one value; never raises."""
        try:
            return Outcome(self.parameter(address).set(recipe, value))
        except ParameterError as error:
            return Outcome(recipe, str(error))

    def matching(self, pattern: str) -> tuple[Parameter | Command, ...]:
        """Return what an OSC address pattern means: `*`, `?`, `[a-c]`, `[!a]` and `{this,that}`
        within a part of an address.  It reaches only what there is; a plain address, which may also
        add something, is looked up at once."""
        if not PATTERN_SIGNS.intersection(pattern):
            found = self.find(pattern)
            return () if found is None else (found,)
        if pattern not in self._meant:
            while len(self._meant) >= MAX_KNOWN_PATTERNS:
                del self._meant[next(iter(self._meant))]
            self._meant[pattern] = tuple(self._matches(pattern))
        return self._meant[pattern]

    def _matches(self, pattern: str) -> Iterator[Parameter | Command]:
        """Parts are matched rather than addresses: there are few different ones, and all short."""
        wanted = _compiled(pattern)
        reach = self._by_length.get(len(wanted), [])
        good = [
            {name for name in {item.parts[place] for item in reach} if part.fullmatch(name)}
            for place, part in enumerate(wanted)
        ]
        for item in reach:
            if all(map(set.__contains__, good, item.parts)):
                yield item

    @cached_property
    def _by_length(self) -> dict[int, list[Parameter | Command]]:
        """Return what patterns can reach, by the number of parts of its address."""
        found: dict[int, list[Parameter | Command]] = {}
        for item in (*self._parameters.values(), *self._commands.values()):
            if isinstance(item, Command) or not item.adds:
                found.setdefault(len(item.parts), []).append(item)
        return found

    def changed(self, before: Recipe, after: Recipe) -> Iterator[tuple[Parameter, Value]]:
        """Each parameter whose value differs, with its new value."""
        if before == after:
            return
        for item in self:
            value = item.get(after)
            if value != item.get(before):
                yield item, value


@lru_cache(maxsize=256)
def declared(address: str) -> Parameter:
    """The parameter of an address as it is for any model and picture, such as `/psi`; of prompts,
    sources and directions the first has one.

    Raises:
        ParameterError: there is none.
    """
    return parameters_of(EXAMPLE, None).parameter(address)


def parameters_of(recipe: Recipe, model: ModelInfo | None) -> Parameters:
    """The parameters that a recipe has on a model; without a model those of blocks are missing."""
    return _parameters(shape_of(recipe, model))


@lru_cache(maxsize=8)
def _parameters(shape: Any) -> Parameters:
    return Parameters(parameters(shape), COMMANDS, aliases(shape))


PATTERN_SIGNS = frozenset("*?[]{}")
_TOKEN = re.compile(r"\*+|\?|\[(!?)([^\[\]]{1,40})\]|\{([^{}]{1,80})\}|[^*?\[\]{}]")


def _compiled(pattern: str) -> list[re.Pattern[str]]:
    """The parts of an OSC address pattern as regular expressions; none when it is no pattern, or
    too costly.

    Source: Open Sound Control 1.0, "OSC Message Dispatching and Pattern Matching".
    """
    if len(pattern) > MAX_PATTERN or len(re.findall(r"\*+", pattern)) > MAX_STARS:
        return []
    try:
        return [_compiled_part(part) for part in pattern.split("/")]
    except re.error:  # such as a bracket that is not closed, or the range [z-a]
        return []


def _compiled_part(part: str) -> re.Pattern[str]:
    """The same for what stands between two slashes.

    Raises:
        re.error: it is malformed.
    """
    parts, place = [], 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None:
            raise re.error("a bracket without its other half", part, place)
        place = token.end()
        parts.append(_expression(token))
    return re.compile("".join(parts))


def _expression(token: re.Match[str]) -> str:
    sign, inverted, letters, words = token[0], token[1], token[2], token[3]
    if sign[0] == "*":
        return ".*"
    if sign == "?":
        return "."
    if letters is not None:
        escaped = re.sub(r"[\\^&~|]", r"\\\g<0>", letters)
        return f"[{'^' if inverted else ''}{escaped}]"
    if words is not None:
        return f"(?:{'|'.join(re.escape(word) for word in words.split(','))})"
    return re.escape(sign)
