"""Captions out of untrusted files: texts, JSON, and lists of many pictures' captions.

A picture may have several captions; each visit draws one of them.
"""

from __future__ import annotations

import codecs
import csv
import io
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from stylegan_t.data.images import BrokenImageError
from stylegan_t.data.sampling import key
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.terminal.wrong_values import in_words

TEXT_SUFFIXES = (".txt", ".caption", ".json")
"""Of a file of the same name beside a picture; the first that is there counts."""
MAX_CAPTION_BYTES = 100_000
MAX_CAPTION = 2_000
"""Characters of a caption that count; text towers read less."""
MAX_CAPTIONS = 100
"""Of one picture."""
LISTS = ("dataset.json", "metadata.jsonl", "metadata.csv", "captions.csv")
"""Names of files that hold the captions of the pictures beside and below them."""
MAX_LIST_BYTES = 500_000_000
_CAPTION_KEYS = ("caption", "captions", "text", "prompt")
_FILE_KEYS = ("file_name", "filename", "file", "image", "path")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
Captions = tuple[str, ...]


class NoCaptionsError(ValueError):
    """A list of captions holds none; half a sentence says why."""


def read_captions(data: bytes, suffix: str = TEXT_SUFFIXES[0]) -> Captions:
    """The captions of one picture out of a file of one of `TEXT_SUFFIXES`, one a line in a text.

    Raises:
        BrokenImageError: it is no text, or there is no word in it.
    """
    if suffix == ".json":
        return _from_json(data)
    return clean_captions(_decoded(data).splitlines())


def clean_captions(texts: Iterable[str]) -> Captions:
    """Captions on one line each, of sensible length.

    Raises:
        BrokenImageError: there is no word in them.
    """
    lines = (" ".join(text[:MAX_CAPTION_BYTES].split())[:MAX_CAPTION] for text in texts)
    captions = tuple(line for line in lines if line)[:MAX_CAPTIONS]
    if not captions:
        raise BrokenImageError("has no caption")
    return captions


def drawn_caption(captions: Captions, seed: int, *places: int) -> str:
    """The caption of a visit: one of them by chance, fixed by the seed and the visit's place."""
    return captions[key(seed, "caption", *places) % len(captions)]


def _decoded(data: bytes) -> str:
    """UTF-8, or UTF-16 that says so; no other can be told from its bytes."""
    encoding = _MARKS.get(data[:2], "utf-8-sig")
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        # What is too long may end within a character.
        text = decoder.decode(data[:MAX_CAPTION_BYTES], final=len(data) <= MAX_CAPTION_BYTES)
    except UnicodeDecodeError as error:
        raise BrokenImageError("has a caption that is not in UTF-8") from error
    if "\0" in text:
        raise BrokenImageError("has a caption that is not text")
    return text


def _from_json(data: bytes) -> Captions:
    if len(data) > MAX_CAPTION_BYTES:
        raise BrokenImageError(f"has a .json of more than {MAX_CAPTION_BYTES // 1000} kB")
    try:
        found = msgspec.json.decode(_decoded(data))
    except BROKEN_JSON as error:
        raise BrokenImageError("has a .json that is damaged") from error
    return clean_captions(_texts(found if isinstance(found, dict) else {}))


def _texts(entry: Mapping[Any, Any]) -> list[str]:
    """The captions of a JSON object or a row of a table."""
    for name in _CAPTION_KEYS:
        if found := _strings(entry.get(name)):
            return found
    return []


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def read_list(name: str, data: bytes) -> dict[str, list[str]]:
    """The captions that a file named as one of `LISTS` holds.

    Args:
        name: of the file, with folders and "/".
        data: the file.

    Returns:
        Captions by the names of pictures, which count from the same root as `name`.

    Raises:
        NoCaptionsError: it is damaged, or holds something else.
    """
    base = posixpath.basename(name)
    try:
        pairs = list((_labels if base == LISTS[0] else _rows)(base, data))
    except (*BROKEN_JSON, csv.Error) as error:
        raise NoCaptionsError(in_words(error)) from error
    found: dict[str, list[str]] = {}
    for file, texts in pairs:
        place = posixpath.join(posixpath.dirname(name), file.replace("\\", "/"))
        found.setdefault(posixpath.normpath(place), []).extend(texts)
    return found


class _Labels(msgspec.Struct):
    """The file that StyleGAN's tools write; `labels` are captions here."""

    labels: list[tuple[str, Any]] | None = None


_LABELS = msgspec.json.Decoder(_Labels)
_WANTED = 'it should be {"labels": [["00000/img.png", "a caption"], ...]}'


def _labels(_: str, data: bytes) -> Iterator[tuple[str, list[str]]]:
    try:
        labels = _LABELS.decode(data).labels or []
    except BROKEN_JSON as error:
        raise NoCaptionsError(f"{in_words(error)}; {_WANTED}") from error
    if labels and not any(_strings(label) for _, label in labels):
        raise NoCaptionsError(f"its labels are classes, not texts; {_WANTED}")
    yield from ((file, _strings(label)) for file, label in labels)


def _rows(base: str, data: bytes) -> Iterator[tuple[str, list[str]]]:
    """The rows of a table: JSON lines, or CSV whose first line names the columns."""
    text = data.decode("utf-8-sig")
    rows: Iterable[Any]
    if base.endswith(".jsonl"):
        rows = [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
    else:
        rows = list(csv.DictReader(io.StringIO(text)))
    pairs = [(_file(row), _texts(row)) for row in rows if isinstance(row, dict)]
    if pairs and not any(file and texts for file, texts in pairs):
        raise NoCaptionsError(
            f"it needs a column {_FILE_KEYS[0]} and one of {', '.join(_CAPTION_KEYS)}"
        )
    yield from ((file, texts) for file, texts in pairs if file)


def _file(row: Mapping[Any, Any]) -> str:
    found = (row.get(name) for name in _FILE_KEYS)
    return next((file for file in found if isinstance(file, str) and file), "")
