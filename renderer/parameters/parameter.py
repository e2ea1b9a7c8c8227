"""One parameter: an address, what it reads and writes in a recipe, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from renderer.frame.frame import ModelInfo
from renderer.parameters.kinds import Kind, Number, ParameterError, Value, Whole
from renderer.recipe.recipe import Recipe, RecipeError, check


@dataclass(frozen=True)
class Inert:
    """Setting a parameter has no effect `when` that is so; `sentence` says why, in a few words."""

    sentence: str
    when: Callable[[Recipe, ModelInfo | None], bool]

    def reason(self, recipe: Recipe, model: ModelInfo | None) -> str:
        """The sentence when it is so, else nothing."""
        return self.sentence if self.when(recipe, model) else ""


@dataclass(frozen=True)
class Parameter:
    """One value of a recipe: everything about it is declared here, once.

    `label` names it for people, `short` where its panel says what it belongs to; `text` says what
    it does, `default` is what a new recipe has, `inert` when it does nothing and is greyed out.
    `get` reads it and `put` writes it unchecked: use `read` and `set`.  One that `adds` belongs to
    something that is not there yet, such as the next prompt: setting it adds that, so only its own
    address reaches it and no pattern does.
    """

    address: str
    label: str
    kind: Kind
    default: Value
    text: str
    get: Callable[[Recipe], Value]
    put: Callable[[Recipe, Any], Recipe]
    adds: bool = False
    short: str = ""
    inert: tuple[Inert, ...] = ()

    @cached_property
    def parts(self) -> list[str]:
        """Return what stands between the slashes of its address."""
        return self.address.split("/")

    @property
    def name(self) -> str:
        """Return its name in its panel."""
        return self.short or self.label

    def reason(self, recipe: Recipe, model: ModelInfo | None) -> str:
        """Return why setting it has no effect now; empty when it has one."""
        return next(filter(None, (inert.reason(recipe, model) for inert in self.inert)), "")

    def read(self, recipe: Recipe) -> Value:
        """Its value in `recipe`."""
        return self.get(recipe)

    def set(self, recipe: Recipe, value: object) -> Recipe:
        """The recipe with this value in it.

        Raises:
            ParameterError: the value is not taken; one sentence.
        """
        new = self.put(recipe, self.kind.checked(value, self.address))
        try:
            check(new)
        except RecipeError as error:
            raise ParameterError(str(error)) from error
        return new


@dataclass(frozen=True)
class Setting:
    """A value of the window that is no part of a recipe and has no address, such as how fast the
    latent wanders: what it is called, what it takes, what it does."""

    name: str
    kind: Number | Whole
    default: float
    text: str


@dataclass(frozen=True)
class Command:
    """Something that an address does rather than sets: undo, save the picture."""

    address: str
    label: str
    kind: Kind
    text: str

    @property
    def parts(self) -> list[str]:
        """Return what stands between the slashes of its address."""
        return self.address.split("/")
