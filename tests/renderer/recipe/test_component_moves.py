"""Moves along directions as the panel changes them."""

from __future__ import annotations

from renderer.recipe import component_moves
from renderer.recipe.recipe import Move, Recipe


def test_an_amount_is_set_changed_and_taken_out() -> None:
    third = Move("mapped", 2)
    made = component_moves.with_amount((), third, 1.5)
    assert made == (Move("mapped", 2, 1.5),)
    assert component_moves.amount_of(made, third) == 1.5
    changed = component_moves.with_amount(made, third, -1.0)
    assert changed == (Move("mapped", 2, -1.0),)
    assert component_moves.with_amount(changed, third, 0.0) == ()


def test_spaces_and_rows_do_not_touch_each_other() -> None:
    made: component_moves.Moves = ()
    for direction in (Move("style", row=4), Move("mapped"), Move("style", row=1)):
        made = component_moves.with_amount(made, direction, 1.0)
    assert made == (Move("mapped", 0, 1.0), Move("style", 0, 1.0, 1), Move("style", 0, 1.0, 4))
    assert [component_moves.count_of(made, "style", row) for row in (1, 2, 4)] == [1, 0, 1]


def test_doubled_moves_count_together_and_are_set_as_one() -> None:
    doubled = (Move("mapped", 0, 1.0), Move("mapped", 0, 0.5))
    assert component_moves.amount_of(doubled, Move()) == 1.5
    assert component_moves.with_amount(doubled, Move(), 2.0) == (Move("mapped", 0, 2.0),)


def test_a_direction_with_a_name_stays_when_it_moves_nothing() -> None:
    named = component_moves.with_amount((), Move("mapped", 2, name="smile"), 1.0)
    still = component_moves.with_amount(named, Move("mapped", 2), 0.0)
    assert Recipe(moves=still).moves == (Move("mapped", 2, 0.0, name="smile"),)
    assert component_moves.with_amount(still, Move("mapped", 2), 2.0)[0].name == "smile"
    other = component_moves.with_name(still, Move("mapped", 2), "grin")
    assert component_moves.name_of(other, Move("mapped", 2)) == "grin"
    nameless = component_moves.with_name(other, Move("mapped", 2), "")
    assert Recipe(moves=nameless).moves == ()
    assert component_moves.without(named, Move("mapped", 2, 5.0)) == ()
