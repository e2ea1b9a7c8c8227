from __future__ import annotations

import random

from msgspec.structs import replace

from renderer.recipe.recipe import ModelRef, Recipe
from renderer.timeline.timeline import KeyFrame, Timeline
from visualizer.session.undo_stack import BURST_S, MAX_STEPS, Step, UndoStack


def psi(value: float) -> Recipe:
    """A recipe that is told from others by its psi."""
    return Recipe(psi=value)


def test_undo_and_redo_walk_through_the_edits() -> None:
    document = UndoStack(psi(0.0))
    for step in range(1, 4):
        assert document.edit(psi(step))
    assert document.undo()
    assert document.undo()
    assert document.recipe == psi(1.0)
    assert document.redo()
    assert document.recipe == psi(2.0)
    assert document.can_undo
    assert document.can_redo


def test_an_edit_that_changes_nothing_is_no_step() -> None:
    document = UndoStack(psi(0.0))
    assert not document.edit(psi(0.0))
    assert not document.can_undo


def test_a_gesture_is_one_step_however_long_it_takes() -> None:
    document = UndoStack(psi(0.0))
    for step in range(1, 50):
        document.edit(psi(step), ("drag", 1), now_s=step * 100.0)
    assert document.undo()
    assert document.recipe == psi(0.0)
    assert not document.can_undo


def test_the_next_gesture_is_another_step() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0), ("drag", 1))
    document.edit(psi(2.0), ("drag", 2))
    document.undo()
    assert document.recipe == psi(1.0)


def test_typing_that_rests_begins_a_new_step() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0), "typing", now_s=0.0, burst_s=BURST_S)
    document.edit(psi(2.0), "typing", now_s=0.5, burst_s=BURST_S)
    document.edit(psi(3.0), "typing", now_s=0.5 + 2 * BURST_S, burst_s=BURST_S)
    document.undo()
    assert document.recipe == psi(2.0)
    document.undo()
    assert document.recipe == psi(0.0)


def test_an_edit_without_a_gesture_stands_alone() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0))
    document.edit(psi(2.0))
    document.undo()
    assert document.recipe == psi(1.0)


def test_a_gesture_does_not_go_on_after_undo() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0), "typing", burst_s=BURST_S)
    document.undo()
    document.edit(psi(2.0), "typing", burst_s=BURST_S)
    document.undo()
    assert document.recipe == psi(0.0)


def test_a_new_edit_ends_what_could_be_redone() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0))
    document.undo()
    document.edit(psi(2.0))
    assert not document.redo()
    assert document.recipe == psi(2.0)


def test_the_list_of_steps_does_not_grow_for_ever() -> None:
    document = UndoStack(psi(0.0))
    for step in range(1, MAX_STEPS + 100):
        document.edit(psi(step))
    steps = 0
    while document.undo():
        steps += 1
    assert steps == MAX_STEPS


def test_what_is_not_the_user_s_doing_is_no_step() -> None:
    document = UndoStack(psi(0.0))
    document.amend(psi(1.0))
    assert document.recipe == psi(1.0)
    assert not document.can_undo


def test_after_any_edits_undo_leads_back_to_the_start_and_redo_to_the_end() -> None:
    chance = random.Random(3)
    for _ in range(50):
        document = UndoStack(psi(0.0))
        for step in range(chance.randrange(1, 40)):
            document.edit(psi(chance.random()), chance.choice([None, "a", "b"]), float(step), 1.5)
        end = document.recipe
        while document.undo():
            pass
        assert document.recipe == psi(0.0)
        while document.redo():
            pass
        assert document.recipe == end


# -- a load that is cancelled ------------------------------------------------------------------

A, B, NAMED_A = ModelRef("/a"), ModelRef("/b"), ModelRef("/a", "ab" * 32)


def with_model(model: ModelRef, value: float = 0.0) -> Recipe:
    return Recipe(model=model, psi=value)


def test_a_withdrawn_model_was_never_asked_for() -> None:
    document = UndoStack(with_model(A))
    document.edit(with_model(A, 1.0))
    document.edit(with_model(B, 1.0))
    document.withdraw_model(A, "float32")
    assert document.recipe == with_model(A, 1.0)
    assert document.undo()
    assert document.recipe == with_model(A)
    assert not document.can_undo


