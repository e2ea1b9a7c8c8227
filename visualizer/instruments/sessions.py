"""Keeps what the user does: autosave, opening and saving sessions, and going on after a crash."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace as with_name
from pathlib import Path

import msgspec
from msgspec import Raw

from renderer.files.atomic import write_file
from renderer.files.plain import read_plain
from renderer.recipe.names import stem_of
from renderer.recipe.recipe import Recipe
from renderer.timeline.timeline import Timeline
from visualizer.services import dialogs
from visualizer.services.action_table import Handler, on
from visualizer.services.instrument import Desk, Instrument
from visualizer.session.earlier_sessions import EarlierSessions
from visualizer.session.session_file import SessionFile, encode, read_session
from visualizer.session.state import State, Store, WindowSize, with_recent
from widgets.chrome.session_menu import (
    BrowseSession,
    NewSession,
    OpenSession,
    SaveSession,
    SaveSessionAs,
    SessionsView,
)
from widgets.context import Context

AUTOSAVE_S = 2.0
"""The state is written at most this often, and when the window closes."""
RETRY_S = 10.0
"""After a failure it is tried again this much later, also when nothing else happens."""

logger = logging.getLogger(__name__)


class SessionKeeper(Instrument):
    """Writes the current session while one works, and takes others in.

    Args:
        desk: what instruments work with.
        store: where the state is kept.
        state: of the last run.
        instruments: whose parts of the session are kept.
    """

    def __init__(
        self, desk: Desk, store: Store, state: State, instruments: Sequence[Instrument]
    ) -> None:
        super().__init__(desk)
        self._store, self._instruments = store, instruments
        self._path, self._recent = state.session_path, state.recent_sessions
        self._parts: dict[str, Raw] = {}
        self._aside = EarlierSessions(desk.folders.state)
        self._set_aside_before = self._aside.listed()
        self._starts = state.failed_starts + 1
        self._checked_s = float("-inf")
        self._will_check = False
        self._kept: State | None = None
        self._problem: str | None = None
        self._take_parts(state.parts)
        if state.recipe is not None and not state.ended:
            desk.session.say("Restored your last session.")

    # -- the current session ------------------------------------------------------------------

    def session(self) -> SessionFile:
        """Return what a session file would hold now."""
        for instrument in self._instruments:
            state = instrument.state() if instrument.name else None
            if state is None:
                self._parts.pop(instrument.name, None)
                continue
            try:
                self._parts[instrument.name] = Raw(msgspec.json.encode(state))
            except (
                UnicodeEncodeError
            ) as error:  # half a surrogate pair; what was there before stays
                logger.warning("%s cannot be kept: %s", instrument.name, error)
        session = self.desk.session
        recipe = session.recipe if session.own is None else session.own[0]
        return SessionFile(recipe, dict(self._parts))

    def now(self, *, ended: bool) -> State:
        """Everything that the next start wants to know."""
        desk, session = self.desk, self.session()
        if desk.session.frame is not None or desk.session.error is not None:
            self._starts = 0  # it came as far as an answer of the renderer
        width, height = desk.window.size
        return State(
            session.recipe,
            desk.session.options if desk.session.own is None else desk.session.own[1],
            desk.session.recent,
            WindowSize(max(width, 200), max(height, 200), desk.window.maximized),
            session.parts,
            self._recent,
            self._path,
            ended,
            0 if ended else self._starts,
        )

    def drawn(self, context: Context, edited: bool) -> None:
        """Write what changed, some time after it did."""
        now_s = context.now_s
        if now_s - self._checked_s < AUTOSAVE_S:
            if not self._will_check:  # one frame more, even when nothing else happens
                self._will_check = True
                self.desk.wake_at(self._checked_s + AUTOSAVE_S + 0.05)
            return
        self._checked_s, self._will_check = now_s, False
        state = self.now(ended=False)
        if state == self._kept:
            return  # nor is there an answer to draw the window for: it comes to rest
        self._kept = state
        self.desk.background.run(
            lambda: self._store.save(state), self._saved, self._saved, self._is_no_news
        )

    def finish(self, state: State) -> None:
        """Write the last state; nothing else writes any more."""
        if problem := self._store.finish(state):
            logger.warning("%s", problem)

    # -- for the menu --------------------------------------------------------------------------

    def views(self, now_s: float) -> Iterable[object]:
        """Return what the menu knows."""
        return (SessionsView(self._path, self._recent, self._set_aside_before),)

    def handlers(self) -> Iterable[Handler]:
        """Sessions are begun, opened and saved here."""
        return (
            on(NewSession, lambda _: self._begin()),
            on(OpenSession, lambda action: self.open(Path(action.path))),
            on(
                BrowseSession,
                lambda _: self.desk.dialogs.ask(dialogs.SESSION, self._folder(), self.open),
            ),
            on(
                SaveSession,
                lambda _: self._save(Path(self._path)) if self._path else self._save_as(),
            ),
            on(SaveSessionAs, lambda _: self._save_as()),
        )

    def open(self, path: Path) -> None:
        """Open the session in a file."""
        desk = self.desk

        def done(session: SessionFile) -> None:
            self.set_aside()
            desk.session.dropped_from = path.parent
            desk.session.edit(session.recipe, timeline=Timeline())  # its own is restored below
            problem = self._take_parts(session.parts)
            if path.parent == self._aside.folder:
                self._path = ""
            else:
                self._is_at(path)
            if problem is None:
                desk.session.restored(f"Opened the session {path.name}.")
            else:
                desk.session.say(f"Part of {path.name} is missing. {problem}", "warning")

        desk.background.run(lambda: read_session(path), done, self._failed)

    def _begin(self) -> None:
        self.set_aside()
        session = self.desk.session
        session.clear(Timeline())
        self._take_parts({})
        self._path = ""
        session.say(
            "Started a new session. The previous one is under File > Recent sessions.", "good"
        )

    def _save_as(self) -> None:
        stem = stem_of(self.desk.session.recipe)
        name = Path(self._path).name if self._path else f"{stem}.json"
        question = with_name(dialogs.SAVE_SESSION, name=name)
        self.desk.dialogs.ask(question, self._folder(), self._save)

    def _save(self, path: Path) -> None:
        if path.parent == self.desk.folders.state:
            self._failed(f"{path.parent} is for the program's own files: choose another folder.")
            return
        session = self.session()

        def done(_: None) -> None:
            self._is_at(path)
            self.desk.session.say(f"Saved the session {path.name}.", "good")

        self.desk.background.run(
            lambda: write_file(path, encode(session), overwrite=True), done, self._failed
        )

    def keep_refused(self, recipe: Recipe) -> None:
        """Set the last run's session aside if its model cannot be opened, before the program has
        shown a picture: the model's file may be there another day."""
        session = self.desk.session
        refusal = session.refusal
        if refusal is None or refusal.model != recipe.model or session.frame is not None:
            return
        if recipe.model in session.known:
            self.set_aside(recipe)

    def set_aside(self, recipe: Recipe | None = None) -> None:
        """Keep the session that is left, unless its own file holds all of it.

        Args:
            recipe: of that session, where the document has gone on already.
        """
        session, known = self.session(), Path(self._path) if self._path else None
        if recipe is not None:
            session = SessionFile(recipe, session.parts)
        aside = self._aside

        def work() -> tuple[tuple[str, str], ...]:
            data = encode(session)
            if known is None or _differs(known, data):
                aside.keep(data)
            return aside.listed()

        def done(listed: tuple[tuple[str, str], ...]) -> None:
            self._set_aside_before = listed

        def failed(sentence: str) -> None:
            self._failed(f"The previous session could not be set aside: {sentence}")

        self.desk.background.run(work, done, failed)

    # -- small things --------------------------------------------------------------------------

    def _take_parts(self, parts: Mapping[str, Raw]) -> str | None:
        """Hand every instrument its part; returns what one of them could not use, as a sentence."""
        self._parts, problem = dict(parts), None
        for instrument in self._instruments:
            if instrument.name:
                told = instrument.restore(parts.get(instrument.name))
                problem = problem or told
                if told is not None:
                    self.desk.session.say(told, "warning")
        return problem

    def _is_no_news(self, problem: str | None) -> bool:
        return problem is None and self._problem is None

    def _saved(self, problem: str | None) -> None:
        """Say that the state cannot be kept, once, and that it can be again."""
        if problem:
            self._kept = None
            self.desk.wake_at(self.desk.clock() + RETRY_S)
        if problem == self._problem:
            return
        if problem:
            self.desk.session.say(problem, "warning")
        else:
            self.desk.session.say("Autosave works again.", "good")
        self._problem = problem

    def _failed(self, sentence: str) -> None:
        self.desk.session.say(sentence, "error")

    def _is_at(self, path: Path) -> None:
        self._path = str(path)
        self._recent = with_recent(self._recent, self._path)

    def _folder(self) -> Path:
        known = self._path or next(iter(self._recent), "")
        return Path(known).parent if known else self.desk.session.capture_folder


def _differs(path: Path, data: bytes) -> bool:
    try:
        return read_plain(path, len(data)) != data
    except OSError:
        return True
