"""The current session, kept while one works: a file that is always whole, and the one before it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from renderer.files.plain import read_plain
from visualizer.session.json_file import JsonFile
from visualizer.session.session_file import MAX_SESSION_BYTES, SessionFile, decode, encode

BACKUP_S = 60.0
"""The backup is what was kept at least this long ago."""


class Autosave:
    """Reads and writes the current session.  `note` tells what the user should know of the reading.

    Args:
        folder: of the program's own files.
        seat: of the window among those that are open, see `visualizer.session.seats`; each has its
        files.
    """

    def __init__(self, folder: Path, seat: int = 1) -> None:
        stem = "session" if seat == 1 else f"session-{seat}"
        self._file, self._before = (
            JsonFile(folder / name, decode, MAX_SESSION_BYTES, "The last session")
            for name in (f"{stem}.json", f"{stem}.backup.json")
        )
        self.path, self.backup = self._file.path, self._before.path
        self.note = ""
        self._written: SessionFile | None = None

    def load(self) -> SessionFile | None:
        """The session of the last run, or None when there is none that can be used."""
        self.note = ""
        for file in (self._file, self._before):
            session, problem = file.load()
            self.note = self.note or problem
            if session is not None:
                self.note += " A slightly older one was restored." if self.note else ""
                return session
        return None

    def save(self, session: SessionFile) -> None:
        """Write the session, if it differs from what was written last, and now and then a backup.

        Raises:
            SessionError: a part of it cannot be written.
            renderer.files.atomic.ExportError, OSError: the file cannot be written.
        """
        if session == self._written:
            return
        data = encode(session)
        if self._backup_is_due():
            self._before.write(read_plain(self.path, MAX_SESSION_BYTES))
        self._file.write(data)
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
            # a clock that was put back must not keep the backup as it is
            return abs(time.time() - self.backup.stat().st_mtime) >= BACKUP_S
        except FileNotFoundError:
            return True
