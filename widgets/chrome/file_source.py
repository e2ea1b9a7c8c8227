"""The sources of the file dialog: the files of this computer, and the shape of all others."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from widgets.chrome.file_list import Entry, listing


@dataclass(frozen=True)
class FoundFolder:
    """A folder with what is in it; `above` is the one above, None where that may not be read.

    `file` is the path that was asked for, where it is that of a file in the folder, or might become
    one; with a `problem` it is not there, or there is no such folder either.
    """

    folder: PurePath | None = None
    entries: Sequence[Entry] = ()
    above: PurePath | None = None
    file: PurePath | None = None
    problem: str = ""


class FileSource(Protocol):
    """A computer whose files are shown.

    `place` is its name in the dialog's heading, empty for this one, and `home` says where the
    button with the house leads, which asks for the empty path.
    """

    @property
    def place(self) -> str: ...
    @property
    def home(self) -> str: ...
    def ask(
        self, path: str, suffixes: tuple[str, ...], answer: Callable[[FoundFolder], None]
    ) -> None: ...


class LocalFiles:
    """The files of this computer; the answer comes at once."""

    place, home = "", "Your home folder"

    def ask(
        self, path: str, suffixes: tuple[str, ...], answer: Callable[[FoundFolder], None]
    ) -> None:
        """List the folder at a path, or the one that a file is in."""
        # Not pathlib's questions: what is typed may be no possible name, and those raise then.
        named = Path(os.path.expanduser(path)) if path else Path.home()
        if os.path.isdir(named):
            answer(self._listed(named, suffixes))
            return
        noun = "file" if suffixes else "folder"
        problem = "" if os.path.isfile(named) else f"There is no {noun} {named}."
        if problem and not os.path.isdir(named.parent):
            answer(FoundFolder(problem=problem))
            return
        answer(self._listed(named.parent, suffixes, named, problem))

    def _listed(
        self,
        folder: Path,
        suffixes: tuple[str, ...],
        file: Path | None = None,
        problem: str = "",
    ) -> FoundFolder:
        try:
            entries = listing(folder, suffixes)
        except OSError as error:
            problem = problem or f"{folder} cannot be listed: {error.strerror or error}."
            return FoundFolder(folder, (), folder.parent, file, problem)
        return FoundFolder(folder, entries, folder.parent, file, problem)
