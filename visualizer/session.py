"""What the program knows while the window is open: the document, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderer.frame import Frame, ModelInfo
from renderer.recipe import Recipe
from visualizer.document import BURST_S, Document
from visualizer.notices import Notices
from visualizer.state import Folders, with_recent
from widgets.actions import Tone
from widgets.context import Options


@dataclass
class Session:
    """Plain values that the loop and the commands share.

    `frame` is the last good picture's; `error` is why the newest recipe has none.  `model` is the
    model of the last frame that had one, opened by the path `model_path`.
    """

    document: Document
    options: Options
    recent: tuple[str, ...]
    folders: Folders
    clock: Callable[[], float]
    notices: Notices = field(default_factory=Notices)
    frame: Frame | None = None
    model: ModelInfo | None = None
    model_path: str = ""
    error: str | None = None
    last_capture: str = ""

    @property
    def recipe(self) -> Recipe:
        """The recipe of now."""
        return self.document.recipe

    @property
    def capture_folder(self) -> Path:
        """Where captures are saved."""
        chosen = self.options.capture_folder
        return Path(chosen) if chosen else self.folders.captures

    def edit(self, recipe: Recipe, gesture: Any = None) -> None:
        """Change the recipe; a step of undo, unless `gesture` goes on from the edit before."""
        self.document.edit(recipe, gesture, self.clock(), BURST_S)

    def say(self, text: str, tone: Tone = "info") -> None:
        """Tell the user something in the status line."""
        self.notices.say(text, tone, self.clock())

    def opened(self, model: ModelInfo, path: str) -> bool:
        """Take the model that a frame was made with.  Returns whether it is another one."""
        if (model, path) == (self.model, self.model_path):
            return False
        self.model, self.model_path = model, path
        self.recent = with_recent(self.recent, path)
        return True
