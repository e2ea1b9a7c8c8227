"""Carries out what panels, menus and keys ask for, and opens the files that the user hands over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from imgui_bundle import imgui

from renderer.files.kinds import Kind, identify
from renderer.recipe.identity import unhashed
from renderer.recipe.latent_ends import start_at_seed
from renderer.recipe.recipe import ModelRef, RecipeError, from_json, to_json
from renderer.recipe.remote_paths import may_open, trust
from visualizer.instruments.missing_model import MissingModel
from visualizer.instruments.text_tower import Towers
from visualizer.services import dialogs
from visualizer.services.background import Background
from visualizer.services.dialogs import Dialogs
from visualizer.session import dropped_files
from visualizer.session.session import Session
from visualizer.window.layout import Layout
from visualizer.window.window import Window
from widgets import actions
from widgets.actions import Action
from widgets.chrome.session_menu import OpenSession
from widgets.controls.seed_field import random_seed, stepped
from widgets.controls.timeline_view import OpenTimeline


class Commands:
    """Does each action at most once, on the main thread, after the frame that asked for it.

    Args:
        session: what is changed.
        window: for full screen and closing.
        layout: holds how the picture is looked at.
        choose: file dialogs.
        background: reads and writes files.
        missing: looks for a model that is not there.
        towers: opens text towers.
        retry: asks the renderer again for what failed; gets a model that was refused, or None.
    """

    def __init__(
        self,
        session: Session,
        window: Window,
        layout: Layout,
        choose: Dialogs,
        background: Background,
        missing: MissingModel,
        towers: Towers,
        retry: Callable[[ModelRef | None], None],
    ) -> None:
        self._session, self._window, self._layout = session, window, layout
        self._dialogs, self._background, self._retry = choose, background, retry
        self._missing, self._towers = missing, towers
        self.handlers: dict[type, Callable[[Any], None]] = {}
        """What instruments do for the actions of their own panels."""

    def do(self, action: Any) -> None:
        """Carry out `action`, one of `widgets.actions` or one that an instrument handles."""
        session = self._session
        if handler := self.handlers.get(type(action)):
            handler(action)
            return
        match action:
            case actions.OpenModel(path):
                self._open_model(path)
            case actions.BrowseModel():
                self._dialogs.ask(dialogs.MODEL, self._model_folder(), self.open_file)
            case actions.BrowseRecipe():
                self._dialogs.ask(dialogs.RECIPE, session.capture_folder, self.open_file)
            case actions.CopyText(text, what):
                self._copy(text, f"Copied {what}.")
            case actions.CopyRecipe():
                self._copy(to_json(session.recipe), "Copied the recipe as JSON.")
            case actions.PasteRecipe():
                self._paste()
            case actions.Undo():
                if not session.document.undo():
                    session.say("There is nothing to undo.")
            case actions.Redo():
                if not session.document.redo():
                    session.say("There is nothing to redo.")
            case actions.ResetRecipe():
                session.clear()
            case actions.StepSeed(step):
                self._set_seed(stepped(session.recipe.latent.seed, step), "step seed")
            case actions.RandomSeed():
                self._set_seed(random_seed(), None)
            case actions.Retry(named):
                trust(named)
                self._retry(session.refusal and session.refusal.model)
            case actions.KeepModel():
                session.refused = None
            case actions.CancelLoad():
                session.cancel_load()
            case actions.LookForModel():
                self._missing.look()
            case actions.StopLooking():
                self._missing.stop()
            case actions.UseFoundModel():
                self._missing.use_found()
            case actions.UseOtherModel():
                self._missing.use_other()
            case _:
                self._do_with_towers(action)

    def _do_with_view(self, action: Action) -> None:
        """Handle what concerns the window, and how the picture is looked at."""
        session, picture = self._session, self._layout.picture
        match action:
            case actions.FitPicture():
                picture.fit()
            case actions.ActualSize():
                picture.actual_size()
            case actions.ZoomPicture(step):
                picture.zoom(step)
            case actions.ChooseTool(name):
                session.options = msgspec.structs.replace(session.options, tool=name)
            case actions.ToggleDrawer(title):
                title = "" if session.options.drawer == title else title
                session.options = msgspec.structs.replace(session.options, drawer=title)
            case actions.TogglePanels():
                shown = not session.options.show_sidebar
                session.options = msgspec.structs.replace(session.options, show_sidebar=shown)
            case actions.ToggleFullscreen():
                self._window.toggle_fullscreen()
            case actions.ShowDialog(name):
                self._layout.dialog = name
            case actions.Say(text, tone):
                session.say(text, tone)
            case actions.Quit():
                self._window.ask_close()
            case _:
                raise AssertionError(f"no handler for {action}")

    def _do_with_towers(self, action: Action) -> None:
        """Handle what concerns text towers."""
        match action:
            case actions.ListTowers():
                self._towers.list_known()
            case actions.UseTower(spec):
                self._towers.use(spec)
            case actions.DownloadTower(spec):
                self._towers.download(spec)
            case actions.BrowseTower():
                self._towers.browse()
            case actions.CancelTower():
                self._towers.cancel()
            case _:
                self._do_with_view(action)

    # -- files that the user hands over ---------------------------------------------------------

    def open_files(self, paths: list[str]) -> None:
        """Open what was dropped on the window: one file."""
        if paths:
            self.open_file(Path(paths[0]))
        if len(paths) > 1:
            self._session.say(f"Only the first of the {len(paths)} files was opened.", "warning")

    def open_file(self, path: Path) -> None:
        """Open a model, or a file that carries a recipe or a timeline; refuse anything else with a
        sentence.  What it is, is found out beside the window: its disk may be slow."""

        def done(kind: Kind) -> None:
            self._open_as(kind, path)

        self._session.say(f"Opening {path.name}…")
        self._background.run(lambda: identify(path), done, self._error)

    def _open_as(self, kind: Kind, path: Path) -> None:
        match kind:
            case "model":
                self._open_model(str(path))
            case "clip" | "timeline":
                self.do(OpenTimeline(str(path)))
            case "session":
                self.do(OpenSession(str(path)))
            case "picture" | "recipe":
                self.do(actions.RestoreFile(str(path)))
            case _:
                self._session.say(dropped_files.refusal(path, kind), "warning")

    def _open_model(self, path: str) -> None:
        """Opening a file means that very file, so a hash known for its path is dropped."""
        trust(path)
        document, replace = self._session.document, msgspec.structs.replace
        recipe = document.recipe
        if path == recipe.model.path:
            document.amend(unhashed(recipe))
            self._retry(None)
        elif path in self._session.unusable:
            self._retry(ModelRef(path))
        else:
            self._session.edit(replace(recipe, model=ModelRef(path=path)))

    def _paste(self) -> None:
        try:
            recipe = from_json(imgui.get_clipboard_text() or "")
        except RecipeError as error:
            self._session.say(f"There is no recipe on the clipboard. {error}", "warning")
            return
        self._session.edit(recipe)
        self._session.say("Restored everything from the clipboard.", "good")

    # -- small things ---------------------------------------------------------------------------

    def _error(self, sentence: str) -> None:
        self._session.say(sentence, "error")

    def _copy(self, text: str, confirmation: str) -> None:
        imgui.set_clipboard_text(text)
        self._session.say(confirmation, "good")

    def _set_seed(self, seed: int, gesture: Any) -> None:
        recipe = self._session.recipe
        latent = start_at_seed(recipe.latent, seed)
        self._session.edit(msgspec.structs.replace(recipe, latent=latent), gesture)

    def _model_folder(self) -> Path:
        path = Path(self._session.recipe.model.path)
        return path.parent if path.is_absolute() and may_open(str(path)) else Path.home()
