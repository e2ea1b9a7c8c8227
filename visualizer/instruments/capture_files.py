"""The gallery's work on captured files: delete with a way back, rename, star.

Nothing is ever overwritten.  What is deleted goes into a hidden folder beside the captures, from
which it can be taken back in any file manager too, until the user empties it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from renderer.files.atomic import ExportError, write_file
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files.whole import cannot_write, claim
from widgets.tabs.gallery_trash import Trash

TRASH = ".trash"
STARS = ".starred.json"
MAX_STARS_BYTES = 4_000_000
"""A list of stars that is longer is not read: 50,000 names have room."""
MOST_OF_A_NAME = 10_000


def delete(path: Path) -> Path:
    """Put a capture into the trash beside it; returns where it lies there.

    Raises:
        ExportError: it cannot be moved; one sentence.
    """
    folder = path.parent / TRASH
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ExportError(cannot_write(error, folder)) from error
    return move(path, folder / path.name)


def trash(folder: Path) -> Trash:
    """Return what lies in the trash of a folder of captures; nothing where that cannot be told."""
    try:
        sizes = [file.lstat().st_size for file in _in_trash(folder)]
    except OSError:  # it went meanwhile, or may not be read
        return Trash()
    return Trash(len(sizes), sum(sizes))


def empty_trash(folder: Path) -> int:
    """Delete for good what lies in the trash of a folder; returns how many files that were.

    Raises:
        ExportError: one of them cannot be deleted; one sentence.
    """
    count = 0
    try:
        for file in _in_trash(folder):
            file.unlink(missing_ok=True)
            count += 1
    except OSError as error:
        raise ExportError(
            f"The trash could not be emptied: {error.strerror or error} ({folder / TRASH})."
        ) from error
    with suppress(OSError):  # something else lies in it
        (folder / TRASH).rmdir()
    return count


def _in_trash(folder: Path) -> list[Path]:
    """The files in the trash; none where it is a link to another folder."""
    place = folder / TRASH
    if place.is_symlink() or not place.is_dir():
        return []
    with os.scandir(place) as found:
        return [place / one.name for one in found if not one.is_dir(follow_symlinks=False)]


def move(path: Path, wanted: Path) -> Path:
    """Give a file another name or folder, with a number where that is taken; returns where it is.

    Raises:
        ExportError: it cannot be moved; one sentence.
    """
    try:
        for number in range(1, MOST_OF_A_NAME):
            free = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}")
            if claim(path, free):
                with suppress(FileNotFoundError):  # claimed by moving
                    path.unlink()
                return free
    except OSError as error:
        raise ExportError(f"{path.name} cannot be moved: {error.strerror or error}.") from error
    raise ExportError(f"{path.name} cannot be moved: every such name is taken.")


def rename(path: Path, name: str) -> Path:
    """Give a capture another name in its folder; its ending stays.

    Raises:
        ExportError: it is no name for a file, or it cannot be given; one sentence.
    """
    name = name.strip().removesuffix(path.suffix)
    if not name.isprintable() or not name or name.startswith(".") or Path(name).name != name:
        raise ExportError(f"“{name}” cannot be the name of a capture, so {path.name} kept its own.")
    if name == path.stem:
        return path
    new = move(path, path.with_name(name + path.suffix))
    starred = stars(path.parent)
    if path.name in starred:
        set_stars(path.parent, starred - {path.name} | {new.name})
    return new


_DECODER = msgspec.json.Decoder(list[str])


def stars(folder: Path) -> frozenset[str]:
    """The names of the starred captures of a folder; none where that cannot be told."""
    file = folder / STARS
    try:
        if not file.is_file() or file.stat().st_size > MAX_STARS_BYTES:
            return frozenset()
        return frozenset(_DECODER.decode(file.read_bytes()))
    except (*BROKEN_JSON, OSError):
        return frozenset()


def set_stars(folder: Path, names: frozenset[str]) -> None:
    """Keep which captures of a folder are starred.

    Raises:
        ExportError: the list cannot be written; one sentence.
    """
    write_file(folder / STARS, msgspec.json.encode(sorted(names)), overwrite=True)


def star(path: Path, *, on: bool) -> frozenset[str]:
    """Give a capture a star or take it; returns all that have one now.

    Raises:
        ExportError: the list cannot be written; one sentence.
    """
    folder = path.parent
    known = {name for name in stars(folder) if os.path.lexists(folder / name)}
    names = frozenset(known | {path.name} if on else known - {path.name})
    set_stars(folder, names)
    return names
