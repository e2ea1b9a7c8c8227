"""Values that a remote control may send: numbers, whole numbers, choices, texts, switches and
triggers.

Each kind says which values it takes, and turns the travel of a knob into one of them.  Nothing that
comes from outside is trusted: a value of another type, outside its limits or not finite is refused
with a sentence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from renderer.errors import RendererError
from renderer.recipe.quoting import one_line
from renderer.recipe.recipe import MAX_CHARACTERS, MAX_SEED, WILD

Value = float | int | bool | str | None
"""None stands for "follows something else", where a kind is optional."""
LIMITS = (-WILD, WILD)


class ParameterError(RendererError, ValueError):
    """A value is not taken; the message is a sentence for the user."""


@dataclass(frozen=True)
class Number:
    """A decimal number.  Knobs and sliders sweep `low` to `high`; what is sent may reach `limits`.

    An `optional` one also takes None, which `nothing` says in words.  `decimals` are those that are
    shown, `marks` are named positions, and a `logarithmic` one is swept by factors (`low` > 0).
    """

    low: float
    high: float
    limits: tuple[float, float] = LIMITS
    unit: str = ""
    optional: bool = False
    nothing: str = ""
    decimals: int = 2
    marks: tuple[tuple[float, str], ...] = ()
    logarithmic: bool = False

    def checked(self, value: object, name: str) -> Value:
        """The value as a float.

        Raises:
            ParameterError: not a number, not finite, or outside the limits.
        """
        if value is None and self.optional:
            return None
        number = _finite(value, name, "a number")
        _within(number, self.limits, name)
        return number

    def at(self, share: float) -> Value:
        """The value of a knob at `share` of its way, 0 to 1."""
        return _between(self.low, self.high, share)

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        words = f"{self.low:g} to {self.high:g}{self.unit}"
        if self.limits not in (LIMITS, (self.low, self.high)):
            words += f" (up to {self.limits[0]:g} and {self.limits[1]:g})"
        return f"{words}, or nil: {self.nothing}" if self.optional else words


@dataclass(frozen=True)
class Whole:
    """A whole number.  Controllers that only know decimal numbers may send 3.0 for 3."""

    low: int
    high: int
    limits: tuple[int, int] = (0, MAX_SEED)
    optional: bool = False
    nothing: str = ""
    unit: str = ""
    decimals: ClassVar[int] = 0
    marks: ClassVar[tuple[tuple[float, str], ...]] = ()
    logarithmic: ClassVar[bool] = False

    def checked(self, value: object, name: str) -> Value:
        """The value as an int.

        Raises:
            ParameterError: not a whole number, or outside the limits.
        """
        if value is None and self.optional:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            whole = value  # not by way of a float, which would round long seeds
        else:
            number = _finite(value, name, "a whole number")
            if number != int(number):
                raise ParameterError(f"{name} takes whole numbers, so {number:g} was not used.")
            whole = int(number)
        _within(whole, self.limits, name)
        return whole

    def at(self, share: float) -> Value:
        """The value of a knob at `share` of its way, 0 to 1."""
        return round(_between(self.low, self.high, share))

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        top = "2^63 - 1" if self.limits[1] == MAX_SEED else str(self.limits[1])
        words = f"whole, {self.limits[0]} to {top}{self.unit}"
        return f"{words}, or nil: {self.nothing}" if self.optional else words


@dataclass(frozen=True)
class Choice:
    """One of a few words; its place in the list, counted from 0, is taken too."""

    options: tuple[str, ...]

    def checked(self, value: object, name: str) -> Value:
        """The chosen word.

        Raises:
            ParameterError: neither one of the words nor the place of one.
        """
        if isinstance(value, str) and value in self.options:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            places = range(len(self.options))
            if value in places:  # also 1.0; neither NaN nor 0.5
                return self.options[int(value)]
        raise ParameterError(f"{name} takes one of {', '.join(self.options)}.")

    def at(self, share: float) -> Value:
        """The word at `share` of a knob's way, 0 to 1."""
        last = len(self.options) - 1
        return self.options[min(int(_between(0, last + 1, share)), last)]

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        return " | ".join(self.options)


@dataclass(frozen=True)
class Text:
    """A line of text; line breaks in it become spaces."""

    def checked(self, value: object, name: str) -> Value:
        """The text on one line.

        Raises:
            ParameterError: not text, too long, or no valid characters.
        """
        if not isinstance(value, str):
            raise ParameterError(f"{name} takes text.")
        if len(value) > MAX_CHARACTERS:
            raise ParameterError(f"{name} takes at most {MAX_CHARACTERS} characters.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ParameterError(f"{name} was sent characters that cannot be saved.") from None
        return one_line(value)

    def at(self, share: float) -> Value:
        """Knobs send no text.

        Raises:
            ParameterError: always.
        """
        raise ParameterError("A knob cannot set text.")

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        return "text"


@dataclass(frozen=True)
class Switch:
    """On or off: true and false, or 1 and 0."""

    def checked(self, value: object, name: str) -> Value:
        """The value as a bool.

        Raises:
            ParameterError: neither of the two.
        """
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float) and value in (0, 1):
            return bool(value)
        raise ParameterError(f"{name} takes 1 (on) or 0 (off).")

    def at(self, share: float) -> Value:
        """On in the upper half of a knob's way."""
        return share >= 0.5

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        return "0 | 1"


@dataclass(frozen=True)
class Trigger:
    """Something that happens when it is sent: alone, as true, or as a number above 0.

    A button that is let go sends 0 or false: nothing happens then.
    """

    def checked(self, value: object, name: str) -> Value:
        """Return whether it is to happen.

        Raises:
            ParameterError: neither nothing, nor a truth, nor a number.
        """
        if value is None or isinstance(value, bool):
            return value is not False
        return _finite(value, name, "no value, or 1") > 0

    def at(self, share: float) -> Value:
        """It happens in the upper half of a knob's way."""
        return share >= 0.5

    @property
    def words(self) -> str:
        """Describe what it takes, for the list of parameters."""
        return "trigger"


Kind = Number | Whole | Choice | Text | Switch | Trigger


def _finite(value: object, name: str, wanted: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ParameterError(f"{name} takes {wanted}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ParameterError(f"{name} takes {wanted}, and a finite one.")
    return number


def _within(value: float, limits: tuple[float, float], name: str) -> None:
    low, high = limits
    if not low <= value <= high:
        shown = f"{value:g}" if abs(value) < 1e15 else "a number that large"
        raise ParameterError(f"{name} takes {low:g} to {high:g}, so {shown} was not used.")


def _between(low: float, high: float, share: float) -> float:
    """The ends are met exactly."""
    share = min(max(share, 0.0), 1.0)
    return low * (1 - share) + high * share
