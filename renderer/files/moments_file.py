"""The file in which moments travel from one performance to another."""

from __future__ import annotations

from pathlib import Path

from renderer.files.plain import read_plain, reason
from renderer.recipe.moments_json import MAX_MOMENTS_BYTES, Found, MomentsError, from_file

_BOM = b"\xef\xbb\xbf"


def read_moments(path: Path) -> Found:
    """The moments in a file, which is not trusted.

    Raises:
        MomentsError: it cannot be read or holds none; one sentence that names the file.
    """
    try:
        data = read_plain(path, MAX_MOMENTS_BYTES)
    except OSError as error:
        raise MomentsError(f"{path.name} cannot be read: {reason(error)}.") from error
    try:
        return from_file(data.removeprefix(_BOM))
    except MomentsError as error:
        raise MomentsError(f"{path.name}: {error}") from error