def test_edits_on_a_withdrawn_model_stay() -> None:
    document = UndoStack(with_model(A))
    document.edit(with_model(B))
    document.edit(with_model(B, 1.0))
    document.edit(with_model(B, 2.0))
    document.withdraw_model(A, "float32")
    seen = [document.recipe]
    while document.undo():
        seen.append(document.recipe)
    assert seen == [with_model(A, 2.0), with_model(A, 1.0), with_model(A)]


def test_an_undo_that_asked_for_a_model_is_redone() -> None:
    document = UndoStack(with_model(B))
    document.edit(with_model(A))
    document.undo()
    document.withdraw_model(A, "float32")
    assert document.recipe == with_model(A)
    assert document.can_undo
    assert not document.can_redo


def test_a_hash_that_became_known_is_no_step() -> None:
    document = UndoStack(with_model(A))
    document.edit(with_model(B))
    document.withdraw_model(NAMED_A, "float32")
    assert document.recipe.model.path == "/a"
    assert not document.can_undo


def test_a_withdrawn_precision() -> None:
    document = UndoStack(with_model(A))
    document.edit(replace(with_model(A), precision="float16"))
    document.withdraw_model(A, "float32")
    assert document.recipe == with_model(A)
    assert not document.can_undo


def test_what_was_before_is_what_an_undo_leads_to() -> None:
    document = UndoStack(psi(0.0))
    assert document.before is None
    document.edit(psi(1.0), "drag")
    document.edit(psi(2.0), "drag")
    assert document.before == Step(psi(0.0))
    document.undo()
    assert document.before is None


# -- recipe and timeline -----------------------------------------------------------------------


def line(count: int) -> Timeline:
    """A timeline that is told from others by its number of key frames."""
    return Timeline(tuple(KeyFrame(float(index), Recipe()) for index in range(count)), 300.0)


def test_edits_of_recipe_and_timeline_are_one_list() -> None:
    document = UndoStack(psi(0.0))
    document.edit(timeline=line(1))
    document.edit(psi(1.0))
    document.edit(psi(0.0))  # the picture at which the timeline was edited
    document.edit(timeline=line(2))
    seen = []
    while document.undo():
        seen.append((document.recipe.psi, len(document.timeline.keys)))
    assert seen == [(0.0, 1), (1.0, 1), (0.0, 1), (0.0, 0)]
    while document.redo():
        pass
    assert (document.recipe, document.timeline) == (psi(0.0), line(2))


def test_a_drag_on_the_timeline_is_one_step_and_no_change_is_none() -> None:
    document = UndoStack(psi(0.0))
    assert not document.edit(timeline=Timeline())
    for count in range(1, 9):
        assert document.edit(gesture=("drag", 1), timeline=line(count))
    document.edit(gesture=("drag", 2), timeline=line(20))
    document.undo()
    assert document.timeline == line(8)
    document.undo()
    assert document.timeline == Timeline()
    assert not document.can_undo


def test_recipe_and_timeline_can_change_in_one_step() -> None:
    document = UndoStack(psi(0.0))
    document.edit(psi(1.0), timeline=line(1))
    document.amend(timeline=line(2))
    document.undo()
    assert (document.recipe, document.timeline) == (psi(0.0), Timeline())
    document.redo()
    assert (document.recipe, document.timeline) == (psi(1.0), line(2))


def test_the_recipe_before_is_another_picture() -> None:
    document = UndoStack(with_model(A))
    document.edit(with_model(A, 1.0))
    document.edit(timeline=line(1))
    document.amend(with_model(NAMED_A, 1.0))
    document.edit(timeline=line(2))
    assert document.recipe_before == with_model(A)
    document.undo()
    document.undo()
    document.undo()
    assert document.recipe_before is None


def test_edits_of_the_timeline_stay_where_a_model_is_withdrawn() -> None:
    document = UndoStack(with_model(A))
    document.edit(with_model(B))
    document.edit(timeline=line(1))
    document.withdraw_model(A, "float32")
    assert (document.recipe, document.timeline) == (with_model(A), line(1))
    document.undo()
    assert (document.recipe, document.timeline) == (with_model(A), Timeline())
    assert not document.can_undo
