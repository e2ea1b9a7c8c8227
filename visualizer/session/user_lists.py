"""Small collections that outlive a session: prompts that were tried, directions that were kept.

Each is one plain JSON file in the user's state folder, replaced as a whole.  Such a file may come
from anybody, so nothing in it is trusted: what cannot be used is left out, and the rest is read.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder

from renderer.files.plain import NotPlainError, read_plain, reason
from renderer.recipe.quoting import quoted
from stylegan_t.errors import BROKEN_JSON
from visualizer.errors import VisualizerError
from visualizer.session.damaged_file import move_aside
from visualizer.session.json_file import JsonFile
from visualizer.session.merging import merged_items

T = TypeVar("T")

LIBRARY_VERSION = 1
MAX_BYTES = 8_000_000
"""The largest file that is read."""
MAX_ITEMS = 100_000
"""More than this in one file was not collected by a person."""

logger = logging.getLogger(__name__)


class LibraryError(VisualizerError, ValueError):
    """A collection cannot be read; the message is a sentence for the user."""


class _File(Struct, frozen=True):
    """The file: what it is a collection of, in which version, and the items one by one."""

    stylegan_t_library: str
    version: int = LIBRARY_VERSION
    items: Annotated[tuple[Raw, ...], Meta(max_length=MAX_ITEMS)] = ()


_FILE = Decoder(_File)


@dataclass(frozen=True)
class Found(Generic[T]):
    """The content of a list: the items, and how many others could not be used."""

    items: tuple[T, ...] = ()
    refused: int = 0


def encode(name: str, items: Sequence[object]) -> bytes:
    """A collection called `name` as JSON, one item a line.

    Raises:
        LibraryError: an item holds text that cannot be saved.
    """
    try:
        data = msgspec.json.encode(
            {"stylegan_t_library": name, "version": LIBRARY_VERSION, "items": list(items)}
        )
    except UnicodeEncodeError as error:
        # Half a surrogate pair: a broken clipboard.
        raise LibraryError("It contains characters that cannot be saved.") from error
    return msgspec.json.format(data, indent=1)


def decode(name: str, data: bytes, reader: Decoder[T], limit: int, shown: str) -> Found[T]:
    """Read what `encode` wrote.

    Args:
        name: of the collection that is expected.
        data: the file; not trusted.
        reader: reads one of its items: its type says what their fields allow.
        limit: items beyond this many are left out.
        shown: what the file is called in a sentence.

    Raises:
        LibraryError: it is no such collection, or from a newer version of the program.
    """
    if len(data) > MAX_BYTES:
        raise LibraryError(f"{shown} is far too large to be a list of {name}.")
    try:
        file = _FILE.decode(data)
    except BROKEN_JSON as error:
        raise LibraryError(f"{shown} contains no {name} that this program wrote.") from error
    if file.stylegan_t_library != name:
        raise LibraryError(f"{shown} contains no {name}, but another list of this program.")
    if file.version > LIBRARY_VERSION:
        raise LibraryError(
            f"{shown} was written by a newer version of this program: update the program to "
            "read it."
        )
    items: list[T] = []
    problem: Exception | None = None
    for raw in file.items:
        try:
            items.append(reader.decode(raw))
        except BROKEN_JSON as error:
            problem = error
    if problem is not None:  # said once: a file may hold very many of them
        logger.warning("items of %s are unusable, the last one: %s", shown, quoted(problem))
    return Found(tuple(items[:limit]), len(file.items) - min(len(items), limit))


def read(path: Path, name: str, reader: Decoder[T], limit: int) -> Found[T]:
    """Read a collection from a file; arguments and errors as `decode`.

    Raises:
        LibraryError: also when the file cannot be read at all.
    """
    try:
        data = read_plain(path, MAX_BYTES)
    except NotPlainError as error:
        raise LibraryError(f"{path.name} contains no list of {name}: {error}.") from error
    except OSError as error:
        raise LibraryError(f"{path.name} cannot be read: {reason(error)}.") from error
    return decode(name, data, reader, limit, path.name)


class Library(Generic[T]):
    """One collection in the user's state folder.

    Its calls may take their time on a slow disk: they belong on the files' thread.

    Args:
        folder: the user's state folder.
        name: of the collection, and of its file.
        reader: reads one of its items.
        limit: maximum number of items read.
    """

    def __init__(self, folder: Path, name: str, reader: Decoder[T], limit: int) -> None:
        self._unsaved: Sequence[T] | None = None
        self._base: Sequence[T] = ()
        self._name, self._limit = name, limit
        path = folder / f"{name}.json"

        def read_all(data: bytes) -> Found[T]:
            return decode(name, data, reader, limit, path.name)

        self._file = JsonFile(path, read_all, MAX_BYTES, f"The list of {name}")

    def load(self) -> tuple[tuple[T, ...], str]:
        """Return what was saved, and a sentence if not all of it can be used; it is kept then."""
        found, problem = self._file.load()
        if found is None:
            return (), problem
        self._base = found.items
        if found.refused and (aside := move_aside(self._file.path)):
            return found.items, f"{found.refused} of the {self._name} cannot be used. {aside}"
        return found.items, ""

    def save(self, items: Sequence[T]) -> str | None:
        """Bring the file up to date with what was added and taken out here; what another window
        has added stays.  Returns a sentence when it cannot be written, else None; what could not be
        written waits for the next `save`, or for `save_rest`."""

        def changed(found: Found[T] | None) -> bytes:
            theirs = self._base if found is None else found.items
            return encode(self._name, merged_items(self._base, items, theirs)[: self._limit])

        self._unsaved = items
        try:
            encode(self._name, items)  # complains of what cannot be saved
            self._file.update(changed)
        except (LibraryError, OSError) as error:
            return f"The list of {self._name} cannot be saved for the next start: {error}"
        self._unsaved, self._base = None, tuple(items)
        return None

    def save_rest(self) -> str | None:
        """Try again what could not be written, if there is such a thing; answers like `save`."""
        return None if self._unsaved is None else self.save(self._unsaved)
