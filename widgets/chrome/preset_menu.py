"""Presets in the File menu: everything that is set up for the stage, in one file."""

from __future__ import annotations

from dataclasses import dataclass

from imgui_bundle import imgui

from widgets.actions import Action
from widgets.context import Context
from widgets.controls.tooltips import tip

HOLDS = "Mappings, ports, tempo, LFOs, sound, moments, outputs and their screen; not the picture."


@dataclass(frozen=True)
class BrowsePreset(Action):
    """Let the user choose a preset to load."""


@dataclass(frozen=True)
class OpenPreset(Action):
    """Load the preset in the file at `path`."""

    path: str


@dataclass(frozen=True)
class SavePreset(Action):
    """Let the user choose where what is set up is saved."""


@dataclass(frozen=True)
class UndoPreset(Action):
    """Set everything up as it was before the last preset was loaded."""


@dataclass(frozen=True)
class PresetsView:
    """The menu's view: the preset that can be taken back, empty for none."""

    undo: str = ""


def menu(context: Context) -> None:
    """The entries of the menu of presets."""
    if imgui.menu_item_simple("Load a preset…"):
        context.ask(BrowsePreset())
    tip(HOLDS)
    if imgui.menu_item_simple("Save as a preset…"):
        context.ask(SavePreset())
    tip(HOLDS)
    undo = context.see(PresetsView).undo
    label = f"Undo loading “{undo}”###undo" if undo else "Undo loading a preset###undo"
    if imgui.menu_item(label, "", False, bool(undo))[0]:
        context.ask(UndoPreset())
