"""The directions of the latent that have a name: their view, and the actions on them."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.recipe.component_moves import Moves, unmoved
from renderer.recipe.recipe import Move
from widgets.actions import Action

JSON, NPY = ".json", ".npy"


@dataclass(frozen=True)
class SavedDirections:
    """The directions that were named for the current model, each as a step of no length.

    `deleted` is the name of the one that was deleted last.
    """

    moves: Moves = ()
    deleted: str = ""

    def known(self, direction: Move) -> Move:
        """The direction with the name that it was saved under, if it was."""
        return next((one for one in self.moves if one.place == direction.place), direction)


def listed(saved: SavedDirections, made: Moves) -> Moves:
    """All directions with a name, of the model and of the picture, each as a step of no length; a
    picture's own name for one counts."""
    named = {move.place: unmoved(move) for move in made if move.name}
    own = [named.pop(move.place, move) for move in saved.moves]
    return (*own, *named.values())


@dataclass(frozen=True)
class NameDirection(Action):
    """Save a direction of the current model under a name, or give it another."""

    direction: Move
    name: str


@dataclass(frozen=True)
class DeleteNamed(Action):
    """Take a direction out of those that have a name, and out of the picture."""

    direction: Move


@dataclass(frozen=True)
class UndeleteNamed(Action):
    """Bring the direction back that was deleted last."""


@dataclass(frozen=True)
class OpenDirection(Action):
    """Add the direction of a file; without a path the user is asked for one."""

    path: str = ""


@dataclass(frozen=True)
class ExportDirection(Action):
    """Write a direction into a file of its own, NumPy's or JSON by its suffix."""

    direction: Move
    suffix: str
