"""The edited document: the current recipe, and the way back and forth through its edits."""

from __future__ import annotations

from collections.abc import Hashable

from msgspec.structs import replace

from renderer.recipe.identity import needs, same_picture
from renderer.recipe.recipe import ModelRef, Precision, Recipe

Steps = tuple[Recipe, tuple[Recipe, ...], tuple[Recipe, ...]]
MAX_STEPS = 500
BURST_S = 1.0
"""Typing that rests longer than this begins a new step of undo."""


class Document:
    """Holds the recipe and its undo list: two stacks of recipes.

    Edits of one gesture (a drag, a burst of typing) become one step: while `gesture` stays the
    same, only the recipe before its first edit is kept.
    """

    def __init__(self, recipe: Recipe | None = None) -> None:
        self._recipe = recipe or Recipe()
        self._back: list[Recipe] = []
        self._forth: list[Recipe] = []
        self._gesture: Hashable = None
        self._last_edit_s = 0.0

    @property
    def recipe(self) -> Recipe:
        """The current recipe."""
        return self._recipe

    @property
    def before(self) -> Recipe | None:
        """Return what an undo leads to, or None."""
        return self._back[-1] if self._back else None

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
        recipe: Recipe,
        gesture: Hashable = None,
        now_s: float = 0.0,
        burst_s: float | None = None,
    ) -> bool:
        """Take a new recipe.

        Args:
            recipe: the recipe wanted.
            gesture: names the drag or the typing that this edit belongs to; None stands alone.
            now_s: the time of the edit.
            burst_s: when given, a rest longer than this ends the gesture.

        Returns:
            Whether anything changed.
        """
        if recipe == self._recipe:
            return False
        rested = burst_s is not None and now_s - self._last_edit_s > burst_s
        if gesture is None or gesture != self._gesture or rested or not self._back:
            self._back.append(self._recipe)
            del self._back[:-MAX_STEPS]
        self._forth.clear()
        self._recipe, self._gesture, self._last_edit_s = recipe, gesture, now_s
        return True

    def amend(self, recipe: Recipe) -> None:
        """Take a recipe that is not the user's doing, such as a first prompt: no step of undo."""
        self._recipe = recipe

    def withdraw_model(self, model: ModelRef, precision: Precision, *, travel: bool = True) -> None:
        """Take back that another model, text tower or precision was asked for.

        Everything that was edited since then stays, on the model that was there before.

        Args:
            model: what is to be loaded in place of what the recipe asks for now.
            precision: of that model.
            travel: redo where an undo had asked for it; else the undo stays, on `model`, so that
                one can undo past a step whose model is gone.
        """
        wanted = needs(replace(self._recipe, model=model, precision=precision))
        if travel and self._forth and needs(self._forth[-1]) == wanted:  # an undo had asked for it
            self.redo()
            return
        unwanted = needs(self._recipe)

        def kept(recipe: Recipe) -> Recipe:
            return replace(recipe, model=model, precision=precision)

        steps = [kept(self._recipe)]
        while self._back and needs(self._back[-1]) == unwanted:
            steps.insert(0, kept(self._back.pop()))
        for recipe in steps:
            if not self._back or not same_picture(self._back[-1], recipe):
                self._back.append(recipe)
        self._recipe, self._gesture = self._back.pop(), None

    @property
    def steps(self) -> Steps:
        """The recipe with all steps back and forth, for `take_steps`."""
        return self._recipe, tuple(self._back), tuple(self._forth)

    def take_steps(self, steps: Steps) -> None:
        """Be as it was when these were its `steps`."""
        self._recipe, self._back, self._forth = steps[0], list(steps[1]), list(steps[2])
        self._gesture = None

    def undo(self) -> bool:
        """Take the last step back.  Returns whether there was one."""
        return self._travel(self._back, self._forth)

    def redo(self) -> bool:
        """Redo the last step that was undone.  Returns whether there was one."""
        return self._travel(self._forth, self._back)

    def _travel(self, source: list[Recipe], target: list[Recipe]) -> bool:
        if not source:
            return False
        target.append(self._recipe)
        self._recipe, self._gesture = source.pop(), None
        return True
