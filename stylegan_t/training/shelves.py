"""Captioned pictures in a folder or in a zip, fetched by number.

A zip is of the StyleGAN format: pictures, and captions either in `dataset.json` as

    {"labels": [["00000/img00000000.png", "a red house"], ...]}

or in a text of the same name beside each picture (`00000/img00000000.txt`).  Nothing is ever
extracted from it to disk.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from stylegan_t.training.order import TrainingError
from stylegan_t.training.pictures import (
    MAX_CAPTION_BYTES,
    MAX_FILE_BYTES,
    SUFFIXES,
    BrokenPictureError,
    clean_caption,
    read_caption,
)

LABELS = "dataset.json"
MAX_LABELS_BYTES = 500_000_000
TEXT_SUFFIX = ".txt"


class FolderShelf:
    """Pictures anywhere below a folder that have a text of the same name beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = {
            os.path.relpath(os.path.join(place, name), folder)
            for place, _, names in os.walk(folder)
            for name in names
        }
        self._names, alone = _with_texts(files)
        _require(self._names, alone, str(folder))
        self.title = f"{folder} ({len(self._names)} pictures{_left_out(alone)})"

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """See `Shelf`."""
        return self._names[index]

    def fetch(self, index: int) -> tuple[bytes, str]:
        """See `Shelf`."""
        file = self.folder / self._names[index]
        try:
            caption = read_caption(_start(file.with_suffix(TEXT_SUFFIX), MAX_CAPTION_BYTES))
            return _start(file, MAX_FILE_BYTES), caption
        except (OSError, ValueError) as error:
            if isinstance(error, BrokenPictureError):
                raise
            raise BrokenPictureError("cannot be read") from error


def _start(file: Path, limit: int) -> bytes:
    """A file, or one byte more than the limit of one that is longer."""
    if not file.is_file():  # a pipe would wait for ever
        raise BrokenPictureError("is not a file")
    with open(file, "rb") as stream:
        return stream.read(limit + 1)


class ZipShelf:
    """Pictures of a zip with their captions; see the top of this file."""

    def __init__(self, file: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            members = {m.filename: m for m in self._zip.infolist() if not m.is_dir()}
        # The last is how zipfile says that it does not know a way of packing.
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise TrainingError(f"{file} cannot be read, or is no zip: {error}.") from error
        self._members = members
        self._captions: dict[str, str] | None = None
        alone = 0
        if LABELS in members:
            self._captions = self._labels(members[LABELS], file)
            self._names = sorted(name for name in self._captions if name in members)
            alone = len(_pictures(members)) - len(self._names)
        if not self._captions:
            self._captions = None  # without labels, or with empty ones, texts may stand beside
            self._names, alone = _with_texts(members)
        _require(self._names, alone, str(file))
        self.title = f"{file} ({len(self._names)} pictures{_left_out(alone)})"

    def __len__(self) -> int:
        return len(self._names)

    def name(self, index: int) -> str:
        """See `Shelf`."""
        return self._names[index]

    def fetch(self, index: int) -> tuple[bytes, str]:
        """See `Shelf`."""
        name = self._names[index]
        if self._captions is not None:
            caption = clean_caption(self._captions[name])
        else:
            text = self._members[_text_of(name)]
            caption = read_caption(self._read(text, MAX_CAPTION_BYTES))
        return self._read(self._members[name], MAX_FILE_BYTES), caption

    def _labels(self, member: zipfile.ZipInfo, file: Path) -> dict[str, str]:
        try:
            labels = _DATASET_JSON.decode(self._read(member, MAX_LABELS_BYTES))
        except (msgspec.MsgspecError, RecursionError, BrokenPictureError) as error:
            raise TrainingError(
                f'{LABELS} in {file} holds no captions ({error}): wanted is {{"labels": '
                '[["00000/img.png", "a caption"], ...]}.'
            ) from error
        return dict(labels.labels or ())

    def _read(self, member: zipfile.ZipInfo, limit: int) -> bytes:
        """A member, decompressed no further than the limit."""
        try:
            with self._zip.open(member) as stream:
                data = stream.read(limit + 1)
        except Exception as error:  # what a hostile zip raises has no bounds
            raise BrokenPictureError("is damaged or encrypted") from error
        if len(data) > limit:
            raise BrokenPictureError(f"has more than {limit // 1000} kB")
        return data


class _DatasetJson(msgspec.Struct):
    """What StyleGAN's tools write; `labels` are captions here."""

    labels: list[tuple[str, str]] | None = None


_DATASET_JSON = msgspec.json.Decoder(_DatasetJson)


def _pictures(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.lower().endswith(SUFFIXES))


def _text_of(name: str) -> str:
    return os.path.splitext(name)[0] + TEXT_SUFFIX


def _with_texts(names: Iterable[str]) -> tuple[list[str], int]:
    """Pictures that have a text beside them, and how many have none."""
    names = set(names)
    pictures = _pictures(names)
    kept = [name for name in pictures if _text_of(name) in names]
    return kept, len(pictures) - len(kept)


def _left_out(alone: int) -> str:
    return f", {alone} more without a caption" if alone > 0 else ""


def _require(names: list[str], alone: int, place: str) -> None:
    if names:
        return
    if alone > 0:
        raise TrainingError(
            f"None of the {alone} pictures in {place} has a caption: put a text file of the same "
            f"name beside each (for a zip, captions in {LABELS} do too)."
        )
    raise TrainingError(f"There are no pictures in {place}: {', '.join(SUFFIXES)} are read.")
