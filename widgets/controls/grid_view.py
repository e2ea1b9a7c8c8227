"""The panels' view of grids, and their actions."""

from __future__ import annotations

from dataclasses import dataclass

from renderer.recipe.contact_sheet import Sheet
from widgets.actions import Action

FIRST = Sheet()
"""What a newcomer finds."""


@dataclass(frozen=True)
class SheetView:
    """The sheet as it is set up; `saving` says which picture of it is being made, empty when none
    is, and `share` how far that is, from 0 to 1."""

    sheet: Sheet = FIRST
    saving: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class SetSheet(Action):
    """Vary something else in rows and columns."""

    sheet: Sheet


@dataclass(frozen=True)
class SaveSheet(Action):
    """Draw the sheet at the model's resolution and save it."""


@dataclass(frozen=True)
class CancelSheet(Action):
    """Give up the sheet that is being saved."""
