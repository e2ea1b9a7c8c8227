"""The panels' view of grids, and their actions."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.recipe.contact_sheet import Sheet
from widgets.actions import Action
from widgets.controls.export_progress import ExportProgress

FIRST = Sheet()
"""The sheet that a newcomer finds."""


@dataclass(frozen=True)
class SheetView:
    """The sheet as it is set up; `saving` is the file that is being written of it."""

    sheet: Sheet = FIRST
    saving: ExportProgress | None = None


@dataclass(frozen=True)
class SetSheet(Action):
    """Vary something else in rows and columns."""

    sheet: Sheet


@dataclass(frozen=True)
class OpenGridPrompts(Action):
    """Let the user choose a text file whose lines are the prompts of the axis that varies them."""


@dataclass(frozen=True)
class SaveSheet(Action):
    """Draw the sheet at the model's resolution and save it."""


@dataclass(frozen=True)
class PauseSheet(Action):
    """Let the sheet that is being saved rest, or go on."""

    paused: bool


@dataclass(frozen=True)
class CancelSheet(Action):
    """Give up the sheet that is being saved."""
