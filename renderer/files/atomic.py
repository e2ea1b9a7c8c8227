"""Files that appear whole or not at all, under new names: saving never damages what was there."""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from renderer.errors import RendererError
from renderer.files.partial_files import part_path
from stylegan_t.files.whole import MAX_STEM_BYTES, cannot_write, keep_mode

REPLACE_TRIES, REPLACE_PAUSE_S = 5, 0.05
T = TypeVar("T")


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

    def publish(temporary: Path) -> Path:
        for number in itertools.count(last_number(folder, stem) + 1):
            path = folder / f"{stem}-{number:04d}{suffix}"
            if claim(temporary, path):
                return path
        raise AssertionError("counting never ends")

    make_folder(folder)
    return _written(folder, folder, data, publish)


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

    def publish(temporary: Path) -> None:
        if overwrite:
            replace_file(temporary, path)
        elif not claim(temporary, path):
            raise ExportError(f"{path} exists already and was left as it is.")

    _written(path.parent, path, data, publish)


def _written(folder: Path, shown: Path, data: bytes, publish: Callable[[Path], T]) -> T:
    """Write `data` to a temporary file in `folder` and let `publish` give it its name."""
    temporary = part_path(folder)
    try:
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            return publish(temporary)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    except ExportError:
        raise
    except OSError as error:
        raise ExportError(cannot_write(error, shown)) from error


def claim(temporary: Path, path: Path) -> bool:
    """Give a finished file its name; false when the name is taken.  Never replaces anything."""
    try:
        os.link(temporary, path)
        return True
    except FileExistsError:
        return False
    except OSError:
        pass  # a file system without hard links says so in many ways
    # Then reserve the name, and replace our own empty file; real trouble shows here again.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    try:
        replace_file(temporary, path)
    except OSError:
        path.unlink()
        raise
    return True


def replace_file(temporary: Path, path: Path) -> None:
    """`os.replace`, but patient: on Windows a file that another program reads, such as a scanner
    for viruses, cannot be replaced for a moment.  The permissions of what is replaced stay.

    Raises:
        OSError: it cannot be replaced at all.
    """
    keep_mode(temporary, path)
    for _ in range(REPLACE_TRIES - 1):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            time.sleep(REPLACE_PAUSE_S)
    os.replace(temporary, path)


def last_number(folder: Path, stem: str) -> int:
    """The largest number of `stem-0001.png` and its like in a folder, or 0."""
    pattern = re.compile(re.escape(stem) + r"-(\d{4,9})(?:\.\w+)?")
    found = (pattern.fullmatch(name) for name in os.listdir(folder))
    return max((int(match[1]) for match in found if match), default=0)
