"""Small files that a user names, read whole."""

from __future__ import annotations

import stat
from pathlib import Path

from stylegan_t.metrics.errors import MetricError


def read_file(file: Path, limit: int, kind: str) -> bytes:
    """All bytes of a regular file.

    Args:
        file: which one; a pipe would wait for ever, and a device never ends.
        limit: bytes that it may have.
        kind: what it should be, such as "a measurement".

    Raises:
        MetricError: it is missing, no file, too large, or cannot be read.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise MetricError(f"{file} is not a file, so it cannot be {kind}.")
        with open(file, "rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, MetricError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise MetricError(f"{file} cannot be read: {reason}.") from error
    if len(data) > limit:
        raise MetricError(f"{file} is too large for {kind}.")
    return data
