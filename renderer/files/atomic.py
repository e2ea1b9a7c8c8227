"""Files that appear whole or not at all, under new names: saving never damages what was there."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

from renderer.errors import RendererError
from stylegan_t.files.whole import TakenError, cannot_write, whole_file

MAX_STEM_BYTES = 200
"""Of a file's name; 255 are the most that usual file systems take, with number and suffix."""


class ExportError(RendererError, OSError):
    """A file could not be written; the message is for the user."""


def save_new(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Write a file under a name that is new: `stem-0001.png`, `stem-0002.png`, ...

    The folder is made if it is missing.  The file appears whole or not at all, and no existing file
    is ever touched, whatever else writes there at the same time.

    Args:
        folder: where to.
        stem: beginning of the name; characters that a file name cannot hold become "_".
        suffix: end of the name, with its dot.
        data: the whole file.

    Returns:
        The path that was written.

    Raises:
        ExportError: it cannot be written; one sentence.
    """
    stem = re.sub(r'[\x00-\x1f/\\:*?"<>|]', "_", stem)[:100]
    # File systems count bytes: a hundred characters of Japanese are too many.
    stem = stem.encode("utf-8", "replace")[:MAX_STEM_BYTES].decode("utf-8", "ignore") or "image"
    make_folder(folder)
    for number in itertools.count(last_number(folder, stem) + 1):
        path = folder / f"{stem}-{number:04d}{suffix}"
        try:
            with whole_file(path, overwrite=False) as file:
                file.write(data)
            return path
        except TakenError:
            continue
        except OSError as error:
            raise ExportError(cannot_write(error, folder)) from error
    raise AssertionError("counting never ends")


def make_folder(folder: Path) -> None:
    """Make a folder, with those around it, where it is missing.

    Raises:
        ExportError: it cannot be made; one sentence.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(cannot_write(error, folder)) from error


def write_file(path: Path, data: bytes, overwrite: bool = False) -> None:
    """Write a file whole or not at all.

    Raises:
        ExportError: it exists and `overwrite` is false, or it cannot be written; one sentence.
    """
    try:
        with whole_file(path, overwrite=overwrite) as file:
            file.write(data)
    except TakenError as error:
        raise ExportError(str(error)) from error
    except OSError as error:
        raise ExportError(cannot_write(error, path)) from error


def write_made(path: Path, data: bytes, overwrite: bool = False) -> None:
    """Write what long work has made; a file that came there meanwhile costs neither.

    Raises:
        ExportError: it cannot be written, or is in another file than `path`; one sentence.
    """
    try:
        with whole_file(path, overwrite=overwrite) as file:
            file.write(data)
    except TakenError as error:
        other = save_new(path.parent, path.stem, path.suffix, data)
        raise ExportError(saved_elsewhere(path, other)) from error
    except OSError as error:
        raise ExportError(cannot_write(error, path)) from error


def require_new(path: Path) -> None:
    """Refuse a name that is taken, before any work.

    Raises:
        ExportError: it is; one sentence.
    """
    if os.path.lexists(path):
        raise ExportError(f"{path} exists already and was left as it is.")


def saved_elsewhere(path: Path, other: Path) -> str:
    """Return the sentence for work that was saved under another name than it was to have."""
    return f"Another program has written {path} meanwhile, so this one was saved as {other}."


def last_number(folder: Path, stem: str) -> int:
    """The largest number of `stem-0001.png` and its like in a folder, or 0.

    Raises:
        ExportError: the folder cannot be looked into; one sentence.
    """
    pattern = re.compile(re.escape(stem) + r"-(\d{4,9})(?:\.\w+)?")
    try:
        found = [pattern.fullmatch(name) for name in os.listdir(folder)]
    except OSError as error:
        raise ExportError(cannot_write(error, folder)) from error
    return max((int(match[1]) for match in found if match), default=0)
