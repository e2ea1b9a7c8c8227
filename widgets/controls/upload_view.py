"""The upload of a model to the renderer's computer, as panels see it."""

from __future__ import annotations

from dataclasses import dataclass

from widgets.actions import Action


@dataclass(frozen=True)
class UploadView:
    """The state of an upload.

    `question` asks whether to upload a file, empty while nothing is asked; `explained` says what
    would happen, or why that is not `possible`.  `doing` is what is being done, empty when nothing
    is, and `share` how far that is from 0 to 1.  `place` is the other computer, empty where the
    renderer is on this one.  `offered` is the model that the renderer does not find, where this
    computer has a file at that path.
    """

    question: str = ""
    explained: str = ""
    possible: bool = True
    doing: str = ""
    share: float | None = None
    place: str = ""
    offered: str = ""


@dataclass(frozen=True)
class AskUpload(Action):
    """Ask the user whether the model at `path`, on this computer, is to be uploaded."""

    path: str


@dataclass(frozen=True)
class CancelUpload(Action):
    """Give up the upload; what has arrived is deleted there."""
