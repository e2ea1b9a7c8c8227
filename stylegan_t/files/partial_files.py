"""Hidden names for files that are being written, and the sweeping of those that a kill left behind.

A file gets its own name only when it is whole; until then it is called by a random number and the
process that writes it, `.0123456789abcdef-4711.part`.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from pathlib import Path

OLD_S = 86_400.0
"""Seconds without a write after which it is deleted: a day."""
NAME = re.compile(r"\.[0-9a-f]{16}(?:-([1-9][0-9]{0,9}))?\.part")
"""Earlier versions wrote no process."""
INSIDE = re.compile(r"[0-9]{5,9}\.png|timeline\.json")
"""Names of the files in a video that is a folder of pictures."""

logger = logging.getLogger(__name__)


def part_path(folder: Path) -> Path:
    """A name for a file or folder in `folder` that is being written; no other process uses it."""
    return folder / f".{os.urandom(8).hex()}-{os.getpid()}.part"


def sweep(folder: Path, now_s: float, old_s: float = OLD_S) -> int:
    """Delete what was left unfinished in a folder; what could be another's stays.

    That is what has a name of ours, is a plain file or a folder of such as we write, has not
    changed for some time, and whose process does not run on this computer.

    Args:
        folder: looked at itself, not below; it may be missing.
        now_s: seconds since 1970.
        old_s: how long nothing was written to it; 0 where no other program writes.

    Returns:
        How many files and folders are gone.  What cannot be deleted stays, without an error.
    """
    swept = 0
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if NAME.fullmatch(entry.name)]
    except OSError:
        return 0
    for entry in found:
        try:
            if _is_left(entry, now_s - old_s):
                _delete(entry)
                swept += 1
        except OSError as error:
            logger.info("%s stays: %s", entry.path, error)
    return swept


def _is_left(entry: os.DirEntry[str], before_s: float) -> bool:
    """Return whether no process writes this any more, or has since that time."""
    status = entry.stat(follow_symlinks=False)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False
    name = NAME.fullmatch(entry.name)
    assert name is not None, "others were left out"
    pid = int(name[1] or 0)
    return status.st_mtime <= before_s and not (pid and _runs(pid))


def _delete(entry: os.DirEntry[str]) -> None:
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return
    with os.scandir(entry.path) as inside:
        pictures = list(inside)
    for picture in pictures:
        if not (INSIDE.fullmatch(picture.name) and picture.is_file(follow_symlinks=False)):
            raise OSError(f"{picture.name} in it is none of ours")
    for picture in pictures:
        os.unlink(picture.path)
    os.rmdir(entry.path)


def _runs(pid: int) -> bool:
    """Return whether there is such a process.  Windows cannot be asked without harm: it does not
    let anybody delete a file that is open."""
    if os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is another user's
        return True
    return True
