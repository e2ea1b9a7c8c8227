"""Moves along principal components as the panel changes them."""

from __future__ import annotations

from renderer.recipe import component_moves
from renderer.recipe.recipe import Move


def test_an_amount_is_set_changed_and_taken_out() -> None:
    made = component_moves.with_amount((), "mapped", 0, 2, 1.5)
    assert made == (Move("mapped", 2, 1.5),)
    assert component_moves.amount_of(made, "mapped", 0, 2) == 1.5
    changed = component_moves.with_amount(made, "mapped", 0, 2, -1.0)
    assert changed == (Move("mapped", 2, -1.0),)
    assert component_moves.with_amount(changed, "mapped", 0, 2, 0.0) == ()


def test_spaces_and_rows_do_not_touch_each_other() -> None:
    made: component_moves.Moves = ()
    steps: tuple[tuple[component_moves.Space, int], ...] = (
        ("style", 4),
        ("mapped", 0),
        ("style", 1),
    )
    for space, row in steps:
        made = component_moves.with_amount(made, space, row, 0, 1.0)
    assert made == (Move("mapped", 0, 1.0), Move("style", 0, 1.0, 1), Move("style", 0, 1.0, 4))
    assert [component_moves.count_of(made, "style", row) for row in (1, 2, 4)] == [1, 0, 1]


def test_doubled_moves_count_together_and_are_set_as_one() -> None:
    doubled = (Move("mapped", 0, 1.0), Move("mapped", 0, 0.5))
    assert component_moves.amount_of(doubled, "mapped", 0, 0) == 1.5
    assert component_moves.with_amount(doubled, "mapped", 0, 0, 2.0) == (Move("mapped", 0, 2.0),)
