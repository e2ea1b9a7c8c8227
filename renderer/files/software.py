"""The program's name and version, as files and the command line tell it."""

from __future__ import annotations

import importlib.metadata

DISTRIBUTION = "stylegan-t-explorer"


def software_name() -> str:
    """Name and version; the name alone when the program runs without being installed."""
    try:
        return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"
    except importlib.metadata.PackageNotFoundError:
        return DISTRIBUTION
