"""Earlier sessions, which gave way to others: a few are kept, so that opening one loses nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

from renderer.files.atomic import make_folder, write_file

MAX_ASIDE = 10
"""Maximum number kept; the oldest make room."""
NAME = re.compile(r"session-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(-\d+)?\.json")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class EarlierSessions:
    """The folder of these sessions.

    Args:
        home: folder of the program's own files.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "aside"

    def keep(self, data: bytes) -> None:
        """Write a session that is left.

        Raises:
            renderer.files.atomic.ExportError, OSError: it cannot be written.
        """
        make_folder(self.folder)
        stem, number = time.strftime("session-%Y%m%d-%H%M%S"), 1
        path = self.folder / f"{stem}.json"
        while path.exists():
            number += 1
            path = self.folder / f"{stem}-{number}.json"
        write_file(path, data)
        for old in self._files()[MAX_ASIDE:]:
            old.unlink(missing_ok=True)

    def listed(self) -> tuple[tuple[str, str], ...]:
        """(file, when it was set aside) of each, newest first, such as "24 Nov 10:15"."""
        listed = []
        for path in self._files():
            match = NAME.fullmatch(path.name)
            if match is not None and 1 <= int(match[2]) <= 12:
                when = f"{int(match[3])} {MONTHS[int(match[2]) - 1]} {match[4]}:{match[5]}"
                listed.append((str(path), when))
        return tuple(listed)

    def _files(self) -> list[Path]:
        """The sessions, newest first; other files in the folder are none of ours."""
        try:
            found = [path for path in self.folder.iterdir() if NAME.fullmatch(path.name)]
            return sorted(
                found, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True
            )
        except OSError:
            return []
