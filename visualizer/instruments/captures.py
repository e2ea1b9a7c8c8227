"""Captures: the picture or the window into files, files back into the document, and the command."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.errors import PictureError
from renderer.frame.frame import Frame, captured_recipe
from renderer.recipe import names
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.identity import same_picture
from renderer.recipe.recipe import Recipe
from visualizer.options.as_command import file_command, render_command, sheet_command
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Instrument
from visualizer.session import dropped_files
from widgets.actions import (
    BrowseCaptureFolder,
    CaptureImage,
    CaptureWindow,
    CopyCommand,
    OpenFolder,
    RestoreFile,
)
from widgets.controls.grid_view import SetSheet

COMMANDS = "commands"
"""Folder of recipes that commands name: not among the captures."""


class Captures(Instrument):
    """Saves what is seen and restores what was saved."""

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what menus, keys, the Capture section and the gallery ask for."""
        return (
            on(CaptureImage, self._image),
            on(CaptureWindow, self._window),
            on(CopyCommand, self._copy_command),
            on(RestoreFile, self._restore),
            on(OpenFolder, self._show_folder),
            on(BrowseCaptureFolder, self._browse),
        )

    # -- into files --------------------------------------------------------------------------

    def _image(self, action: CaptureImage) -> None:
        """Save the picture of the newest recipe, also where that is still to be drawn."""
        session = self.desk.session
        recipe, frame = session.wanted, session.frame
        if frame is None:
            session.say("There is no picture to save yet.", "warning")
        elif frame.exact and same_picture(frame.recipe, recipe):
            self._save_frame(frame)
        else:
            future = self.desk.thread.run(
                lambda renderer: renderer.render(recipe), "Rendering the picture to save"
            )
            self.desk.background.watch(future, self._save_frame, self._error)

    def _save_frame(self, frame: Frame) -> None:
        if frame.error is not None:
            self._error(f"There is no picture to save. {frame.error}")
            return
        try:
            pixels = frame.pixels()
        except PictureError as error:  # the graphics card was lost since it was shown
            self._error(str(error))
            return
        self._save(names.stem_of(frame.recipe), pixels, captured_recipe(frame))

    def _window(self, action: CaptureWindow) -> None:
        """The frame in which this was asked for is drawn, and not yet shown."""
        recipe = self.desk.session.recipe
        self._save(f"window-{names.stem_of(recipe)}", self.desk.window.pixels(), recipe)

    def _save(self, stem: str, pixels: np.ndarray, recipe: Recipe) -> None:
        session = self.desk.session
        folder, suffix = session.capture_folder, f".{session.options.capture_format}"

        def work() -> Path:
            return dropped_files.save_image(folder, stem, pixels, recipe, suffix)

        def done(path: Path) -> None:
            session.last_capture = str(path)
            session.say(f"Saved {path.name}", "good")

        self.desk.background.run(work, done, self._error)

    # -- back again --------------------------------------------------------------------------

    def _restore(self, action: RestoreFile) -> None:
        """Take the recipe of a file, and the sheet where it is one of a sheet."""
        # Pillow is slow to import: not before the first frame
        from renderer.files.images import read_recipe, read_sheet

        path, session = Path(action.path), self.desk.session

        def work() -> tuple[Recipe, Sheet | None]:
            return read_recipe(path), read_sheet(path)

        def done(found: tuple[Recipe, Sheet | None]) -> None:
            recipe, sheet = found
            session.dropped_from = path.parent
            session.edit(recipe)
            session.restored(f"Restored everything from {path.name}.")
            if sheet is not None:
                self.desk.do(SetSheet(sheet))
                session.options = replace(session.options, drawer="Grid")

        self.desk.background.run(work, done, self._error)

    # -- the command -------------------------------------------------------------------------

    def _copy_command(self, action: CopyCommand) -> None:
        """The picture that is seen, or that of a file, as a command line."""
        # Pillow is slow to import: not before the first frame
        from renderer.files.images import read_recipe, read_sheet

        session, path = self.desk.session, Path(action.path) if action.path else None
        frame, folder = session.frame, self.desk.folders.state / COMMANDS
        suffix = f".{session.options.capture_format}"
        if path is None and frame is None:
            session.say("There is no picture yet that a command could render.", "warning")
            return

        def work() -> tuple[str, Path | None]:
            if path is not None and read_sheet(path) is not None:
                return sheet_command(path), None
            if path is not None:
                return file_command(read_recipe(path), path), None
            assert frame is not None, "it was there a moment ago"
            return render_command(captured_recipe(frame), folder, suffix)

        def done(found: tuple[str, Path | None]) -> None:
            command, file = found
            imgui.set_clipboard_text(command)
            beside = f" Its recipe is in {file.name}." if file is not None else ""
            session.say(f"Copied the command.{beside}", "good")

        self.desk.background.run(work, done, self._error)

    # -- the folder --------------------------------------------------------------------------

    def _browse(self, action: BrowseCaptureFolder) -> None:
        session = self.desk.session

        def chosen(folder: Path) -> None:
            session.options = replace(session.options, capture_folder=str(folder))

        self.desk.dialogs.ask(dialogs.CAPTURES, session.capture_folder, chosen)

    def _show_folder(self, action: OpenFolder) -> None:
        folder, session = Path(action.path), self.desk.session
        if not os.path.isdir(folder):
            session.say(f"{folder} will be created with the first capture.")
        elif not dropped_files.show_in_file_manager(folder):
            session.say(f"There is no file manager here to show {folder}.", "warning")

    def _error(self, sentence: str) -> None:
        self.desk.session.say(sentence, "error")
