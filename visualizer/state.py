"""What survives a restart: the session of now, the options, recent files, the window's size.

Plain JSON files, each replaced as a whole: the session, and beside it all that is not part of one.
A broken file never keeps the program from starting: it is moved aside and the program says so.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs
from msgspec import Meta, Raw, Struct

from renderer.recipe import Recipe, RecipeError, from_json
from visualizer.aside import Aside
from visualizer.autosave import Autosave
from visualizer.sessions import SessionError, SessionFile, encode
from visualizer.typed_path import typed_path
from widgets.context import Options

APP_NAME = "stylegan-t"
HOME_VARIABLE = "STYLEGAN_T_HOME"
STATE_VERSION = 1
MAX_STATE_BYTES = 8_000_000
MAX_RECENT = 12
MAX_FAILED_STARTS = 3

logger = logging.getLogger(__name__)

Pixels = Annotated[int, Meta(ge=200, le=20_000)]


class WindowSize(Struct, frozen=True):
    """The window's size in screen coordinates when it was closed."""

    width: Pixels = 1600
    height: Pixels = 900
    maximized: bool = False


Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Recent = Annotated[tuple[str, ...], Meta(max_length=MAX_RECENT)]


class State(Struct, frozen=True):
    """Everything that the next start wants to know.

    `recipe` is None for a newcomer; `parts` are what the instruments remember, as in a session
    file.  `session_path` is the file that the session was saved in, empty for none.  `ended` is
    false while the program runs: a start that finds it so comes after a crash.  `failed_starts`
    counts the starts in a row that ended before the renderer had answered.
    """

    recipe: Recipe | None = None
    options: Options = Options()
    recent_models: Recent = ()
    window: WindowSize | None = None
    parts: dict[str, Raw] = {}
    recent_sessions: Recent = ()
    session_path: str = ""
    ended: bool = True
    failed_starts: Count = 0


class _Stored(Struct, frozen=True):
    """The file of what is not part of a session.

    Up to now the recipe stood here as text; it is still read where there is no session.
    """

    stylegan_t_state: int
    recipe: str = ""
    options: Options = Options()
    recent_models: Recent = ()
    window: WindowSize | None = None
    recent_sessions: Recent = ()
    session_path: str = ""
    ended: bool = True
    failed_starts: Count = 0


_STORED = msgspec.json.Decoder(_Stored)


@dataclass(frozen=True)
class Folders:
    """Where the program keeps its own files and, unless told otherwise, captures."""

    state: Path
    captures: Path


def folders() -> Folders:
    """The platform's folders for this user; `STYLEGAN_T_HOME` puts everything into one place.

    Raises:
        click.ClickException: that place is the home of a user who is not there.
    """
    home = os.environ.get(HOME_VARIABLE)
    if home:
        base = typed_path(home)
        return Folders(base, base / "captures")
    pictures = Path(platformdirs.user_pictures_dir())
    return Folders(
        Path(platformdirs.user_state_dir(APP_NAME, appauthor=False)), pictures / "StyleGAN-T"
    )


class Store:
    """Reads and writes the state.  `note` tells what the user should know of the reading."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state.json"
        self.autosave = Autosave(folder)
        self.note = ""
        self._written: _Stored | None = None

    def load(self) -> State:
        """The state of the last run; a fresh one when there is none or it cannot be used."""
        stored = self._stored()
        session = self.autosave.load()
        if session is not None and stored.failed_starts >= MAX_FAILED_STARTS:
            return self._anew(stored, session)
        self.note = " ".join(filter(None, (self.note, self.autosave.note)))
        recipe = self._recipe(stored.recipe) if session is None else session.recipe
        return State(
            recipe,
            stored.options,
            stored.recent_models,
            stored.window,
            {} if session is None else session.parts,
            stored.recent_sessions,
            stored.session_path,
            stored.ended,
            stored.failed_starts,
        )

    def save(self, state: State) -> str | None:
        """Write what differs from what was written last.

        Returns:
            A sentence when something cannot be written, else None.
        """
        problems = [self._save_session(state), self._save_rest(state)]
        return next((problem for problem in problems if problem), None)

    def _anew(self, stored: _Stored, session: SessionFile) -> State:
        """The program does not come up with this session: begin without it, but keep it."""
        try:
            Aside(self.path.parent).keep(encode(session))
        except (SessionError, OSError) as error:
            logger.warning("the session could not be set aside: %s", error)
        self.note = (
            f"The last {stored.failed_starts} starts ended before there was a picture, so this is "
            "a new session; the one before is among the recent ones in the File menu."
        )
        return State(
            None,
            stored.options,
            stored.recent_models,
            stored.window,
            recent_sessions=stored.recent_sessions,
        )

    def _stored(self) -> _Stored:
        try:
            if self.path.stat().st_size > MAX_STATE_BYTES:
                raise ValueError("it is too large")
            stored = _STORED.decode(self.path.read_bytes())
            if stored.stylegan_t_state > STATE_VERSION:
                raise ValueError("a newer version of the program wrote it")
        except FileNotFoundError:
            return _Stored(STATE_VERSION)
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
            self._move_aside(error)
            return _Stored(STATE_VERSION)
        return stored

    def _save_session(self, state: State) -> str | None:
        if state.recipe is None:
            return None
        try:
            self.autosave.save(SessionFile(state.recipe, state.parts))
        except (SessionError, OSError) as error:
            return f"What you do now cannot be kept for the next start: {error}"
        return None

    def _save_rest(self, state: State) -> str | None:
        stored = _Stored(
            STATE_VERSION,
            options=state.options,
            recent_models=state.recent_models,
            window=state.window,
            recent_sessions=state.recent_sessions,
            session_path=state.session_path,
            ended=state.ended,
            failed_starts=state.failed_starts,
        )
        if stored == self._written:
            return None
        from renderer.export import make_folder, write_file  # Pillow: not before the first frame

        try:
            data = msgspec.json.format(msgspec.json.encode(stored), indent=1)
            make_folder(self.path.parent)
            write_file(self.path, data, overwrite=True)
        except (OSError, UnicodeError) as error:
            return f"What you do now cannot be kept for the next start: {error}"
        self._written = stored  # only now: after a failure it is tried again
        return None

    def _recipe(self, text: str) -> Recipe | None:
        if not text:
            return None
        try:
            return from_json(text)
        except RecipeError as error:
            self.note = f"The recipe of the last session could not be restored: {error}"
            return None

    def _move_aside(self, error: Exception) -> None:
        aside = self.path.with_name("state.broken.json")
        logger.warning("the state file is unusable: %s", error)
        try:
            os.replace(self.path, aside)
        except OSError:
            self.note = f"The settings of the last session in {self.path} cannot be read."
        else:
            self.note = f"The settings of the last session were damaged; they are kept in {aside}."


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """A list of recent files with `path` at its front."""
    return (path, *(other for other in recent if other != path))[:MAX_RECENT]
