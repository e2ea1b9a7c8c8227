"""Captioned pictures in a folder, a zip or .tar shards, fetched by number.

Captions stand in a text of the same name beside each picture (`00000/img00000000.txt`, or
`.caption`, or `.json`), or in a list: StyleGAN's `dataset.json`,

    {"labels": [["00000/img00000000.png", "a red house"], ...]}

or a `metadata.jsonl`, `metadata.csv` or `captions.csv` as Hugging Face and others have them.
Nothing is ever extracted from an archive to disk.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from stylegan_t.data.captions import (
    LISTS,
    MAX_CAPTION_BYTES,
    MAX_LIST_BYTES,
    TEXT_SUFFIXES,
    Captions,
    NoCaptionsError,
    clean_captions,
    read_captions,
    read_list,
)
from stylegan_t.data.images import MAX_FILE_BYTES, SUFFIXES, UNREAD, BrokenImageError
from stylegan_t.data.sampling import TrainingError


class Shelf(ABC):
    """Picture files with their captions.

    Args:
        place: what to call it.
        files: the names of all files in it, with "/".
        captioned: whether pictures without a caption are left out.

    Raises:
        TrainingError: there are no pictures to be used in it.
    """

    def __init__(self, place: str, files: Iterable[str], captioned: bool) -> None:
        self._files = {name for name in files if not _hidden(name)}
        self._listed: dict[str, list[str]] = {}
        self._trouble = ""
        for name in sorted(name for name in self._files if os.path.basename(name) in LISTS):
            self._take_list(place, name)
        pictures = sorted(name for name in self._files if name.lower().endswith(SUFFIXES))
        self._names = [n for n in pictures if not captioned or self._is_captioned(n)]
        unread = sum(name.lower().endswith(UNREAD) for name in self._files)
        alone = len(pictures) - len(self._names)
        _require(self._names, alone, unread, place, self._trouble)
        told = f"{alone} more without a caption" if alone else ""
        other = f"{unread} more of a kind that is not read" if unread else ""
        self.title = f"{place} ({', '.join(filter(None, (_count(self._names), told, other)))})"
        self.title += f"; {self._trouble.rstrip('.')}" if self._trouble else ""

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """Return the name of a picture."""
        return self._names[index]

    def picture(self, index: int) -> bytes:
        """The bytes of a picture file.

        Raises:
            BrokenImageError: it cannot be read.
        """
        return self._read(self._names[index], MAX_FILE_BYTES)

    def captions(self, index: int) -> Captions:
        """The captions of a picture, one or more.

        Raises:
            BrokenImageError: it has none, or they cannot be read.
        """
        name = self._names[index]
        if texts := self._listed.get(name):
            return clean_captions(texts)
        text = self._text_of(name)
        if text is None:
            raise BrokenImageError("has no caption")
        suffix = os.path.splitext(text)[1].lower()
        return read_captions(self._read(text, MAX_CAPTION_BYTES), suffix)

    @property
    def key(self) -> str:
        """A hash of the names and facts of all pictures, which tells sets apart."""
        digest = hashlib.sha256()
        for name in self._names:
            digest.update(f"{name}/{self._facts(name)}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()

    @abstractmethod
    def _read(self, name: str, limit: int) -> bytes:
        """A file, or one byte more than the limit of one that is longer."""

    @abstractmethod
    def _facts(self, name: str) -> str:
        """Return what changes when a file changes."""

    def _take_list(self, place: str, name: str) -> None:
        try:
            data = self._read(name, MAX_LIST_BYTES)
            if len(data) > MAX_LIST_BYTES:
                raise NoCaptionsError(f"it has more than {MAX_LIST_BYTES // 1_000_000} MB")
            self._listed |= read_list(name, data)
        except (NoCaptionsError, BrokenImageError) as error:
            # Texts may stand beside the pictures all the same.
            self._trouble = self._trouble or f"{name} in {place} contains no captions: {error}."

    def _is_captioned(self, name: str) -> bool:
        return bool(self._listed.get(name)) or self._text_of(name) is not None

    def _text_of(self, name: str) -> str | None:
        stem = os.path.splitext(name)[0]
        return next((stem + s for s in TEXT_SUFFIXES if stem + s in self._files), None)


class FolderShelf(Shelf):
    """Pictures anywhere below a folder."""

    def __init__(self, folder: Path, captioned: bool = True) -> None:
        self.folder = folder
        super().__init__(str(folder), files_below(folder), captioned)

    def _read(self, name: str, limit: int) -> bytes:
        file = self.folder / name
        try:
            if not file.is_file():  # a pipe would wait for ever
                raise BrokenImageError("is not a file")
            with open(file, "rb") as stream:
                return stream.read(limit + 1)
        except OSError as error:
            raise BrokenImageError("cannot be read") from error

    def _facts(self, name: str) -> str:
        try:
            facts = (self.folder / name).stat()
        except OSError:
            return "gone"
        return f"{facts.st_size}/{facts.st_mtime_ns}"


class ZipShelf(Shelf):
    """Pictures of a zip."""

    def __init__(self, file: Path, captioned: bool = True) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            self._members = {m.filename: m for m in self._zip.infolist() if not m.is_dir()}
        # The last is how zipfile says that it does not know a way of packing.
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise TrainingError(f"{file} cannot be read, or is not a zip: {error}.") from error
        super().__init__(str(file), self._members, captioned)

    def _read(self, name: str, limit: int) -> bytes:
        """A member, decompressed no further than the limit."""
        try:
            with self._zip.open(self._members[name]) as stream:
                data = stream.read(limit + 1)
        except Exception as error:  # what a hostile zip raises has no bounds
            raise BrokenImageError("is damaged or encrypted") from error
        if len(data) > limit:
            raise BrokenImageError(f"has more than {limit // 1000} kB")
        return data

    def _facts(self, name: str) -> str:
        member = self._members[name]
        return f"{member.file_size}/{member.CRC}"


class _Member(NamedTuple):
    shard: Path
    start: int
    size: int


class TarShelf(Shelf):
    """Pictures of .tar shards; a member is found by its place, so any is read at once."""

    def __init__(self, shards: list[Path], captioned: bool = True) -> None:
        self._members: dict[str, _Member] = {}
        for shard in shards:
            self._look_into(shard)
        place = str(shards[0]) if len(shards) == 1 else f"{len(shards)} shards beside {shards[0]}"
        super().__init__(place, self._members, captioned)

    def _look_into(self, shard: Path) -> None:
        try:
            with tarfile.open(shard, "r:") as archive:  # no compressed one, which could unfold
                for member in archive:
                    archive.members = []  # pyright: ignore - it would remember all of them
                    if member.isreg():
                        place = _Member(shard, member.offset_data, member.size)
                        self._members[f"{shard.as_posix()}/{member.name}"] = place
        except (OSError, tarfile.TarError, ValueError) as error:
            raise TrainingError(f"{shard} cannot be read to its end: {error}.") from error

    def _read(self, name: str, limit: int) -> bytes:
        member = self._members[name]
        try:
            with open(member.shard, "rb") as stream:
                stream.seek(member.start)
                data = stream.read(min(member.size, limit + 1))
        except OSError as error:
            raise BrokenImageError("cannot be read") from error
        if len(data) < min(member.size, limit + 1):
            raise BrokenImageError("is cut short")
        return data

    def _facts(self, name: str) -> str:
        member = self._members[name]
        return f"{member.size}/{member.start}"


def files_below(folder: Path) -> list[str]:
    """The names of all files below a folder, from there on, with "/"."""
    return [
        Path(os.path.relpath(os.path.join(place, name), folder)).as_posix()
        for place, _, names in os.walk(folder)
        for name in names
    ]


def _hidden(name: str) -> bool:
    """Return whether it is what systems leave beside files: `.DS_Store`, `__MACOSX/._img.png`."""
    return os.path.basename(name).startswith(".") or "__MACOSX/" in name


def _count(names: list[str]) -> str:
    return f"{len(names)} picture{'s' * (len(names) != 1)}"


def _require(names: list[str], alone: int, unread: int, place: str, trouble: str) -> None:
    if names:
        return
    if alone and trouble:
        raise TrainingError(trouble)
    if alone:
        raise TrainingError(
            f"None of the {alone} pictures in {place} has a caption: put a text file of the same "
            f"name beside each, or their captions in one of {', '.join(LISTS)}."
        )
    found = f" but {unread} of kinds that are not" if unread else ""
    raise TrainingError(f"There are no pictures in {place}: {', '.join(SUFFIXES)} are read{found}.")
