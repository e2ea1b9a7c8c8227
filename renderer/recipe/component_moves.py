"""Changing a recipe's moves along principal components.  Pure functions on tuples of `Move`."""

from __future__ import annotations

from typing import Literal

from renderer.recipe.recipe import Move

Space = Literal["mapped", "style", "weights"]
MAX_COMPONENTS = 64
"""The widest ones; a style of 2048 values has hardly any width left after them."""
Moves = tuple[Move, ...]


def amount_of(moves: Moves, space: Space, row: int, component: int) -> float:
    """Return how far the recipe goes along a component, in standard deviations."""
    return sum(
        move.amount for move in moves if _is_of(move, space, row) and move.component == component
    )


def with_amount(moves: Moves, space: Space, row: int, component: int, amount: float) -> Moves:
    """`moves` with one component's amount set; an amount of 0 takes the move out."""
    others = [
        move for move in moves if not (_is_of(move, space, row) and move.component == component)
    ]
    if amount == 0:
        return tuple(others)
    moved = Move(space, component, amount, 0 if space == "mapped" else row)
    return tuple(sorted([*others, moved], key=_order))


def count_of(moves: Moves, space: Space, row: int) -> int:
    """Return how many components of one space are moved along."""
    return sum(_is_of(move, space, row) and move.amount != 0 for move in moves)


def _is_of(move: Move, space: Space, row: int) -> bool:
    return move.space == space and (space == "mapped" or move.row == row)


def _order(move: Move) -> tuple[str, int, int]:
    return move.space, move.row, move.component
