"""The second model of a blend: chosen from a list or a file, or let go."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from renderer.files.kinds import Kind, identify, mistaken
from renderer.parameters.model_blend import blend_of_all
from renderer.recipe.identity import blended_with
from renderer.recipe.recipe import ModelBlend
from renderer.recipe.remote_paths import may_open, trust
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from widgets.actions import BrowseSecond, UseSecond

EVEN = 0.5
"""The weight of every part of a blend that begins: what it does is seen at once."""


class Blender(Instrument):
    """Carries out what the Blend section, and the card about errors, ask for."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of choosing a second model."""
        return (
            on(UseSecond, lambda action: self._use(action.path)),
            on(
                BrowseSecond,
                lambda _: self.desk.dialogs.ask_renderer(
                    dialogs.MODEL, self._folder(), self._chosen, self._use
                ),
            ),
        )

    def _folder(self) -> Path:
        """Return where a second model is likely to be: beside the first."""
        path = Path(self.desk.session.recipe.model.path)
        return path.parent if path.is_absolute() and may_open(str(path)) else Path.home()

    def _chosen(self, path: Path) -> None:
        def done(kind: Kind) -> None:
            if kind == "model":
                self._use(str(path))
            else:
                self.desk.session.say(mistaken(path, kind, "a model"), "warning")

        def failed(sentence: str) -> None:
            self.desk.session.say(sentence, "error")

        self.desk.jobs.start(f"Opening {path.name}…", lambda job: identify(path), done, failed)

    def _use(self, path: str) -> None:
        """Blend with the model at `path`, or with none where it is empty."""
        session = self.desk.session
        recipe = session.recipe
        if not path:
            session.edit(replace(recipe, model=replace(recipe.model, blend=ModelBlend())))
            return
        trust(path)
        blend = recipe.model.blend
        fresh = not blend.path
        blend = blended_with(blend, path)
        recipe = replace(recipe, model=replace(recipe.model, blend=blend))
        if fresh and not blend.mapping and not any(blend.weights):
            blocks = session.model.blocks if session.model is not None else ()
            recipe = blend_of_all(blocks).put(recipe, EVEN)
        session.edit(recipe)
        # One that failed before, or whose file has changed, is read again.
        future = self.desk.thread.run(lambda renderer: renderer.look_again(), "Reading again")
        self.desk.background.watch(future, lambda _: self.desk.submit_again(), session.say)
