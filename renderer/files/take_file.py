"""Files of takes: lines of JSON that are appended while one plays, read without trust.

The first line says what the file is, each other one is a sample (`renderer.timeline.take_lines`),
and the last of a take that was ended properly says so.  What a kill, a full disk or a broken disk
leaves is read up to there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
from msgspec import Struct

from renderer.files.atomic import ExportError, last_number, make_folder
from renderer.files.plain import read_plain, reason
from renderer.recipe.recipe import RECIPE_VERSION, Recipe, RecipeError, Version
from renderer.timeline.edits import timeline_of_take
from renderer.timeline.take import Sample, Take, thinned
from renderer.timeline.take_lines import MAX_SAMPLES, Line, LineReader, lines_of
from renderer.timeline.timeline import Timeline, TimelineError
from stylegan_t.errors import BROKEN_JSON
from stylegan_t.files.whole import cannot_write

TAKE_VERSION = 1
SUFFIX = ".take"
MAX_TAKE_BYTES = 48_000_000
"""Less than a session may have: a take that was opened is kept with it."""
_BOM = b"\xef\xbb\xbf"
_END = b'{"ended":true}'


class _Header(Struct, frozen=True):
    """The first line: the format's version, and that of the recipes."""

    stylegan_t_take: Version
    stylegan_t_recipe: Version = 1


# Made while the module is imported, see `renderer.recipe.recipe`.
_HEADER = msgspec.json.Decoder(_Header)
_LINE = msgspec.json.Decoder(Line)


class TakeRead(NamedTuple):
    """A take that was read; `note` is a sentence where the file goes no further than that."""

    take: Take
    note: str = ""


class TakeFile:
    """A take that is being written: all that was added is in the file, whatever happens next.

    Args:
        folder: made when it is missing.
        stem: beginning of the name; a number that no file of that name has yet follows.

    Raises:
        ExportError: it cannot be written; one sentence.  So do all methods.
    """

    def __init__(self, folder: Path, stem: str = "take") -> None:
        make_folder(folder)
        self.path, self._file = _new(folder, stem)
        self.size, self._last = 0, None
        head = {"stylegan_t_take": TAKE_VERSION, "stylegan_t_recipe": RECIPE_VERSION}
        self._write([msgspec.json.encode(head)])

    _last: Recipe | None

    def add(self, samples: Sequence[Sample]) -> None:
        """Append samples, and see that they are on the disk.

        Recipes that no file can hold, such as half a character from a clipboard, are left out.
        """
        written = []
        for sample in samples:
            try:
                written += [msgspec.json.encode(line) for line in lines_of([sample], self._last)]
            except (RecipeError, UnicodeError):
                continue
            self._last = sample.recipe
        self._write(written)

    def finish(self) -> Path:
        """End the take properly; returns its file."""
        self._write([_END])
        self.close()
        return self.path

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _write(self, lines: Iterable[bytes]) -> None:
        data = memoryview(b"".join(line + b"\n" for line in lines))
        self.size += len(data)
        try:
            while data:  # a disk that is nearly full takes a part
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ExportError(cannot_write(error, self.path)) from error


def _new(folder: Path, stem: str) -> tuple[Path, BinaryIO]:
    """A new file, opened: `stem-0001.take`, or the next number that nothing there has."""
    number = last_number(folder, stem)
    while True:
        number += 1
        path = folder / f"{stem}-{number:04d}{SUFFIX}"
        try:
            return path, open(path, "xb", buffering=0)
        except FileExistsError:
            continue
        except OSError as error:
            raise ExportError(cannot_write(error, folder)) from error


def read_take(path: Path) -> TakeRead:
    """The take in a file, as far as it goes.  The file is not trusted.

    Raises:
        TimelineError: it cannot be read or contains no take; one sentence that names the file.
    """
    try:
        data = read_plain(path, MAX_TAKE_BYTES)
    except OSError as error:
        raise TimelineError(f"{path.name} cannot be read: {reason(error)}.") from error
    head, _, rest = data.removeprefix(_BOM).partition(b"\n")
    _check_header(path.name, head)
    samples, why = _samples(rest)
    if not samples:
        raise TimelineError(f"{path.name} holds nothing that was played.")
    note = f"{path.name} ends at {samples[-1].time_s:.1f} s: {why}." if why else ""
    return TakeRead(Take(thinned(samples)), note)


def read_take_timeline(path: Path) -> tuple[Timeline, str]:
    """A take as a timeline, and the note of `read_take`."""
    take, note = read_take(path)
    return timeline_of_take(take), note


def _check_header(name: str, line: bytes) -> None:
    try:
        head = _HEADER.decode(line)
    except BROKEN_JSON as error:
        raise TimelineError(f"{name} is not a take that this program wrote.") from error
    if head.stylegan_t_take > TAKE_VERSION or head.stylegan_t_recipe > RECIPE_VERSION:
        raise TimelineError(
            f"{name} was written by a newer version of this program. Update the program to open it."
        )


def _samples(data: bytes) -> tuple[list[Sample], str]:
    """The samples of lines, and why they end before a take that was ended properly."""
    reader, samples = LineReader(), list[Sample]()
    for line in _lines(data):
        if line == _END:
            return samples, ""
        if len(samples) == MAX_SAMPLES:
            return samples, "it is longer than this program can read"
        try:
            samples.append(reader.read(_LINE.decode(line)))
        except BROKEN_JSON:
            return samples, "what follows is cut off or damaged"
        except TimelineError as error:
            return samples, str(error)
    return samples, "recording was interrupted"


def _lines(data: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        yield data[start:end]
        start = end + 1
