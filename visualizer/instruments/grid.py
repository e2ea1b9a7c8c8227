"""Sheets in the window: what the Grid tab varies, and saving it cell by cell.

The render thread draws a cell whenever it has no picture of the window to make, so one goes on
working while a sheet is drawn; what is typed meanwhile does not change it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from renderer.files.atomic import save_new
from renderer.frame.frame import Frame, captured_recipe
from renderer.recipe import contact_sheet, names
from renderer.recipe.contact_sheet import Sheet
from renderer.recipe.recipe import Recipe
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.services.jobs import Job
from visualizer.window.system_fonts import label_fonts
from widgets.controls.grid_view import CancelSheet, SaveSheet, SetSheet, SheetView

if TYPE_CHECKING:
    from renderer.files.sheet_image import SheetImage

DRAWN = 0.9
"""Share of the work that is done when the last cell is drawn; the rest is writing the file."""


@dataclass(eq=False)
class _Saving:
    """A sheet on its way into a file."""

    sheet: Sheet
    recipe: Recipe
    todo: list[tuple[int, int, Recipe]]
    folder: Path
    suffix: str
    done: int = 0
    image: SheetImage | None = None
    job: Job | None = None
    stopped: bool = field(default=False)

    @property
    def share(self) -> float:
        """Return how far it is, from 0 to 1."""
        return DRAWN * self.done / len(self.todo)

    @property
    def label(self) -> str:
        """Return what is being done, in a few words."""
        if self.job is not None:
            return "Writing the grid"
        return f"Rendering {min(self.done + 1, len(self.todo))} of {len(self.todo)}"


class Sheets(Instrument):
    """Keeps the sheet of the Grid tab and saves pictures of it, one at a time."""

    name: ClassVar[str] = "sheets"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sheet = Sheet()
        self._saving: _Saving | None = None

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Grid tab and the Capture section ask for."""
        return (
            on(SetSheet, self._set),
            on(SaveSheet, self._save),
            on(CancelSheet, self._cancel),
        )

    def views(self, now_s: float) -> Iterable[object]:
        """The sheet, and how far its picture is."""
        saving = self._saving
        if saving is None:
            return (SheetView(self.sheet),)
        return (SheetView(self.sheet, saving.label, saving.share),)

    def state(self) -> Sheet:
        """The sheet survives a restart."""
        return self.sheet

    def restore(self, state: Raw | None) -> str | None:
        """Take the sheet of the last time."""
        self.sheet = Sheet()
        if state is None:
            return None
        try:
            sheet = contact_sheet.SHEET.decode(state)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return "The grid of the Grid tab could not be restored."
        if not contact_sheet.clash(sheet):
            self.sheet = sheet
        return None

    def close(self) -> None:
        """Give up what is being saved."""
        self._stop()

    def _set(self, action: SetSheet) -> None:
        self.sheet = action.sheet

    # -- saving ------------------------------------------------------------------------------

    def _save(self, action: SaveSheet) -> None:
        # Pillow is slow to import: not before the first frame
        from renderer.files.sheet_image import places

        session = self.desk.session
        if self._saving is not None:
            return
        if session.frame is None or session.frame.image is None:
            session.say("There is no picture yet to make a grid of.", "warning")
            return
        recipe, suffix = session.recipe, f".{session.options.capture_format}"
        side = session.frame.image.shape[0]
        if problem := contact_sheet.too_large(self.sheet, recipe, side, suffix):
            session.say(problem, "warning")
            return
        todo = list(places(self.sheet, recipe))
        self._saving = _Saving(self.sheet, recipe, todo, session.capture_folder, suffix)
        self._next(self._saving)

    def _next(self, saving: _Saving) -> None:
        """Have the next cell drawn."""
        _, _, cell = saving.todo[saving.done]

        def work(renderer: Any) -> Frame:
            return renderer.render(cell, abandon=lambda: saving.stopped)

        future = self.desk.thread.run(work, saving.label)
        self.desk.background.watch(
            future,
            lambda frame: self._drawn(saving, frame),
            lambda sentence: self._failed(saving, sentence),
        )

    def _drawn(self, saving: _Saving, frame: Frame) -> None:
        """Put a cell into its place."""
        if saving.stopped:
            return
        if frame.error is not None or frame.image is None:
            self._failed(saving, f"The grid was not saved: {frame.error}")
            return
        # Pillow is slow to import: not before the first frame
        from renderer.files.sheet_image import SheetImage

        row, column, _ = saving.todo[saving.done]
        pixels = frame.pixels()
        if saving.image is None:
            fonts = label_fonts(saving.sheet, saving.recipe)
            saving.image = SheetImage(saving.sheet, saving.recipe, pixels.shape[0], fonts)
            saving.recipe = replace(saving.recipe, model=captured_recipe(frame).model)
        saving.image.place(row, column, pixels)
        saving.done += 1
        if saving.done < len(saving.todo):
            self._next(saving)
        else:
            self._write(saving)

    def _write(self, saving: _Saving) -> None:
        assert saving.image is not None, "a grid has at least one cell"
        pixels = saving.image.pixels

        def work(job: Job) -> Path:
            # Pillow is slow to import: not before the first frame
            from renderer.files.images import encode

            data = encode(pixels, saving.recipe, saving.suffix, sheet=saving.sheet)
            job.tell(1.0)  # the last moment to give it up
            stem = f"sheet-{names.stem_of(saving.recipe)}"
            return save_new(saving.folder, stem, saving.suffix, data)

        def done(path: Path) -> None:
            self._saving = None
            self.desk.session.last_capture = str(path)
            self.desk.session.say(f"Saved {path.name}", "good")

        saving.job = self.desk.jobs.start(
            "Writing the grid", work, done, lambda sentence: self._failed(saving, sentence)
        )

    def _failed(self, saving: _Saving, sentence: str) -> None:
        if saving.stopped:
            return
        self._stop()
        self.desk.session.say(sentence, "error")

    def _cancel(self, action: CancelSheet) -> None:
        if self._saving is not None:
            self._stop()
            self.desk.session.say("The grid was cancelled; nothing was written.")

    def _stop(self) -> None:
        if self._saving is not None:
            self._saving.stopped = True
            if self._saving.job is not None:
                self._saving.job.stop()
        self._saving = None
