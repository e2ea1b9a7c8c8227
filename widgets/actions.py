"""What a panel asks the program to do: small frozen values, carried out after the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["info", "good", "warning", "error"]


@dataclass(frozen=True)
class OpenModel:
    """Load the checkpoint at `path` (or `"demo"`)."""

    path: str


@dataclass(frozen=True)
class BrowseModel:
    """Let the user choose a checkpoint in a file dialog."""


@dataclass(frozen=True)
class BrowseRecipe:
    """Let the user choose a picture or a JSON file whose recipe is restored."""


@dataclass(frozen=True)
class BrowseCaptureFolder:
    """Let the user choose where captures are saved."""


@dataclass(frozen=True)
class CaptureImage:
    """Save the picture, with its recipe inside, at the model's resolution."""


@dataclass(frozen=True)
class CaptureWindow:
    """Save what the window shows, with the recipe inside."""


@dataclass(frozen=True)
class OpenFolder:
    """Show a folder in the system's file manager."""

    path: str


@dataclass(frozen=True)
class CopyText:
    """Put text on the clipboard; `what` names it for the confirmation."""

    text: str
    what: str


@dataclass(frozen=True)
class CopyCommand:
    """Put the command line on the clipboard that makes the picture that is shown, or the one in the
    file `path`."""

    path: str = ""


@dataclass(frozen=True)
class RestoreFile:
    """Take the recipe that the picture or the JSON file at `path` carries."""

    path: str


@dataclass(frozen=True)
class CopyRecipe:
    """Put the recipe on the clipboard as JSON."""


@dataclass(frozen=True)
class PasteRecipe:
    """Restore the recipe that is on the clipboard as JSON."""


@dataclass(frozen=True)
class Undo:
    """Take the last edit back."""


@dataclass(frozen=True)
class Redo:
    """Redo the last step that was undone."""


@dataclass(frozen=True)
class ResetRecipe:
    """Everything back to its default, except the model."""


@dataclass(frozen=True)
class StepSeed:
    """Go to the next (+1) or the previous (-1) seed."""

    step: int


@dataclass(frozen=True)
class RandomSeed:
    """Go to a seed drawn by chance."""


@dataclass(frozen=True)
class Retry:
    """Try again what failed; `named` is a path on another computer that the user agrees to open."""

    named: str = ""


@dataclass(frozen=True)
class KeepModel:
    """Stay with the current model: the one that could not be opened is forgotten."""


@dataclass(frozen=True)
class CancelLoad:
    """Give up the load under way, and go back to the model before it."""


@dataclass(frozen=True)
class LookForModel:
    """Let the user show the file of the model that is missing."""


@dataclass(frozen=True)
class StopLooking:
    """Give up the search for the model that is missing."""


@dataclass(frozen=True)
class UseFoundModel:
    """Take the file that was found for the model that is missing."""


@dataclass(frozen=True)
class UseOtherModel:
    """Take the file that was shown, although its hash is not that of the missing model."""


@dataclass(frozen=True)
class ListTowers:
    """Find out which text towers can be had by name."""


@dataclass(frozen=True)
class UseTower:
    """Let the text tower `spec` read the prompts; empty for the checkpoint's own."""

    spec: str


@dataclass(frozen=True)
class DownloadTower:
    """Fetch the text tower `spec` from the network, and use it."""

    spec: str


@dataclass(frozen=True)
class BrowseTower:
    """Let the user choose a text tower's file."""


@dataclass(frozen=True)
class CancelTower:
    """Stop opening or fetching a text tower."""


@dataclass(frozen=True)
class FitPicture:
    """Show the whole picture as large as it fits."""


@dataclass(frozen=True)
class ActualSize:
    """Show one picture pixel as one screen pixel."""


@dataclass(frozen=True)
class ZoomPicture:
    """Zoom one step in (+1) or out (-1) about the middle of the picture area."""

    step: int


@dataclass(frozen=True)
class ChooseTool:
    """Let a drag on the picture do something else."""

    name: Literal["travel", "hand", "place"]


@dataclass(frozen=True)
class ToggleDrawer:
    """Open the drawer on the tab `title`, or close it when that is open."""

    title: str


@dataclass(frozen=True)
class TogglePanels:
    """Show the panels, or put them away."""


@dataclass(frozen=True)
class ToggleFullscreen:
    """Cover the whole screen, or leave that."""


@dataclass(frozen=True)
class ShowDialog:
    """Open one of the program's own dialogs."""

    name: Literal["shortcuts", "messages", "about", "tower"]


@dataclass(frozen=True)
class Say:
    """Tell the user something in the status line."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True)
class Quit:
    """Close the window; the state is saved."""


Action = (
    OpenModel
    | BrowseModel
    | BrowseRecipe
    | BrowseCaptureFolder
    | CaptureImage
    | CaptureWindow
    | OpenFolder
    | CopyText
    | CopyCommand
    | RestoreFile
    | CopyRecipe
    | PasteRecipe
    | Undo
    | Redo
    | ResetRecipe
    | StepSeed
    | RandomSeed
    | Retry
    | KeepModel
    | CancelLoad
    | LookForModel
    | StopLooking
    | UseFoundModel
    | UseOtherModel
    | ListTowers
    | UseTower
    | DownloadTower
    | BrowseTower
    | CancelTower
    | FitPicture
    | ActualSize
    | ZoomPicture
    | ChooseTool
    | ToggleDrawer
    | TogglePanels
    | ToggleFullscreen
    | ShowDialog
    | Say
    | Quit
)
