"""State that survives a restart: the current session, the options, recent files, the window's size.

Plain JSON files, each replaced as a whole: the session, and beside it all that is not part of one.
A broken file never keeps the program from starting: it is moved aside and the program says so.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import platformdirs
from msgspec import Meta, Raw, Struct

from renderer.recipe.identity import same_picture
from renderer.recipe.recipe import Recipe, RecipeError, from_json
from visualizer.options.paths import typed_path
from visualizer.session.autosave import Autosave
from visualizer.session.earlier_sessions import EarlierSessions
from visualizer.session.json_file import JsonFile, versioned
from visualizer.session.merging import merged
from visualizer.session.seats import Seat, free_seats
from visualizer.session.session_file import (
    TIMELINE,
    SessionError,
    SessionFile,
    encode,
    read_session,
)
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


_DECODE = versioned(msgspec.json.Decoder(_Stored), "stylegan_t_state", STATE_VERSION)


@dataclass(frozen=True)
class Folders:
    """Folders of the program's own files and, by default, of captures."""

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
    """Reads and writes the state.  `note` tells what the user should know of the reading.

    Args:
        folder: of the program's own files.
        seat: of this window among those that are open; see `visualizer.session.seats`.
    """

    def __init__(self, folder: Path, seat: Seat | None = None) -> None:
        self.path = folder / "state.json"
        self._file = JsonFile(
            self.path, _DECODE, MAX_STATE_BYTES, "The settings of the last session"
        )
        self._seat = seat or Seat(1)
        self.autosave = Autosave(folder, self._seat.number)
        self.note = ""
        self._base, self._begun = _Stored(STATE_VERSION), SessionFile()
        self._written: _Stored | None = None

    def load(self) -> State:
        """The state of the last run; a fresh one when there is none or it cannot be used."""
        found, self.note = self._file.load()
        stored = self._base = found or _Stored(STATE_VERSION)
        left = collect(self.path.parent, self._seat)
        if self._seat.number > 1:
            return self._beside(stored)
        session = self.autosave.load()
        if session is not None and stored.failed_starts >= MAX_FAILED_STARTS:
            return self._afresh(stored, session)
        self.note = " ".join(filter(None, (self.note, self.autosave.note, left)))
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

    def finish(self, state: State) -> str | None:
        """Write the last state; this window's seat is free afterwards.  The session of a window
        that was not the only one becomes one of the recent ones.

        Returns:
            A sentence when something cannot be written, else None.
        """
        problem = self.save(state)
        if self._seat.number > 1 and problem is None and state.recipe is not None:
            session = SessionFile(state.recipe, state.parts)
            try:
                if not _same(session, self._begun):
                    EarlierSessions(self.path.parent).keep(encode(session))
                self.autosave.forget()
            except (SessionError, OSError) as error:
                problem = f"The session of this window could not be set aside: {error}"
        self._seat.leave()
        return problem

    def _beside(self, stored: _Stored) -> State:
        """Return what a window begins with while another is open: a copy of its session."""
        with suppress(SessionError):
            self._begun = read_session(Autosave(self.path.parent).path)
        self.note = (
            "Another window of this program is open, so this one has a session of its own: once "
            "it is closed, you find it under File > Recent sessions."
        )
        # The screen and the names in other programs are the first window's.
        output = msgspec.structs.replace(stored.options.output, on=False, sinks=())
        options = msgspec.structs.replace(stored.options, output=output)
        stored = self._base = msgspec.structs.replace(stored, options=options)
        begun = self._begun
        return State(
            begun.recipe,
            stored.options,
            stored.recent_models,
            stored.window,
            begun.parts,
            stored.recent_sessions,
        )

    def _afresh(self, stored: _Stored, session: SessionFile) -> State:
        """The program does not come up with this session: begin without it, but keep it."""
        try:
            EarlierSessions(self.path.parent).keep(encode(session))
        except (SessionError, OSError) as error:
            logger.warning("the session could not be set aside: %s", error)
        self.note = (
            f"The last {stored.failed_starts} starts ended before there was a picture, so this is "
            "a new session; the previous one is under File > Recent sessions."
        )
        return State(
            None,
            stored.options,
            stored.recent_models,
            stored.window,
            recent_sessions=stored.recent_sessions,
        )

    def _save_session(self, state: State) -> str | None:
        if state.recipe is None:
            return None
        try:
            self.autosave.save(SessionFile(state.recipe, state.parts))
        except (SessionError, OSError) as error:
            return f"Autosave does not work: {error}"
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
        if self._seat.number > 1:  # these are of the session that the next start goes on with
            stored = msgspec.structs.replace(
                stored,
                window=self._base.window,
                session_path=self._base.session_path,
                ended=self._base.ended,
                failed_starts=self._base.failed_starts,
            )
        if stored == self._written:
            return None
        try:
            self._file.update(lambda known: self._merged(stored, known))
        except (OSError, UnicodeError) as error:
            return f"Autosave does not work: {error}"
        self._base = self._written = stored  # only now: after a failure it is tried again
        return None

    def _merged(self, stored: _Stored, known: _Stored | None) -> bytes:
        """`stored` with what another window has written meanwhile."""
        if known is not None:
            stored = merged(self._base, stored, known)
        kept = msgspec.structs.replace(
            stored,
            recent_models=stored.recent_models[:MAX_RECENT],
            recent_sessions=stored.recent_sessions[:MAX_RECENT],
        )
        return msgspec.json.format(msgspec.json.encode(kept), indent=1)

    def _recipe(self, text: str) -> Recipe | None:
        if not text:
            return None
        try:
            return from_json(text)
        except RecipeError as error:
            self.note = f"The recipe of the last session could not be restored: {error}"
            return None


def collect(folder: Path, mine: Seat) -> str:
    """Set aside what windows beyond the first have left without being closed, also the one that had
    `mine` before.

    Returns:
        A sentence when there was something.
    """
    count = 0
    for seat in (*([mine] if mine.number > 1 else []), *free_seats(folder)):
        autosave = Autosave(folder, seat.number)
        try:
            if (session := autosave.load()) is not None:
                EarlierSessions(folder).keep(encode(session))
                count += 1
            autosave.forget()
        except (SessionError, OSError) as error:
            logger.warning("the session of window %d stays where it is: %s", seat.number, error)
    if not count:
        return ""
    return "The session of another window that ended is under File > Recent sessions."


def _same(first: SessionFile, second: SessionFile) -> bool:
    """Return whether nothing was made between two states of a session."""
    if not same_picture(first.recipe, second.recipe):
        return False
    return all(first.parts.get(name) == second.parts.get(name) for name in ("history", TIMELINE))


def with_recent(recent: tuple[str, ...], path: str) -> tuple[str, ...]:
    """A list of recent files with `path` at its front."""
    return (path, *(other for other in recent if other != path))[:MAX_RECENT]
