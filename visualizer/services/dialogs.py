"""Choosing files: the system's own dialog without waiting for it, or a small one of ours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from imgui_bundle import portable_file_dialogs as native

from renderer.files.kinds import IMAGE_SUFFIXES, MODEL_SUFFIXES, TOWER_SUFFIXES
from visualizer.services.glimpses import Glimpses
from widgets.chrome.file_browser import FileBrowser
from widgets.chrome.file_source import FileSource
from widgets.context import Context

LINUX_HELPERS = ("zenity", "kdialog", "matedialog", "qarma")
"""On Linux native dialogs are other programs; without one they would return at once, empty."""


@dataclass(frozen=True)
class Question:
    """A question for a file dialog: `suffixes` of the files, or none for a folder.

    With a `name` a file is to be saved: that is what it is called unless the user says otherwise.
    It ends in the first of `suffixes`, and who chooses one that exists has agreed to replace it.
    """

    heading: str
    suffixes: tuple[str, ...] = ()
    kind: str = ""
    name: str = ""


MODEL = Question("Open a model", MODEL_SUFFIXES, "Models")
UPLOAD = Question("Choose a model to upload", MODEL_SUFFIXES, "Models")
RECIPE = Question("Restore from a picture", (*IMAGE_SUFFIXES, ".json", ".take"), "Recipes")
RUN = Question("Open the folder of a training run")
MISSING = Question("Find the missing model", MODEL_SUFFIXES, "Models")
TOWER = Question("Open a text tower", TOWER_SUFFIXES, "Text towers")
CAPTURES = Question("Save captures in")
SESSION = Question("Open a session", (".json",), "Sessions")
SAVE_SESSION = Question("Save the session", (".json",), "Sessions", "session.json")

WORD_LISTS = Question("Choose the folder of word lists")
PROMPTS = Question("Open a list of prompts", (".txt",), "Text files")
MOMENTS = Question("Open moments", (".json",), "Moments")
PRESET = Question("Load a preset", (".json",), "Presets")
SAVE_PRESET = Question("Save as a preset", (".json",), "Presets", "stage.json")
SAVE_MOMENTS = Question("Export the moments", (".json",), "Moments", "moments.json")


def native_helper() -> str | None:
    """Return what opens native dialogs here: the name of a program or of the system; None for
    nothing."""
    if sys.platform in ("win32", "darwin"):
        return "the system's own"
    return next((name for name in LINUX_HELPERS if shutil.which(name)), None)


class _Native(Protocol):
    def ready(self, timeout: int = ...) -> bool: ...
    def kill(self) -> bool: ...


class Dialogs:
    """One dialog at a time.  `poll` once a frame; answers come through the callback."""

    def __init__(self, *, use_native: bool | None = None) -> None:
        self.glimpses = Glimpses(self._wake)
        self.wake: Callable[[], None] = _no_wake
        """Called, from any thread, when the dialog has something new to show."""
        self._use_native = native_helper() is not None if use_native is None else use_native
        self._native: _Native | None = None
        self._browser: FileBrowser | None = None
        self.far: Callable[[Question], FileSource] | None = None
        """Gives the files of another computer, where the renderer is on one."""
        self._there: Callable[[str], None] | None = None
        self._chosen: PurePath | None = None
        self._answer: Callable[[Path], None] = lambda path: None

    @property
    def waiting_for_native(self) -> bool:
        """Return whether a native dialog is open; it does not wake the window, so it must be
        polled."""
        return self._native is not None

    def ask(self, question: Question, folder: Path, answer: Callable[[Path], None]) -> None:
        """Let the user choose, beginning in `folder`; `answer` gets the path, if there is one."""
        if self._native is not None or self._browser is not None:
            return
        self._answer, self._there = answer, None
        start = next((f for f in (folder, *folder.parents) if os.path.isdir(f)), Path.home())
        if not self._use_native:
            self._browser = FileBrowser(
                question.heading, str(start), question.suffixes, question.name
            )
            self._browser.files.look = self.glimpses.look
        elif question.suffixes:
            patterns = " ".join(f"*{suffix}" for suffix in question.suffixes)
            filters = [f"{question.kind} ({patterns})", patterns, "All files", "*"]
            if question.name:
                self._answer = _named(question, answer)
                at = str(start / question.name)
                self._native = native.save_file(question.heading, at, filters)
            else:
                self._native = native.open_file(question.heading, str(start) + "/", filters)
        else:
            self._native = native.select_folder(question.heading, str(start))

    def ask_renderer(
        self,
        question: Question,
        folder: Path,
        here: Callable[[Path], None],
        there: Callable[[str], None],
    ) -> None:
        """Let the user choose a file where the renderer reads it: on this computer, beginning in
        `folder`, or on the renderer's, where a path says nothing to this one."""
        if self.far is None:
            self.ask(question, folder, here)
        elif self._native is None and self._browser is None:
            self._there = there
            source = self.far(question)
            self._browser = FileBrowser(question.heading, "", question.suffixes, source=source)

    def draw(self, context: Context) -> None:
        """Draw our own dialog, when that is the one that is open."""
        if self._browser is None:
            return
        self._chosen = self._browser.draw(context) or self._chosen
        if not self._browser.open:
            self._browser = None

    def poll(self) -> None:
        """See whether a dialog was answered, and hand the answer on: between frames, for it may
        change what a frame in work is drawn from."""
        if self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            if self._there is not None:
                self._there(str(chosen))
            else:
                self._answer(Path(chosen))
        if self._native is None or not self._native.ready(0):
            return
        dialog, self._native = self._native, None
        result = dialog.result()  # type: ignore[attr-defined]
        chosen = result if isinstance(result, str) else next(iter(result), "")
        if chosen:
            self._answer(Path(chosen))

    def _wake(self) -> None:
        self.wake()

    def close(self) -> None:
        """Take an open native dialog down: it would outlive the window."""
        self.glimpses.close()
        if self._native is not None:
            self._native.kill()
            self._native = None


def _no_wake() -> None:
    """Do nothing: without a window there is no loop to wake."""


def _named(question: Question, answer: Callable[[Path], None]) -> Callable[[Path], None]:
    """Hands a chosen name on with its ending; one that was left out must not replace anything."""

    def ended(path: Path) -> None:
        if path.suffix.lower() in question.suffixes:
            answer(path)
            return
        path = path.with_name(path.name + question.suffixes[0])
        number, free = 1, path
        while free.exists():
            number += 1
            free = path.with_stem(f"{path.stem}-{number}")
        answer(free)

    return ended
