"""Actions that a panel asks the program for: small frozen values, carried out after the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from widgets.output import SinkKey

Tone = Literal["info", "good", "warning", "error"]
ToolName = Literal["travel", "hand", "place"]
"""The effect of a drag on the picture: walk through the latents, move the view, move the
content."""


class Action:
    """A wish of a panel; each kind is carried out in one place, see `Instrument.handlers`."""


@dataclass(frozen=True)
class OpenFiles(Action):
    """Open what was dropped on the window: the first of `paths`, whatever kind of file it is."""

    paths: tuple[str, ...]


@dataclass(frozen=True)
class OpenModel(Action):
    """Load the checkpoint at `path` (or `"demo"`)."""

    path: str


@dataclass(frozen=True)
class BrowseModel(Action):
    """Let the user choose a checkpoint in a file dialog."""


@dataclass(frozen=True)
class BrowseRecipe(Action):
    """Let the user choose a picture or a JSON file whose recipe is restored."""


@dataclass(frozen=True)
class BrowseCaptureFolder(Action):
    """Let the user choose where captures are saved."""


@dataclass(frozen=True)
class CaptureImage(Action):
    """Save the picture, with its recipe inside, at the model's resolution."""


@dataclass(frozen=True)
class CaptureWindow(Action):
    """Save what the window shows, with the recipe inside."""


@dataclass(frozen=True)
class OpenFolder(Action):
    """Show a folder in the system's file manager."""

    path: str


@dataclass(frozen=True)
class CopyText(Action):
    """Put text on the clipboard; `what` names it for the confirmation."""

    text: str
    what: str


@dataclass(frozen=True)
class CopyCommand(Action):
    """Put the command line on the clipboard that makes the picture that is shown, or the one in the
    file `path`."""

    path: str = ""


@dataclass(frozen=True)
class RestoreFile(Action):
    """Take the recipe that the picture or the JSON file at `path` carries."""

    path: str


@dataclass(frozen=True)
class CopyRecipe(Action):
    """Put the recipe on the clipboard as JSON."""


@dataclass(frozen=True)
class PasteRecipe(Action):
    """Restore the recipe that is on the clipboard as JSON."""


@dataclass(frozen=True)
class Undo(Action):
    """Take the last edit back."""


@dataclass(frozen=True)
class Redo(Action):
    """Redo the last step that was undone."""


@dataclass(frozen=True)
class ResetRecipe(Action):
    """Everything back to its default, except the model."""


@dataclass(frozen=True)
class StepSeed(Action):
    """Go to the next (+1) or the previous (-1) seed."""

    step: int


@dataclass(frozen=True)
class RandomSeed(Action):
    """Go to a seed drawn by chance."""


@dataclass(frozen=True)
class Retry(Action):
    """Try again what failed; `named` is a path on another computer that the user agrees to open."""

    named: str = ""


@dataclass(frozen=True)
class KeepModel(Action):
    """Stay with the current model: the one that could not be opened is forgotten."""


@dataclass(frozen=True)
class CancelLoad(Action):
    """Give up the load under way, and go back to the model before it."""


@dataclass(frozen=True)
class LookForModel(Action):
    """Let the user show the file of the model that is missing."""


@dataclass(frozen=True)
class StopLooking(Action):
    """Give up the search for the model that is missing."""


@dataclass(frozen=True)
class UseFoundModel(Action):
    """Take the file that was found for the model that is missing."""


@dataclass(frozen=True)
class UseOtherModel(Action):
    """Take the file that was shown, although its hash is not that of the missing model."""


@dataclass(frozen=True)
class UseSecond(Action):
    """Blend the model with the one at `path` (or `"demo"`); with none where that is empty."""

    path: str


@dataclass(frozen=True)
class BrowseSecond(Action):
    """Let the user choose the model to blend with in a file dialog."""


@dataclass(frozen=True)
class ListTowers(Action):
    """Find out which text towers can be had by name."""


@dataclass(frozen=True)
class UseTower(Action):
    """Let the text tower `spec` read the prompts; empty for the checkpoint's own."""

    spec: str


@dataclass(frozen=True)
class DownloadTower(Action):
    """Fetch the text tower `spec` from the network, and use it."""

    spec: str


@dataclass(frozen=True)
class BrowseTower(Action):
    """Let the user choose a text tower's file."""


@dataclass(frozen=True)
class CancelTower(Action):
    """Stop opening or fetching a text tower."""


@dataclass(frozen=True)
class FitPicture(Action):
    """Show the whole picture as large as it fits."""


@dataclass(frozen=True)
class ActualSize(Action):
    """Show one picture pixel as one screen pixel."""


@dataclass(frozen=True)
class ZoomPicture(Action):
    """Zoom one step in (+1) or out (-1) about the middle of the picture area."""

    step: int


@dataclass(frozen=True)
class ChooseTool(Action):
    """Let a drag on the picture do something else."""

    name: ToolName


@dataclass(frozen=True)
class ToggleDrawer(Action):
    """Open the drawer on the tab `title`, or close it when that is open."""

    title: str


@dataclass(frozen=True)
class TogglePanels(Action):
    """Show the panels, or put them away."""


@dataclass(frozen=True)
class ToggleFullscreen(Action):
    """Cover the whole screen, or leave that."""


@dataclass(frozen=True)
class ToggleOutput(Action):
    """Open the clean output, or close it; `on` says which of the two."""

    on: bool | None = None


@dataclass(frozen=True)
class SwitchSink(Action):
    """Send the picture to the programs of one kind, or stop."""

    key: SinkKey
    on: bool


@dataclass(frozen=True)
class ShowDialog(Action):
    """Open one of the program's own dialogs."""

    name: Literal["shortcuts", "messages", "about", "tower", "renderer"]


@dataclass(frozen=True)
class Say(Action):
    """Tell the user something in the status line."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True)
class Quit(Action):
    """Close the window; the state is saved."""
