"""The files of a folder, looked at without trust: it may be huge, and change meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from renderer.recipe.names import is_text

MAX_FILES = 50_000
"""A folder with more files is not read to its end."""
T = TypeVar("T")


def names_in(folder: Path) -> list[str]:
    """The names of what a folder holds, in no order; none if it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for _, entry in zip(range(MAX_FILES), entries, strict=False)]
    except OSError:
        return []


def files_in(
    folder: Path, wanted: Callable[[str], bool], file: Callable[[str, str, int, int], T]
) -> tuple[list[T], str]:
    """Return the files whose names are wanted, in no order, and why these are not all.

    Args:
        folder: where they lie; not in folders inside it.
        wanted: says it of a name.
        file: makes what is returned of path, name, time of the last change (ns) and size (bytes).

    Raises:
        FileNotFoundError: there is no such folder.
    """
    found: list[T] = []
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count >= MAX_FILES:
                    return found, f"{folder} holds more than {MAX_FILES} files: some are not shown."
                status = _status(entry) if wanted(entry.name) and is_text(entry.path) else None
                if status is not None:
                    found.append(file(entry.path, entry.name, status.st_mtime_ns, status.st_size))
    except FileNotFoundError:
        raise
    except OSError as error:
        return [], f"{folder} cannot be read: {error.strerror or error}."
    return found, ""


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Of a regular file; None for anything else."""
    try:
        status = entry.stat()
    except OSError:  # it went meanwhile, or is a link to nowhere
        return None
    return status if stat.S_ISREG(status.st_mode) else None
