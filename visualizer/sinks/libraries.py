"""The libraries of other programs' video: extras that may be missing, old or broken."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from stylegan_t.terminal.installing import pip_install
from visualizer.sinks.sink import SinkError


def why_missing(module: str, package: str) -> str:
    """Return the sentence for a computer without a package; empty where it is installed."""
    if importlib.util.find_spec(module) is not None:
        return ""
    return f"This needs one more package:  {pip_install(package)}"


def load(module: str, title: str) -> Any:
    """Import a module of such a library, now.

    Raises:
        SinkError: it is not installed, or does not load.
    """
    try:
        return importlib.import_module(module)
    except Exception as error:  # some load a driver, which has errors of its own
        raise SinkError(f"{title} cannot be loaded: {error}".replace("\n", " ")) from error
