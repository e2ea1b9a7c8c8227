"""Undo of the timeline, in turn with the undo of the picture."""

from __future__ import annotations

from msgspec.structs import replace

from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from visualizer.instruments.timeline_edits import MAX_STEPS, TimelineEdits

A, B = Recipe(psi=0.1), Recipe(psi=0.2)


def line(count: int) -> Timeline:
    return Timeline(tuple(KeyFrame(float(index), A) for index in range(count)), 300.0)


def test_edits_are_taken_back_and_done_again() -> None:
    edits = TimelineEdits()
    for count in range(4):
        edits.edit(line(count), A)
    assert edits.undo()
    assert edits.undo()
    assert edits.timeline == line(1)
    assert edits.redo()
    assert edits.timeline == line(2)
    edits.edit(line(9), A)
    assert not edits.can_redo
    assert not edits.redo()


def test_an_edit_that_changes_nothing_is_no_step_and_a_drag_is_one() -> None:
    edits = TimelineEdits()
    edits.edit(Timeline(), A)
    assert not edits.can_undo
    for count in range(1, 9):
        edits.edit(line(count), A, ("drag", 1))
    edits.edit(line(20), A, ("drag", 2))
    edits.undo()
    assert edits.timeline == line(8)
    edits.undo()
    assert edits.timeline == Timeline()
    assert not edits.undo()


def test_the_newer_of_picture_and_timeline_is_undone_first() -> None:
    edits = TimelineEdits()
    assert not edits.is_next_to_undo(A)
    edits.edit(line(1), A)
    assert edits.is_next_to_undo(A)
    assert not edits.is_next_to_undo(B)  # the picture was changed since
    edits.undo()
    assert edits.is_next_to_redo(A)
    assert not edits.is_next_to_redo(B)


def test_a_hash_that_became_known_is_no_change_of_the_picture() -> None:
    named = replace(A, model=ModelRef("demo", "ab" * 32))
    edits = TimelineEdits()
    edits.edit(line(1), A)
    assert edits.is_next_to_undo(named)


def test_the_list_does_not_grow_for_ever_and_a_new_session_has_none() -> None:
    edits = TimelineEdits()
    for count in range(MAX_STEPS + 50):
        edits.edit(replace(line(0), length_s=1.0 + count), A)
    steps = 0
    while edits.undo():
        steps += 1
    assert steps == MAX_STEPS
    edits.begin(line(3))
    assert edits.timeline == line(3)
    assert not (edits.can_undo or edits.can_redo)
