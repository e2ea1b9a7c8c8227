"""One parameter: an address, what it reads and writes in a recipe, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from renderer.parameters.kinds import Kind, ParameterError, Value
from renderer.recipe.recipe import Recipe, RecipeError, check


@dataclass(frozen=True)
class Parameter:
    """One value of a recipe.

    `label` names it for people, `text` says what it does, `default` is what a new recipe has.
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

    @cached_property
    def parts(self) -> list[str]:
        """Return what stands between the slashes of its address."""
        return self.address.split("/")

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
