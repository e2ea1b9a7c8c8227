"""The session of now, kept while one works: a file that is always whole, and the one before it."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from renderer.files.plain import read_plain
from visualizer.session.session_file import (
    MAX_SESSION_BYTES,
    SessionError,
    SessionFile,
    encode,
    read_session,
)

BACKUP_S = 60.0
"""The backup is what was kept at least this long ago."""

logger = logging.getLogger(__name__)


class Autosave:
    """Reads and writes the session of now.  `note` tells what the user should know of the reading.

    Args:
        folder: of the program's own files.
        seat: of the window among those that are open, see `visualizer.session.seats`; each has its
        files.
    """

    def __init__(self, folder: Path, seat: int = 1) -> None:
        stem = "session" if seat == 1 else f"session-{seat}"
        self.path = folder / f"{stem}.json"
        self.backup = folder / f"{stem}.backup.json"
        self.note = ""
        self._written: SessionFile | None = None

    def load(self) -> SessionFile | None:
        """The session of the last run, or None when there is none that can be used."""
        problem = ""
        for path in (self.path, self.backup):
            if not os.path.lexists(path):  # unlike Path.exists it never raises
                continue
            try:
                session = read_session(path)
            except SessionError as error:
                logger.warning("%s", error)
                aside = self._moved_aside(path, str(error))
                problem = problem or aside
                continue
            if problem:
                problem += " What was kept a little before it is restored."
            self.note = problem
            return session
        self.note = problem
        return None

    def save(self, session: SessionFile) -> None:
        """Write the session, if it differs from what was written last, and now and then a backup.

        Raises:
            SessionError: a part of it cannot be written.
            renderer.files.atomic.ExportError, OSError: the file cannot be written.
        """
        if session == self._written:
            return
        from renderer.files.atomic import make_folder, write_file

        data = encode(session)
        make_folder(self.path.parent)
        if self._backup_is_due():
            before = read_plain(self.path, MAX_SESSION_BYTES)
            write_file(self.backup, before, overwrite=True)
        write_file(self.path, data, overwrite=True)
        self._written = session  # only now: after a failure it is tried again

    def forget(self) -> None:
        """Delete the files: the session is kept elsewhere, or is not to be kept.

        Raises:
            OSError: one of them cannot be deleted.
        """
        self.path.unlink(missing_ok=True)
        self.backup.unlink(missing_ok=True)

    def _backup_is_due(self) -> bool:
        if not os.path.isfile(self.path):
            return False
        try:
            return time.time() - self.backup.stat().st_mtime >= BACKUP_S
        except FileNotFoundError:
            return True

    def _moved_aside(self, path: Path, problem: str) -> str:
        """Keep a broken file where it is out of the way; says so."""
        aside = path.with_name(f"{path.stem}.broken.json")
        try:
            os.replace(path, aside)
        except OSError:
            return f"The last session could not be restored: {problem}"
        return f"The last session could not be restored and is kept as {aside}: {problem}"
