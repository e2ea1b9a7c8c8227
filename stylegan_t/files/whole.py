"""Files that are written whole or not at all, with the permissions that the system would give them.

A file is written beside its place under a hidden name, brought to the disk and then renamed, so a
kill, a full disk or a power cut leaves the old file or the new one, and nothing in between.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

MAX_STEM_BYTES = 200
"""Of a file's name; 255 are the most that usual file systems take, with number and suffix."""
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.EROFS: "that disk is read-only",
    errno.ENOENT: "there is no such folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "the name is too long",
    errno.EFBIG: "the file is too large for that disk, or larger than you may write",
    errno.EEXIST: "a file is in the way of the folder",
}


def cannot_write(error: OSError, path: Path) -> str:
    """Return the sentence for a file that the system would not let us write."""
    reason = _REASONS.get(error.errno or 0) or error.strerror or str(error)
    return f"{path} cannot be written: {reason}."


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write to, which takes `path`'s place when the block ends well.

    A file that is replaced hands on its permissions; a new one gets those that any new file gets
    there (under the umask).

    Raises:
        OSError: it cannot be written; what was at `path` is still there, and nothing else is.  Its
            `filename` is `path`.
    """
    temporary = path.with_name(f".{_shortened(path.name)}.{os.urandom(4).hex()}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        keep_mode(temporary, path)
        os.replace(temporary, path)
        _folder_to_disk(path.parent)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # what people call the file
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


def _shortened(name: str) -> str:
    """A name that leaves room for more in what file systems allow, 255 bytes."""
    return os.fsencode(name)[:MAX_STEM_BYTES].decode("utf-8", "ignore")


def keep_mode(temporary: Path, path: Path) -> None:
    """Give a file the permissions of the one that it is about to replace, if there is one.

    Raises:
        OSError: the system does not let us.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISREG(status.st_mode):
        os.chmod(temporary, status.st_mode & 0o777)


def _folder_to_disk(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder cannot be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
