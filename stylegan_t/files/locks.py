"""Locks of the system on files and folders: they go with the process, so a kill leaves none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL)
"""Errors of a disk that knows no locks, such as some that machines share."""
_LOCKED_BYTE = 1 << 30
"""On Windows others could not read what is locked: a byte beyond the end is."""


def locked(path: Path) -> int | None:
    """Open and lock a file, which is made where it is missing, or a folder that is there.

    Returns:
        The open handle, which holds the lock until it is closed; None where another has the lock.

    Raises:
        OSError: it cannot be opened, or its disk knows no locks.
    """
    if path.is_dir():
        handle = os.open(path, os.O_RDONLY)
    else:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        handle = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        if lock(handle):
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def lockable(folder: Path, name: str) -> Path:
    """Return what stands for a folder's files: the folder itself where it can be locked, so that
    nothing new needs to be written on a full disk; else the file `name` in it."""
    return folder / name if os.name == "nt" else folder


if os.name == "nt":
    import msvcrt

    def lock(handle: int) -> bool:
        """Lock an open file for this process; false when another has it.

        Raises:
            OSError: its disk knows no locks.
        """
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True
else:
    import fcntl

    def lock(handle: int) -> bool:
        """Lock an open file or folder for this process; false when another has it.

        Raises:
            OSError: its disk knows no locks.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
