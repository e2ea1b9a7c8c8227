"""Files of directions of w: NumPy's `.npy`, or JSON; plain numbers, never a pickle.

What is read: numbers [columns], [1, columns], [rows, columns] or [1, rows, columns], as a NumPy
array of a plain number type, as JSON lists in one another, or as the JSON object that this program
writes, which also has a name.
"""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from renderer.errors import RendererError
from renderer.files.latent_file import plain_name
from renderer.files.number_array import MAGIC, NumberArrayError, claimed_shape, decode_array
from renderer.files.plain import NotPlainError, read_plain, reason
from renderer.recipe.parts.fields import MAX_ROWS, WILD
from renderer.recipe.parts.moves import MAX_VECTOR
from renderer.recipe.recipe import Move, Vector, Version
from stylegan_t.errors import BROKEN_JSON

FILE_VERSION = 1
MAX_FILE_BYTES = 2_000_000
"""The numbers of a direction take at most about half of it, in JSON."""
SUFFIXES = (".npy", ".json")
USUAL_NAME = "direction"
_DAMAGED = "{} is damaged, so it contains no direction."
_PLAIN_NUMBERS = "fiu"
"""Kinds of NumPy's types: floating point, and whole numbers with and without a sign."""


class DirectionFileError(RendererError, ValueError):
    """A file contains no direction that can be used; the message is for the user."""


class _File(Struct, frozen=True):
    """The content of a JSON file of this program; the version stands beside it."""

    stylegan_t_direction: Version
    values: Annotated[
        tuple[Annotated[tuple[float, ...], Meta(max_length=MAX_VECTOR)], ...],
        Meta(max_length=MAX_ROWS),
    ]
    name: str = ""


_FILE = msgspec.json.Decoder(_File)
_LISTS = msgspec.json.Decoder(list[Any])


def read(path: Path) -> Move:
    """The direction in a file, as a step of no length with its name.

    Raises:
        DirectionFileError: it cannot be read, or see `decode`.
    """
    try:
        data = read_plain(path, MAX_FILE_BYTES)
    except NotPlainError as error:
        raise DirectionFileError(f"{path.name} contains no direction: {error}.") from error
    except OSError as error:
        raise DirectionFileError(f"{path.name} cannot be read: {reason(error)}.") from error
    return decode(data, path.name)


def decode(data: bytes, shown: str) -> Move:
    """Read a file of any of these kinds.  It is not trusted.

    Args:
        data: the file.
        shown: what the file is called in a sentence; a file without a name gives its own.

    Raises:
        DirectionFileError: not a direction, damaged, too large, or from a newer version of the
            program.
    """
    name = Path(shown).stem
    if data.startswith(MAGIC):
        numbers = _of_numpy(data, shown)
    elif data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        numbers = _of_lists(data, shown)
    else:
        file = _of_this_program(data, shown)
        name, numbers = file.name or name, _array(file.values, shown)
    vector = _vector(numbers, shown)
    return Move("vector", name=plain_name(name) or USUAL_NAME, vector=vector)


def encode_npy(vector: Vector) -> bytes:
    """The direction as an array [columns], or [rows, columns] where rows differ."""
    file = io.BytesIO()
    table = as_table(vector)
    np.save(file, table[0] if vector.rows == 1 else table, allow_pickle=False)
    return file.getvalue()


def encode_json(vector: Vector, name: str) -> bytes:
    """The direction with its name, in as many digits as bring the same float32 back.

    Raises:
        DirectionFileError: the name holds characters that cannot be saved.
    """
    values = tuple(tuple(float(f"{x:.9g}") for x in row) for row in as_table(vector).tolist())
    try:
        return msgspec.json.encode(_File(FILE_VERSION, values, name))
    except UnicodeEncodeError as error:
        # Half a surrogate pair: a broken clipboard.
        raise DirectionFileError("This name holds characters that cannot be saved.") from error


def as_table(vector: Vector) -> np.ndarray:
    """The numbers of a vector, float32 [rows, columns], to be read only."""
    return np.frombuffer(vector.data, "<f4").reshape(vector.rows, vector.columns)


def _of_numpy(data: bytes, shown: str) -> np.ndarray:
    """Look at the shape before anything is made of that size."""
    try:
        _check_size(claimed_shape(data), shown)
        return decode_array(data)
    except NumberArrayError as error:
        words = _DAMAGED if error.damaged else "{} does not contain plain numbers."
        raise DirectionFileError(words.format(shown)) from error


def _of_lists(data: bytes, shown: str) -> np.ndarray:
    try:
        return _array(_LISTS.decode(data.removeprefix(b"\xef\xbb\xbf")), shown)
    except BROKEN_JSON as error:
        raise DirectionFileError(_DAMAGED.format(shown)) from error


def _of_this_program(data: bytes, shown: str) -> _File:
    try:
        file = _FILE.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except BROKEN_JSON as error:
        raise DirectionFileError(
            f"{shown} contains no direction: a list of numbers, or of lists of numbers."
        ) from error
    if file.stylegan_t_direction > FILE_VERSION:
        raise DirectionFileError(
            f"{shown} was written by a newer version of this program: update the program to read "
            "it."
        )
    return file


def _array(values: Any, shown: str) -> np.ndarray:
    """Lists in one another as an array; rows must be equally long, and all of it numbers."""
    try:
        numbers = np.asarray(values)
    except (ValueError, OverflowError, RecursionError) as error:
        raise DirectionFileError(f"{shown} contains rows of different lengths.") from error
    if numbers.dtype.kind not in _PLAIN_NUMBERS:
        raise DirectionFileError(f"{shown} contains something else than numbers.")
    return numbers


def _check_size(shape: tuple[int, ...], shown: str) -> None:
    rows = shape[-2] if len(shape) > 1 else 1
    extra = shape[:-2]
    if not 1 <= len(shape) <= 3 or any(side != 1 for side in extra) or 0 in shape:
        sides = f"{' x '.join(map(str, shape[:8]))} numbers" if shape else "a single number"
        raise DirectionFileError(
            f"{shown} contains {sides}; a direction has one row of numbers, or one for each row "
            "of w."
        )
    if math.prod(shape) > MAX_VECTOR or rows > MAX_ROWS:
        raise DirectionFileError(
            f"{shown} is too large to be a direction: at most {MAX_ROWS} rows and {MAX_VECTOR} "
            "numbers."
        )


def _vector(numbers: np.ndarray, shown: str) -> Vector:
    _check_size(numbers.shape, shown)
    table = numbers.reshape(-1, numbers.shape[-1]).astype(np.float64)
    if not np.isfinite(table).all() or np.abs(table).max() > WILD:
        raise DirectionFileError(
            f"{shown} contains numbers that are infinite or beyond {WILD:g}, so it is no direction."
        )
    if (table == table[0]).all():
        table = table[:1]  # the same for all rows
    if not table.astype("<f4").any():
        raise DirectionFileError(f"{shown} contains zeros alone, which lead nowhere.")
    return Vector(len(table), table.astype("<f4").tobytes())
