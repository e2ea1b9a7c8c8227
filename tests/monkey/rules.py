"""What must hold at every moment, whatever a monkey does."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from imgui_bundle import imgui
from msgspec.structs import replace

from renderer.recipe.identity import same_picture, unhashed
from renderer.recipe.recipe import Recipe, check, from_json, to_json
from renderer.remote import connection
from visualizer.app.app import App
from visualizer.session.session import Session
from visualizer.session.undo_stack import MAX_STEPS

MAX_TEXTURES = 12_000
MAX_MEMORY_MB = 3_000.0
"""Resident, at rest: models, previews and Python together stay far below."""
TRACEBACK, TRACEBACK_S = "Traceback (most recent call last)", 0.3
SAVED = frozenset({".png", ".jpg", ".jpeg", ".webp", ".mp4", ".webm", ".gif"})
"""Endings of what is never replaced; sessions are."""


class BrokenRuleError(AssertionError):
    """Something that must always hold does not; the message says what."""


class Ears(logging.Handler):
    """Hears of every error: what the program logs, and what no code has caught."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.heard: list[str] = []
        self._in_traceback = False

    def emit(self, record: logging.LogRecord) -> None:
        """An error was logged, or a renderer in another process says something."""
        text = record.getMessage()
        if record.levelno < logging.ERROR:
            self._there(record.name, text)
            return
        if record.exc_info and record.exc_info[1] is not None:
            text += "\n" + "".join(traceback.format_exception(record.exc_info[1]))
        self.heard.append(text)

    def _there(self, name: str, text: str) -> None:
        if name == connection.__name__ and (self._in_traceback or TRACEBACK in text):
            self._in_traceback = True  # what follows belongs to it
            self.heard.append(text)

    def uncaught(self, where: str, error: BaseException | None) -> None:
        """An exception went through everything."""
        lines = traceback.format_exception(error) if error is not None else []
        self.heard.append(f"uncaught {where}:\n{''.join(lines)}")


@contextmanager
def listening() -> Iterator[Ears]:
    """Hear of errors everywhere in the process meanwhile."""
    ears, root = Ears(), logging.getLogger()
    before = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda args: ears.uncaught(f"in {args.thread}", args.exc_value)
    sys.unraisablehook = lambda args: ears.uncaught(f"in {args.object!r}", args.exc_value)
    root.addHandler(ears)
    there = logging.getLogger(connection.__name__)
    level = there.level
    there.setLevel(logging.INFO)
    try:
        yield ears
    finally:
        root.removeHandler(ears)
        there.setLevel(level)
        threading.excepthook, sys.unraisablehook = before


def always(app: App, ears: Ears, breaches: list[str]) -> None:
    """After every redraw.

    Raises:
        BrokenRuleError: something is wrong.
    """
    if ears.heard:
        time.sleep(TRACEBACK_S)  # the rest of what another process says
        raise BrokenRuleError("an error: " + "\n".join(ears.heard))
    if breaches:
        raise BrokenRuleError("outside of the fence: " + "; ".join(breaches))
    context = imgui.get_current_context()
    if context.hovered_id_previous_frame_item_count > 1:
        raise BrokenRuleError(f"two widgets have the name {context.hovered_id_previous_frame:#x}")
    if context.error_count_current_frame:
        said = context.debug_log_buf.c_str().strip().splitlines()[-3:]
        raise BrokenRuleError(f"Dear ImGui was used wrongly: {said}")
    if app.thread.status.kind == "stopped":
        raise BrokenRuleError("the render thread has ended")
    thread = getattr(getattr(app.thread, "_now", app.thread), "_thread", None)
    if thread is not None and not thread.is_alive():
        raise BrokenRuleError("the render thread is dead")


def recipe_is_sound(recipe: Recipe) -> None:
    """After every act.

    Raises:
        BrokenRuleError: the recipe holds what no recipe may hold, or does not survive a file.
    """
    check(recipe)
    if from_json(to_json(recipe)) != recipe:
        raise BrokenRuleError("the recipe is another one after a file")


def document_is_sound(app: App) -> None:
    """Now and then.

    Raises:
        BrokenRuleError: the way back is too long, or holds an impossible recipe.
    """
    document = app.session.document
    steps = (*document._back, *document._forth)
    if len(document._back) > MAX_STEPS:
        raise BrokenRuleError("there are too many steps of undo")
    for step in steps[-8:]:
        check(step.recipe)


def picture_belongs(app: App) -> None:
    """Once the renderer has come to rest: the picture is that of the recipe, or an error says why.

    Raises:
        BrokenRuleError: it is another one's.
    """
    session = app.session
    wanted = unhashed(session.recipe)
    if session.error is not None:
        if session.failed is not None and unhashed(session.failed) != wanted:
            raise BrokenRuleError(f"the error is about another recipe: {session.error}")
        return
    if session.frame is None or unhashed(session.frame.recipe) != wanted:
        raise BrokenRuleError("the picture that is shown is not that of the recipe")
    model = session.frame.model
    if model is not None and session.frame.recipe.model.path != session.recipe.model.path:
        raise BrokenRuleError(f"the picture is one of {model.path}")


def survived(before: Recipe, session: Session) -> None:
    """After the window was closed and opened again.

    A model that is gone by now, or that never opened, gives way to one that opens: then the window
    names it, and everything else is as it was.

    Raises:
        BrokenRuleError: the recipe that was there, `before`, is not there any more.
    """
    after, refused = session.recipe, session.refusal
    if refused is not None and refused.model.path == before.model.path:
        before = replace(before, model=after.model, precision=after.precision)
    if not same_picture(after, before):
        raise BrokenRuleError(f"the recipe did not survive the end: {before} became {after}")


PARTS = b"mvex"
"""Says in the head of an MP4 that it grows in fragments."""


class Keepsakes:
    """Remembers every file that was ever saved in a folder: none may be lost or change.

    The gallery gives files other names, and puts them into a hidden folder beside the others.

    Args:
        folders: where captures are.
        saved: looks at each new one.
    """

    def __init__(
        self, folders: Callable[[], list[Path]], saved: Callable[[Path], None] = lambda path: None
    ) -> None:
        self._folders, self._saved = folders, saved
        self._known: dict[str, tuple[int, int, int]] = {}

    @property
    def count(self) -> int:
        """How many files are known."""
        return len(self._known)

    def look(self) -> None:
        """Compare with what was there before.

        Raises:
            BrokenRuleError: a file is gone, or another one.
        """
        for path, known in list(self._known.items()):
            now = _identity(Path(path))
            if now == known:
                continue
            if known not in map(_identity, Path(path).parent.rglob("*")):
                raise BrokenRuleError(f"{path} was {known} and is {now}")
            del self._known[path]
        for folder in self._folders():
            for path in folder.rglob("*") if folder.is_dir() else ():
                # What begins with a dot is in work; it gets its name when it is whole.
                finished = not any(part.startswith(".") for part in path.relative_to(folder).parts)
                saved = finished and path.suffix in SAVED and path.is_file()
                identity = _identity(path) if saved else None
                if identity is not None and str(path) not in self._known:
                    self._known[str(path)] = identity
                    self._saved(path)


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        # A video that is being recorded has its name already, and is in parts until it is whole.
        if path.suffix == ".mp4" and (PARTS in (data := path.read_bytes()) or not data):
            return None
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
