"""The undo stack: recipe and timeline as they are edited, and the steps back and forth."""

from __future__ import annotations

from collections.abc import Hashable

from msgspec import Struct
from msgspec.structs import replace

from renderer.recipe.identity import needs, same_picture
from renderer.recipe.recipe import ModelRef, Precision, Recipe
from renderer.timeline.timeline import Timeline

MAX_STEPS = 500
BURST_S = 1.0
"""Typing that rests longer than this begins a new step of undo."""


class Step(Struct, frozen=True):
    """Everything that undo and redo bring back."""

    recipe: Recipe = Recipe()
    timeline: Timeline = Timeline()


Steps = tuple[Step, tuple[Step, ...], tuple[Step, ...]]


class UndoStack:
    """The edited document, recipe and timeline, with the steps back and forth.

    Edits of one gesture (a drag, a burst of typing) become one step: while `gesture` stays the
    same, only what was there before its first edit is kept.
    """

    def __init__(self, recipe: Recipe | None = None) -> None:
        self._now = Step(recipe or Recipe())
        self._back: list[Step] = []
        self._forth: list[Step] = []
        self._gesture: Hashable = None
        self._last_edit_s = 0.0

    @property
    def recipe(self) -> Recipe:
        """The current recipe."""
        return self._now.recipe

    @property
    def timeline(self) -> Timeline:
        """The current timeline."""
        return self._now.timeline

    @property
    def before(self) -> Step | None:
        """Return what an undo leads to, or None."""
        return self._back[-1] if self._back else None

    @property
    def recipe_before(self) -> Recipe | None:
        """Return the recipe of the last step that shows another picture, or None."""
        recipes = (step.recipe for step in reversed(self._back))
        return next((one for one in recipes if not same_picture(one, self.recipe)), None)

    @property
    def can_undo(self) -> bool:
        """Return whether there is an edit to take back."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """Return whether there is an edit that was taken back."""
        return bool(self._forth)

    def edit(
        self,
        recipe: Recipe | None = None,
        gesture: Hashable = None,
        now_s: float = 0.0,
        burst_s: float | None = None,
        *,
        timeline: Timeline | None = None,
    ) -> bool:
        """Take a new recipe, a new timeline, or both.

        Args:
            recipe: the recipe wanted; None keeps the current one.
            gesture: names the drag or the typing that this edit belongs to; None stands alone.
            now_s: the time of the edit.
            burst_s: when given, a rest longer than this ends the gesture.
            timeline: the timeline wanted; None keeps the current one.

        Returns:
            Whether anything changed.
        """
        wanted = self._with(recipe, timeline)
        if wanted == self._now:
            return False
        rested = burst_s is not None and now_s - self._last_edit_s > burst_s
        if gesture is None or gesture != self._gesture or rested or not self._back:
            self._back.append(self._now)
            del self._back[:-MAX_STEPS]
        self._forth.clear()
        self._now, self._gesture, self._last_edit_s = wanted, gesture, now_s
        return True

    def amend(self, recipe: Recipe | None = None, timeline: Timeline | None = None) -> None:
        """Take what is no step of undo of its own: it is not the user's doing, such as a first
        prompt, or it belongs to the last step."""
        self._now = self._with(recipe, timeline)

    def _with(self, recipe: Recipe | None, timeline: Timeline | None) -> Step:
        return Step(
            self.recipe if recipe is None else recipe,
            self.timeline if timeline is None else timeline,
        )

    def withdraw_model(self, model: ModelRef, precision: Precision, *, travel: bool = True) -> None:
        """Take back that another model, text tower or precision was asked for.

        Everything that was edited since then stays, on the model that was there before.

        Args:
            model: what is to be loaded in place of what the recipe asks for now.
            precision: of that model.
            travel: redo where an undo had asked for it; else the undo stays, on `model`, so that
                one can undo past a step whose model is gone.
        """
        wanted = needs(replace(self.recipe, model=model, precision=precision))
        if travel and self._forth and needs(self._forth[-1].recipe) == wanted:
            self.redo()  # an undo had asked for it
            return
        unwanted = needs(self.recipe)

        def kept(step: Step) -> Step:
            return replace(step, recipe=replace(step.recipe, model=model, precision=precision))

        steps = [kept(self._now)]
        while self._back and needs(self._back[-1].recipe) == unwanted:
            steps.insert(0, kept(self._back.pop()))
        for step in steps:
            if not self._back or not _equal(self._back[-1], step):
                self._back.append(step)
        self._now, self._gesture = self._back.pop(), None

    @property
    def steps(self) -> Steps:
        """Recipe and timeline with all steps back and forth, for `take_steps`."""
        return self._now, tuple(self._back), tuple(self._forth)

    def take_steps(self, steps: Steps) -> None:
        """Be as it was when these were its `steps`."""
        self._now, self._back, self._forth = steps[0], list(steps[1]), list(steps[2])
        self._gesture = None

    def undo(self) -> bool:
        """Take the last step back.  Returns whether there was one."""
        return self._travel(self._back, self._forth)

    def redo(self) -> bool:
        """Redo the last step that was undone.  Returns whether there was one."""
        return self._travel(self._forth, self._back)

    def _travel(self, source: list[Step], target: list[Step]) -> bool:
        if not source:
            return False
        target.append(self._now)
        self._now, self._gesture = source.pop(), None
        return True


def _equal(first: Step, second: Step) -> bool:
    return first.timeline == second.timeline and same_picture(first.recipe, second.recipe)
