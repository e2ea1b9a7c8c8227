"""Undo and redo, edits of the whole recipe, and its way to the clipboard and back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.latent_ends import start_at_seed
from renderer.recipe.recipe import RecipeError, from_json, to_json
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from widgets import actions
from widgets.controls.seed_field import random_seed, stepped


class EditActions(Instrument):
    """The actions of the Edit menu and its keys."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what menus, keys and cards ask for."""
        session = self.desk.session
        return (
            on(actions.Undo, lambda _: self._undo()),
            on(actions.Redo, lambda _: self._redo()),
            on(actions.CopyText, lambda text: self._copy(text.text, f"Copied {text.what}.")),
            on(
                actions.CopyRecipe,
                lambda _: self._copy(to_json(session.recipe), "Copied the recipe as JSON."),
            ),
            on(actions.PasteRecipe, lambda _: self._paste()),
            on(actions.ResetRecipe, lambda _: session.clear()),
            on(actions.StepSeed, self._step_seed),
            on(actions.RandomSeed, lambda _: self._set_seed(random_seed(), None)),
        )

    def _undo(self) -> None:
        if not self.desk.session.document.undo():
            self.desk.session.say("There is nothing to undo.")

    def _redo(self) -> None:
        if not self.desk.session.document.redo():
            self.desk.session.say("There is nothing to redo.")

    def _copy(self, text: str, confirmation: str) -> None:
        imgui.set_clipboard_text(text)
        self.desk.session.say(confirmation, "good")

    def _paste(self) -> None:
        session = self.desk.session
        try:
            recipe = from_json(imgui.get_clipboard_text() or "")
        except RecipeError as error:
            session.say(f"There is no recipe on the clipboard. {error}", "warning")
            return
        session.edit(recipe)
        session.restored("Restored everything from the clipboard.")

    def _step_seed(self, action: actions.StepSeed) -> None:
        self._set_seed(stepped(self.desk.session.recipe.latent.seed, action.step), "step seed")

    def _set_seed(self, seed: int, gesture: Hashable) -> None:
        recipe = self.desk.session.recipe
        latent = start_at_seed(recipe.latent, seed)
        self.desk.session.edit(replace(recipe, latent=latent), gesture)
