"""Looking for a model's file: by its name in a few folders, and by its hash."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from renderer.recipe.names import file_name
from renderer.recipe.recipe import ModelRef

CHUNK_BYTES = 1 << 22
Tell = Callable[[float], None]
"""Is told how far it is, from 0 to 1; it may raise to give it up."""


def sha256_of(path: Path, tell: Tell) -> str:
    """The hash that recipes use to name a checkpoint.

    Raises:
        OSError: the file cannot be read.
    """
    digest, done, size = hashlib.sha256(), 0, max(1, path.stat().st_size)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            tell(min(done / size, 1.0))
            digest.update(chunk)
            done += len(chunk)
    return digest.hexdigest()


def find_model(wanted: ModelRef, folders: Iterable[Path], tell: Tell) -> Path | None:
    """The file of `wanted` in one of the folders themselves: cheap, nothing below them is searched.

    Args:
        wanted: its file's name is looked for; where its hash is known, that must agree, too.
        folders: where to look, the likeliest first.
        tell: see `Tell`; only hashing takes time.

    Returns:
        The file, or None.
    """
    name = file_name(wanted.path)
    for path in dict.fromkeys(folder / name for folder in folders if name):
        tell(0.0)
        try:
            if path.is_file() and _agrees(path, wanted.sha256, tell):
                return path
        except OSError:
            continue  # a folder that may not be read, or is gone
    return None


def _agrees(path: Path, sha256: str, tell: Tell) -> bool:
    return not sha256 or (os.access(path, os.R_OK) and sha256_of(path, tell) == sha256)
