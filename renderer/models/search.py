"""Looking for a model's file: by its name in a few folders, and by its hash."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from renderer.recipe.names import file_name
from renderer.recipe.recipe import ModelRef
from stylegan_t.files.hashes import file_sha256
from stylegan_t.progress import Progress


def find_model(wanted: ModelRef, folders: Iterable[Path], tell: Progress) -> Path | None:
    """The file of `wanted` in one of the folders themselves: cheap, nothing below them is searched.

    Args:
        wanted: its file's name is looked for; where its hash is known, that must agree, too.
        folders: where to look, the likeliest first.
        tell: told how far it is, and may raise to give it up; only hashing takes time.

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


def _agrees(path: Path, sha256: str, tell: Progress) -> bool:
    return not sha256 or (os.access(path, os.R_OK) and file_sha256(path, tell) == sha256)
