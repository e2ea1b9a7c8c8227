"""One JSON file of the program's own: read without trust, moved aside if damaged, replaced whole.

A file that cannot be used never keeps the program from starting, and nothing of it is lost: it gets
another name before anything is written in its place, and the user is told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from renderer.files.atomic import make_folder, write_file
from renderer.files.plain import read_plain, reason
from renderer.recipe.quoting import quoted
from stylegan_t.errors import BROKEN_JSON
from visualizer.session.damaged_file import move_aside
from visualizer.session.seats import writing

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
_BOM = b"\xef\xbb\xbf"

logger = logging.getLogger(__name__)


class UnusableFileError(ValueError):
    """A file cannot be used; the message says why, to stand inside a sentence."""


def versioned(reader: msgspec.json.Decoder[S], key: str, newest: int) -> Callable[[bytes], S]:
    """Return a decoder that refuses what a newer version of the program wrote.

    Args:
        reader: of the file.
        key: the field that holds the version.
        newest: the version that this program writes.
    """

    def decode(data: bytes) -> S:
        value = reader.decode(data)
        if getattr(value, key) > newest:
            raise UnusableFileError("it was written by a newer version of this program")
        return value

    return decode


class JsonFile(Generic[T]):
    """A file that is read and written as a whole.

    Its calls may take their time on a slow disk, and no two of one file may run at once.

    Args:
        path: of the file.
        decode: reads its content; raises a ValueError, whose message is shown unless msgspec raised
            it.
        limit: the largest size that is read, in bytes.
        noun: what it holds, as the beginning of a sentence: "The last session".
    """

    def __init__(
        self, path: Path, decode: Callable[[bytes], T], limit: int, noun: str = ""
    ) -> None:
        self.path = path
        self._decode, self._limit, self._noun = decode, limit, noun

    def read(self) -> T:
        """Return what the file holds.

        Raises:
            FileNotFoundError: there is none.
            UnusableFileError: it cannot be read, is damaged, or was written by a newer version.
        """
        try:
            return self._decode(read_plain(self.path, self._limit).removeprefix(_BOM))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise UnusableFileError(reason(error)) from error
        except BROKEN_JSON as error:
            logger.warning("%s is damaged: %s", self.path, quoted(error))
            raise UnusableFileError("it is damaged") from error
        except ValueError as error:
            raise UnusableFileError(str(error).rstrip(".")) from error

    def load(self) -> tuple[T | None, str]:
        """Return what the file holds, None if nothing; and a sentence if it cannot be used.

        Such a file is moved aside.
        """
        try:
            return self.read(), ""
        except FileNotFoundError:
            return None, ""
        except UnusableFileError as error:
            logger.warning("%s cannot be used: %s", self.path, error)
            return (
                None,
                f"{self._noun} could not be restored: {error}. {move_aside(self.path)}".strip(),
            )

    def write(self, data: bytes) -> None:
        """Replace the file, and make its folder if it is missing.

        Raises:
            renderer.files.atomic.ExportError: it cannot be written; one sentence.
        """
        make_folder(self.path.parent)
        write_file(self.path, data, overwrite=True)

    def update(self, change: Callable[[T | None], bytes]) -> None:
        """Replace the file by what `change` makes of its content, while no other window writes.

        Args:
            change: gets what the file holds by now, None where there is none or it cannot be used;
                such a file is moved aside.

        Raises:
            renderer.files.atomic.ExportError: it cannot be written; one sentence.
        """
        make_folder(self.path.parent)
        with writing(self.path.parent):
            self.write(change(self.load()[0]))
