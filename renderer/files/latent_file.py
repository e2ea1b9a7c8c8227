"""Latents with a name, and the file in which one travels: plain numbers in JSON, never a pickle."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from renderer.errors import RendererError
from renderer.files.plain import NotPlainError, read_plain, reason
from renderer.recipe.recipe import MAX_VALUES, Number
from stylegan_t.errors import BROKEN_JSON

FILE_VERSION = 1
MAX_FILE_BYTES = 1_000_000
"""The numbers of a latent are at most a tenth of this."""
MAX_NAME = 120

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]


class SavedLatent(Struct, frozen=True):
    """A latent z that was kept: its name, and its values, float32 numbers in decimal."""

    name: Name
    values: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=MAX_VALUES)]


class LatentFileError(RendererError, ValueError):
    """A file contains no latent that can be used; the message is for the user."""


class _File(Struct, frozen=True):
    """The content of a latent file; the version stands beside it."""

    stylegan_t_latent: Annotated[int, Meta(ge=1)]
    name: Name
    values: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=MAX_VALUES)]


SAVED_LATENT = msgspec.json.Decoder(SavedLatent)
_FILE = msgspec.json.Decoder(_File)


def plain_name(text: str) -> str:
    """`text` as the name of a latent: on one line, not too long; empty where nothing is left."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:MAX_NAME].strip()


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with a number after it where that name is taken."""
    if wanted not in taken:
        return wanted
    number = 2
    while (name := f"{wanted[: MAX_NAME - 8]} {number}") in taken:
        number += 1
    return name


def shortened(values: list[float]) -> tuple[float, ...]:
    """Float32 numbers in as few digits as bring exactly the same float32 back."""
    return tuple(float(f"{value:.9g}") for value in values)


def encode(latent: SavedLatent) -> bytes:
    """The file of one latent.

    Raises:
        LatentFileError: its name holds characters that cannot be saved.
    """
    file = _File(FILE_VERSION, latent.name, latent.values)
    try:
        return msgspec.json.encode(file)
    except UnicodeEncodeError as error:
        # Half a surrogate pair: a broken clipboard.
        raise LatentFileError("This name holds characters that cannot be saved.") from error


def decode(data: bytes, shown: str) -> SavedLatent:
    """Read what `encode` wrote.  It is not trusted.

    Args:
        data: the file.
        shown: what the file is called in a sentence.

    Raises:
        LatentFileError: not a latent, damaged, or from a newer version of the program.
    """
    if len(data) > MAX_FILE_BYTES:
        raise LatentFileError(f"{shown} is far too large to be a latent.")
    try:
        file = _FILE.decode(data)
    except BROKEN_JSON as error:
        raise LatentFileError(f"{shown} contains no latent that this program wrote.") from error
    if file.stylegan_t_latent > FILE_VERSION:
        raise LatentFileError(
            f"{shown} was written by a newer version of this program: update the program to read "
            "it."
        )
    name = plain_name(file.name)
    if not name or not all(math.isfinite(value) for value in file.values):
        raise LatentFileError(f"{shown} contains no latent that this program wrote.")
    return SavedLatent(name, file.values)


def read(path: Path) -> SavedLatent:
    """The latent in a file, which is not trusted.

    Raises:
        LatentFileError: it cannot be read, or see `decode`.
    """
    try:
        data = read_plain(path, MAX_FILE_BYTES)
    except NotPlainError as error:
        raise LatentFileError(f"{path.name} contains no latent: {error}.") from error
    except OSError as error:
        raise LatentFileError(f"{path.name} cannot be read: {reason(error)}.") from error
    return decode(data, path.name)
