"""Sheets in the window: what the Grid tab varies, and saving it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from msgspec import Raw
from msgspec.structs import replace

from renderer.files.prompt_file import read_prompts
from renderer.pipeline.batch import grid_batch
from renderer.recipe import contact_sheet, names
from renderer.recipe.contact_sheet import MAX_COUNT, Sheet
from renderer.recipe.sheet_prompts import with_prompts
from stylegan_t.errors import BROKEN_JSON
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.batch_export import BatchExport
from visualizer.services.instrument import Desk, Instrument
from visualizer.window.system_fonts import label_fonts
from widgets.controls.grid_view import (
    CancelSheet,
    OpenGridPrompts,
    PauseSheet,
    SaveSheet,
    SetSheet,
    SheetView,
)


class Sheets(Instrument):
    """Keeps the sheet of the Grid tab and saves pictures of it, one at a time."""

    name: ClassVar[str] = "sheets"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.sheet = Sheet()
        self._export = BatchExport(desk)

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers of what the Grid tab and the Capture section ask for."""
        return (
            on(SetSheet, self._set),
            on(OpenGridPrompts, lambda _: self._browse()),
            on(SaveSheet, self._save),
            on(PauseSheet, lambda action: self._export.pause(action.paused)),
            on(CancelSheet, lambda _: self._export.cancel()),
        )

    def poll(self, now_s: float) -> None:
        """Let the cells of an axis of models load them."""
        axes = (self.sheet.rows, self.sheet.columns)
        models = [axis.models for axis in axes if axis.kind == "model"]
        self.desk.previews.loads = frozenset(path for paths in models for path in paths)

    def views(self, now_s: float) -> Iterable[object]:
        """The sheet, and how far its picture is."""
        return (SheetView(self.sheet, self._export.progress),)

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
        except BROKEN_JSON:
            return "The grid of the Grid tab could not be restored."
        if not contact_sheet.clash(sheet):
            self.sheet = sheet
        return None

    def close(self) -> None:
        """Abandon the sheet that is being saved, and see that nothing of it stays."""
        self._export.close()

    def _set(self, action: SetSheet) -> None:
        self.sheet = action.sheet

    def _browse(self) -> None:
        """Ask for a file of prompts, and vary these."""
        session = self.desk.session

        def read(path: Path) -> None:
            def done(prompts: tuple[str, ...]) -> None:
                self._vary(prompts)
                session.say(f"Took {len(prompts)} prompts from {path.name}.", "good")

            def failed(sentence: str) -> None:
                session.say(sentence, "error")

            self.desk.background.run(lambda: read_prompts(path, MAX_COUNT), done, failed)

        self.desk.dialogs.ask(dialogs.PROMPTS, session.capture_folder, read)

    def _vary(self, prompts: tuple[str, ...]) -> None:
        """Let the axis of prompts, the columns where there is none, have these."""
        field = "rows" if self.sheet.rows.kind == "prompt" else "columns"
        seed = self.desk.session.recipe.text.wildcard_seed
        axis = with_prompts(getattr(self.sheet, field), prompts, seed)
        axis = replace(axis, kind="prompt")
        self.sheet = replace(self.sheet, **{field: axis})

    def _save(self, action: SaveSheet) -> None:
        session, sheet = self.desk.session, self.sheet
        if session.frame is None or session.frame.image is None:
            session.say("There is no picture yet to make a grid of.", "warning")
            return
        recipe, suffix = session.recipe, f".{session.options.capture_format}"
        height, width = session.frame.image.shape[:2]
        if problem := contact_sheet.too_large(sheet, recipe, height, suffix, width):
            session.say(problem, "warning")
            return
        path = session.capture_folder / f"sheet-{names.stem_of(recipe)}{suffix}"
        self._export.start(
            grid_batch(sheet, recipe, path, lambda: label_fonts(sheet, recipe), numbered=True)
        )
