"""A damaged file of the program's own: moved aside under another name, so that nothing is lost."""

from __future__ import annotations

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


def move_aside(path: Path) -> str:
    """Keep the file under another name; returns a sentence that says where, "" if it stays."""
    aside = path.with_name(f"{path.stem}.broken.json")
    try:
        os.replace(path, aside)
    except OSError as error:
        logger.warning("%s cannot be moved aside: %s", path, error)
        return ""
    return f"It is kept in {aside}."
