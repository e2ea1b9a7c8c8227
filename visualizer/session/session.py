"""The program's state while the window is open: the document, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from renderer.errors import Fault
from renderer.frame.frame import Frame, ModelInfo
from renderer.recipe.identity import hashed, needs, second_of
from renderer.recipe.names import display_name
from renderer.recipe.recipe import LatentPart, ModelRef, Prompt, Recipe, TextPart
from renderer.timeline.timeline import Timeline
from stylegan_t.config import DEMO
from stylegan_t.demo.built_in import START
from stylegan_t.terminal.visible import visible
from visualizer.session.notices import Notices
from visualizer.session.state import Folders, with_recent
from visualizer.session.undo_stack import BURST_S, UndoStack
from widgets.actions import Tone
from widgets.context import Options, Refusal

FIRST_LATENT = LatentPart(seed=1, target_seed=2)
"""The first recipe of a newcomer: seed 0 of the demo model falls between two picture styles."""


FORMER = (
    "The demo model has changed. This is the first one, which you can always choose under Model; "
    "the new one knows many more words."
)


def greeting(model: ModelRef, known: ModelInfo) -> Recipe:
    """Return a newcomer's first recipe for a model: a prompt that it understands, if it names
    one."""
    if not known.example_prompts:
        return Recipe(model=model)
    text = TextPart(prompts=(Prompt(text=known.example_prompts[0]),))
    return Recipe(model=model, text=text, latent=FIRST_LATENT)


@dataclass
class Session:
    """Plain values that the loop and the commands share.

    `frame` is the last good picture's; `error` is why the recipe `failed` has none, and `fault`
    what that is about.  `model` is the model of the last frame that had one, opened by the path
    `model_path`.  `before` is the recipe from which the current one was made, if that is known.
    `dropped_from` is the folder of the last file that a recipe was restored from.  `known` are
    models to go back to before there is a picture, the best first; `unusable` are the paths of
    those that could not be opened.  `own` is what is the user's while the tour plays the document:
    that alone is kept.  `greets` is whether an empty document gets what a newcomer sees first.
    `shown` is what plays on top of the document makes of it, None while nothing does.
    """

    document: UndoStack
    options: Options
    recent: tuple[str, ...]
    folders: Folders
    clock: Callable[[], float]
    notices: Notices = field(default_factory=Notices)
    frame: Frame | None = None
    model: ModelInfo | None = None
    model_path: str = ""
    error: str | None = None
    fault: Fault = ""
    failed: Recipe | None = None
    before: Recipe | None = None
    last_capture: str = ""
    dropped_from: Path | None = None
    known: tuple[ModelRef, ...] = ()
    unusable: set[str] = field(default_factory=set)
    refused: Refusal | None = None
    own: tuple[Recipe, Options] | None = None
    greets: bool = False
    shown: Recipe | None = None

    @property
    def wanted(self) -> Recipe:
        """The recipe that is to be on the screen: the current one, with what plays on top of it."""
        return self.recipe if self.shown is None else self.shown

    @property
    def recipe(self) -> Recipe:
        """The current recipe."""
        return self.document.recipe

    @property
    def capture_folder(self) -> Path:
        """Return where captures are saved."""
        chosen = self.options.capture_folder
        return Path(chosen) if chosen else self.folders.captures

    @property
    def missing(self) -> ModelRef | None:
        """The model of the current recipe whose file is known not to be there: the first, or the
        second of a blend."""
        if self.refusal is not None:
            return self.refusal.model if self.refusal.fault == "missing" else None
        if self.failed is None or self.failed.model != self.recipe.model:
            return None
        if self.fault == "missing second":
            return second_of(self.failed.model)
        return self.failed.model if self.fault == "missing" else None

    @property
    def refusal(self) -> Refusal | None:
        """The model that could not be opened, as long as the one that stayed is in use."""
        refused = self.refused
        return refused if refused and refused.kept == self.recipe.model.path else None

    @property
    def before_load(self) -> Recipe | None:
        """The recipe whose model a load that is under way goes back to when it is cancelled; None
        when there is no load that could be."""
        wanted = self.recipe.model.path
        known = (ref for ref in self.known if ref.path not in {wanted, *self.unusable})
        first = Recipe(model=next(known, ModelRef(START)))
        shown = self.frame.recipe if self.frame is not None else first
        return None if needs(shown) == needs(self.recipe) else shown

    def cancel_load(self) -> None:
        """Go back to the model that was there before the one that loads."""
        before = self.before_load
        if before is None:
            return
        name = display_name(self.recipe.model.path)
        self.document.withdraw_model(self._named(before.model), before.precision)
        self.say(f"Loading {name} was cancelled.")

    def refuse(self, failed: Recipe, sentence: str, fault: Fault) -> bool:
        """Stay with the model before the one of `failed`, which cannot be opened.

        Returns:
            Whether there is another one to stay with, so that the document has none that failed.
        """
        before = self.before_load
        self.unusable.add(failed.model.path)
        if before is None or before.model.path == failed.model.path:
            return False
        if needs(failed) != needs(self.recipe):
            return False
        kept = self._named(before.model)
        first = self.refusal  # what was asked for, where the model to stay with fails as well
        asked = first or Refusal(self.recipe.model, sentence, fault, "")
        self.refused = replace(asked, kept=kept.path)
        self.document.withdraw_model(kept, before.precision, travel=False)
        return True

    def _named(self, model: ModelRef) -> ModelRef:
        """The model of the last picture with its hash; any other as it is."""
        if self.frame is None or self.frame.model is None:
            return model
        return hashed(model, self.frame.model.sha256)

    def edit(
        self, recipe: Recipe, gesture: Hashable = None, *, timeline: Timeline | None = None
    ) -> None:
        """Change the recipe, and the timeline if there is one; a step of undo, unless `gesture`
        goes on from the edit before."""
        self.document.edit(recipe, gesture, self.clock(), BURST_S, timeline=timeline)

    def clear(self, timeline: Timeline | None = None) -> None:
        """Show what a newcomer sees first of the model in use, as soon as that is known; with
        `timeline`, if there is one, in place of the current one."""
        model = self.recipe.model
        known = self.model if model.path == self.model_path else None
        self.greets = known is None
        recipe = Recipe(model=model) if known is None else greeting(model, known)
        self.edit(recipe, timeline=timeline)

    def met_again(self) -> str:
        """Return, once, what is said of a document that comes back with the first demo model."""
        if self.recipe.model.path != DEMO or self.options.told_of_new_demo:
            return ""
        self.options = msgspec.structs.replace(self.options, told_of_new_demo=True)
        return FORMER

    def restored(self, text: str) -> None:
        """Tell that a document came back."""
        self.say(" ".join(filter(None, (text, self.met_again()))), "good")

    def say(self, text: str, tone: Tone = "info") -> None:
        """Tell the user something in the status line."""
        self.notices.say(text, tone, self.clock())

    def fail(self, recipe: Recipe | None, error: str | None = None, fault: Fault = "") -> None:
        """Note why `recipe` has no picture, and what that is about; without an error, that it is
        not known to have none."""
        self.error, self.fault = visible(error, "\n") if error else error, fault
        self.failed = recipe if error is not None else None

    def opened(self, model: ModelInfo, path: str) -> bool:
        """Take the model that a frame was made with.  Returns whether it is another one."""
        self.unusable.discard(path)
        if (model, path) == (self.model, self.model_path):
            return False
        self.model, self.model_path = model, path
        self.recent = with_recent(self.recent, path)
        return True
