"""Files of the window's computer on their way into a folder of the renderer's.

A file is known by its hash.  What has arrived of it lies under a hidden name that says the hash, so
that a line that breaks, or a program that ends, loses nothing: the next one goes on from there.  It
gets its name when it is there as a whole and its hash is right; no file is ever replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from renderer.errors import PictureError
from renderer.files.kinds import MODEL_SUFFIXES
from renderer.recipe.figures import in_bytes
from renderer.recipe.names import is_text
from renderer.remote.calls import BeginUpload, DropUpload, EndUpload, Piece, Uploaded
from renderer.remote.folders import Folders
from stylegan_t.files.hashes import file_sha256
from stylegan_t.files.whole import claim, why_not
from stylegan_t.progress import Progress

PART = re.compile(r"\.[0-9a-f]{64}\.upload")
OLD_S = 7 * 86_400.0
"""Seconds without a piece after which what has arrived of a file is deleted."""
MAX_NAME = 200
"""Bytes of a file's name."""
MAX_LIKE = 16
"""Files of the same size whose hashes are compared."""
MAX_NAMES = 1000
REFUSED = "The renderer was started with --no-uploads: copy the file there yourself."
DAMAGED = "{} arrived damaged, or was changed on the way, and was deleted there: upload it again."


class Uploads:
    """Takes files, one piece after the other.

    Args:
        folder: that they go into, made with the first one; None refuses all.
        folders: that it must be in, links followed.
    """

    def __init__(self, folder: Path | None, folders: Folders) -> None:
        self._folder, self._folders = folder, folders

    @property
    def folder(self) -> str:
        """Return the folder for people; empty where nothing may be uploaded."""
        return "" if self._folder is None else str(self._folder)

    def begin(self, ask: BeginUpload, tell: Progress) -> Uploaded:
        """Say how much of a file is here, or where the same one lies.

        Raises:
            PictureError: it may not be uploaded, or there is no room for it; one sentence.
        """
        folder = self._checked(ask.name)
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            _sweep(folder, time.time())
            if same := _same(folder, ask, tell):
                return Uploaded(ask.size, str(same))
            part = _part(folder, ask.sha256)
            received = min(_size(part), ask.size)
            free, missing = shutil.disk_usage(folder).free, ask.size - received
        if missing > free:
            raise PictureError(
                f"{ask.name} needs {in_bytes(missing)} in {folder}, where only {in_bytes(free)} "
                "are free."
            )
        return Uploaded(received)

    def take(self, piece: Piece) -> Uploaded:
        """Write a piece, unless one before it is missing; says how much is here then.

        Raises:
            PictureError: it cannot be written; what had arrived is deleted.
        """
        folder = self._checked()
        end = piece.at + len(piece.data)
        if end > piece.size:
            raise PictureError("A piece lies beyond the end of its file.")
        part = _part(folder, piece.sha256)
        try:
            with _explained(folder):
                if piece.at > _size(part):
                    return Uploaded(_size(part))
                _write(part, piece.at, piece.data)
        except PictureError:
            _unlink(part)
            raise
        return Uploaded(end)

    def end(self, ask: EndUpload, tell: Progress) -> Uploaded:
        """Check a file and give it its name, or the first of that name and a number that is free.

        Raises:
            PictureError: it is damaged, and deleted; or it cannot be written.
        """
        folder = self._checked(ask.name)
        part = _part(folder, ask.sha256)
        with _explained(folder):
            if _size(part) != ask.size:
                return Uploaded(min(_size(part), ask.size))
            if file_sha256(part, tell) != ask.sha256:
                _unlink(part)
                raise PictureError(DAMAGED.format(ask.name))
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
            for path in _names(folder, ask.name):
                if claim(part, path):
                    _unlink(part)
                    return Uploaded(ask.size, str(path))
        raise PictureError(f"{folder} has too many files called {ask.name}.")

    def drop(self, ask: DropUpload) -> Uploaded:
        """Delete what has arrived of a file."""
        _unlink(_part(self._checked(), ask.sha256))
        return Uploaded(0)

    def _checked(self, name: str = "model.pt") -> Path:
        """The folder; raises where the name, or everything, is refused."""
        if self._folder is None:
            raise PictureError(REFUSED)
        if not self._folders.allow(str(self._folder)):
            raise PictureError(self._folders.refusal(str(self._folder)))
        plain = is_text(name) and len(name.encode()) <= MAX_NAME and name.isprintable()
        if not plain or name.startswith(".") or re.search(r'[/\\:*?"<>|]', name):
            raise PictureError("The file has a name that it cannot have there: rename it first.")
        if not name.lower().endswith(MODEL_SUFFIXES):
            raise PictureError(f"{name} is no model: only models can be uploaded.")
        return self._folder


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Turn what the system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise PictureError(f"Nothing can be written into {folder}: {why_not(error)}.") from error


def _part(folder: Path, sha256: str) -> Path:
    return folder / f".{sha256}.upload"


def _size(part: Path) -> int:
    """The bytes of a plain file of ours; 0 where there is none."""
    if not os.path.lexists(part):
        return 0
    if part.is_symlink() or not part.is_file():
        raise PictureError(f"{part} is in the way: delete it.")
    return part.stat().st_size


def _write(part: Path, at: int, data: bytes) -> None:
    extra = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | extra, 0o666)
    with open(handle, "wb", buffering=0) as file:
        file.seek(at)
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]


def _unlink(part: Path) -> None:
    with suppress(OSError):
        part.unlink()


def _names(folder: Path, name: str) -> Iterator[Path]:
    path = folder / name
    yield path
    for number in range(2, MAX_NAMES):
        yield path.with_stem(f"{path.stem}-{number}")


def _same(folder: Path, ask: BeginUpload, tell: Progress) -> Path | None:
    """A file with the wanted content: those of its size are read, that of its name first."""
    with os.scandir(folder) as entries:
        like = [
            Path(one.path)
            for one in entries
            if one.name.lower().endswith(MODEL_SUFFIXES)
            and one.is_file(follow_symlinks=False)
            and one.stat(follow_symlinks=False).st_size == ask.size
        ]
    like.sort(key=lambda path: (path.name != ask.name, path.name))
    for path in like[:MAX_LIKE]:
        with suppress(OSError):
            if file_sha256(path, tell) == ask.sha256:
                return path
    return None


def _sweep(folder: Path, now_s: float) -> None:
    """Delete what has arrived of files whose upload was never gone on with."""
    with os.scandir(folder) as entries:
        parts = [one for one in entries if PART.fullmatch(one.name)]
    for one in parts:
        with suppress(OSError):
            if one.stat(follow_symlinks=False).st_mtime < now_s - OLD_S:
                os.unlink(one.path)
