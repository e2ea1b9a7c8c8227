"""Changing a recipe's moves along directions.  Pure functions on tuples of `Move`.

A direction is a move, whatever its amount: two moves with one `place` go along one direction.
"""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.parts.moves import Space
from renderer.recipe.recipe import Move

MAX_COMPONENTS = 64
"""The widest ones; a style of 2048 values has hardly any width left after them."""
Moves = tuple[Move, ...]


def amount_of(moves: Moves, direction: Move) -> float:
    """Return how far the recipe goes along a direction."""
    return sum(move.amount for move in moves if move.place == direction.place)


def name_of(moves: Moves, direction: Move) -> str:
    """Return the name of a direction in a recipe; empty where it has none."""
    names = (move.name for move in moves if move.place == direction.place)
    return next(filter(None, names), "")


def with_amount(moves: Moves, direction: Move, amount: float) -> Moves:
    """`moves` with the amount of one direction set; without a name, an amount of 0 takes it out."""
    name = name_of(moves, direction) or direction.name
    others = without(moves, direction)
    if amount == 0 and not name:
        return others
    moved = replace(direction, amount=amount, name=name)
    return tuple(sorted([*others, moved], key=lambda move: move.place))


def with_name(moves: Moves, direction: Move, name: str) -> Moves:
    """`moves` with another name for a direction that is among them; an empty one takes it away."""
    return tuple(
        replace(move, name=name) if move.place == direction.place else move for move in moves
    )


def without(moves: Moves, direction: Move) -> Moves:
    """`moves` without a direction."""
    return tuple(move for move in moves if move.place != direction.place)


def unmoved(move: Move) -> Move:
    """The direction of a move alone: its amount is 0."""
    return replace(move, amount=0.0) if move.amount else move


def count_of(moves: Moves, space: Space, row: int) -> int:
    """Return how many components of one space are moved along."""
    rows = {0} if space == "mapped" else {row}
    return sum(move.space == space and move.row in rows and move.amount != 0 for move in moves)
