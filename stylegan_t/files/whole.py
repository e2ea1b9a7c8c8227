"""Files that are written whole or not at all, with the permissions that the system would give them.

A file is written beside its place under a hidden name, brought to the disk and then renamed, so a
kill, a full disk or a power cut leaves the old file or the new one, and nothing in between.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from stylegan_t.files.partial_files import part_path

REPLACE_TRIES, REPLACE_PAUSE_S = 5, 0.05
ROOM_BYTES = 16_384
"""The least that a file takes: the header of a movie with a long comment, and more."""
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


class TakenError(FileExistsError):
    """A file of that name is there already, and was left as it is."""


def why_not(error: OSError) -> str:
    """Return why nothing can be written there, in a few words that end a sentence."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def cannot_write(error: OSError, path: Path) -> str:
    """Return the sentence for a file that the system would not let us write."""
    return f"{path} cannot be written: {why_not(error)}."


def require_room(folder: Path) -> None:
    """See that a file can be written into a folder, or into the nearest one above that is there.

    Asked before long work, whose result would be lost.

    Raises:
        OSError: none can; its `filename` is `folder`.
    """
    nearest = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    temporary = part_path(nearest)
    try:
        with open(temporary, "xb") as file:
            file.write(bytes(ROOM_BYTES))
    except OSError as error:
        error.filename = str(folder)
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def whole_file(path: Path, *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """Yield a file to write to, which takes `path`'s place when the block ends well.

    A file that is replaced hands on its permissions; a new one gets those that any new file gets
    there (under the umask).

    Args:
        path: of the file.
        overwrite: whether it may replace one that is there.

    Raises:
        TakenError: it may not, and another program has written one meanwhile.
        OSError: it cannot be written; what was at `path` is still there, and nothing else is.  Its
            `filename` is `path`.
    """
    temporary = part_path(path.parent)
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            replace_file(temporary, path)
        elif not claim(temporary, path):
            raise TakenError(f"{path} exists already and was left as it is.")
        _folder_to_disk(path.parent)
    except TakenError:
        raise
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # what people call the file
        raise
    finally:
        with suppress(OSError):
            temporary.unlink()


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
    """`os.replace`, but patient: on Windows a file that another program looks at, as a scanner
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
