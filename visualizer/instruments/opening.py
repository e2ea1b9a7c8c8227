"""Opens the files that the user hands over, and what to do about a model that does not open."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from renderer.files.kinds import Kind, identify
from renderer.recipe.identity import unhashed
from renderer.recipe.recipe import ModelRef
from renderer.recipe.remote_paths import may_open, trust
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from visualizer.session import dropped_files
from widgets import actions
from widgets.chrome.preset_menu import OpenPreset
from widgets.chrome.session_menu import OpenSession
from widgets.controls.directions_view import OpenDirection
from widgets.controls.moments_view import ImportMoments
from widgets.controls.run_view import OpenRun
from widgets.controls.timeline_view import OpenTimeline
from widgets.controls.upload_view import AskUpload


class FileOpener(Instrument):
    """Finds out what a file is, and has it opened as that."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what menus, dropped files and the card about errors ask for."""
        session, ask = self.desk.session, self.desk.dialogs.ask
        return (
            on(actions.OpenFiles, self._open_files),
            on(actions.OpenModel, lambda action: self._open_model(action.path)),
            on(
                actions.BrowseModel,
                lambda _: self.desk.dialogs.ask_renderer(
                    dialogs.MODEL, self._model_folder(), self._open_file, self._open_model
                ),
            ),
            on(
                actions.BrowseRecipe,
                lambda _: ask(dialogs.RECIPE, session.capture_folder, self._open_file),
            ),
            on(actions.Retry, self._try_again),
            on(actions.KeepModel, lambda _: self._keep_model()),
            on(actions.CancelLoad, lambda _: session.cancel_load()),
        )

    def _open_files(self, action: actions.OpenFiles) -> None:
        self._open_file(Path(action.paths[0]))
        if (count := len(action.paths)) > 1:
            self.desk.session.say(f"Only the first of the {count} files was opened.", "warning")

    def _open_file(self, path: Path) -> None:
        """Open a model, or a file that carries a recipe or a timeline; refuse anything else with a
        sentence.

        What it is, is found out on a thread of its own: a network drive that is gone holds up
        neither the window nor the files that are saved meanwhile.
        """

        def done(kind: Kind) -> None:
            self._open_as(kind, path)

        def failed(sentence: str) -> None:
            self.desk.session.say(sentence, "error")

        label = f"Opening {path.name}…"
        self.desk.session.say(label)
        self.desk.jobs.start(label, lambda job: identify(path), done, failed)

    def _open_as(self, kind: Kind, path: Path) -> None:
        match kind:
            case "model" if self.desk.renderers.place.elsewhere:
                self.desk.do(AskUpload(str(path)))
            case "run" if self.desk.renderers.place.elsewhere:
                place = self.desk.renderers.place.name
                self.desk.session.say(
                    f"{path.name} is the folder of a training run on this computer, and the "
                    f"renderer is on {place}: drop one of its checkpoints to upload it.",
                    "warning",
                )
            case "model":
                self._open_model(str(path))
            case "run":
                self.desk.do(OpenRun(str(path)))
            case "video" | "timeline" | "take":
                self.desk.do(OpenTimeline(str(path)))
            case "session":
                self.desk.do(OpenSession(str(path)))
            case "moments":
                self.desk.do(ImportMoments(str(path)))
            case "direction":
                self.desk.do(OpenDirection(str(path)))
            case "preset":
                self.desk.do(OpenPreset(str(path)))
            case "picture" | "recipe":
                self.desk.do(actions.RestoreFile(str(path)))
            case _:
                self.desk.session.say(dropped_files.refusal(path, kind), "warning")

    def _open_model(self, path: str) -> None:
        """Opening a file means that very file, so a hash known for its path is dropped."""
        trust(path)
        session = self.desk.session
        recipe = session.recipe
        if path == recipe.model.path:
            session.document.amend(unhashed(recipe))
            self._retry(None)
        elif path in session.unusable:
            self._retry(ModelRef(path))
        else:
            session.edit(replace(recipe, model=ModelRef(path=path)))

    def _model_folder(self) -> Path:
        path = Path(self.desk.session.recipe.model.path)
        return path.parent if path.is_absolute() and may_open(str(path)) else Path.home()

    def _try_again(self, action: actions.Retry) -> None:
        trust(action.named)
        refusal = self.desk.session.refusal
        self._retry(refusal and refusal.model)

    def _keep_model(self) -> None:
        self.desk.session.refused = None

    def _retry(self, model: ModelRef | None) -> None:
        """Forget what failed, then ask for the same picture again, or for one of `model`."""
        session = self.desk.session

        def again(_: object) -> None:
            if model is not None:
                session.edit(replace(session.recipe, model=model))
            self.desk.submit_again()

        future = self.desk.thread.run(lambda renderer: renderer.look_again(), "Trying again")
        self.desk.background.watch(future, again, session.say)
