"""The place where a command may write: refused before any work is done, not after it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import click

from stylegan_t.files.partial_files import sweep
from stylegan_t.files.whole import cannot_write, require_room
from visualizer.options.paths import typed_path


def out_path(out: str, suffixes: Sequence[str], overwrite: bool, name: str = "--out") -> Path:
    """The file that a command should write.

    Args:
        out: as it was typed.
        suffixes: the ends of names that make sense.
        overwrite: whether an existing file may be replaced.
        name: of the option or argument, for messages.

    Raises:
        click.ClickException: it cannot be written there, or has another kind of name.
    """
    path = typed_path(out)
    if path.suffix.lower() not in suffixes:
        raise click.UsageError(f"{name} must end in {', '.join(suffixes)}, not {out!r}.")
    if os.path.isdir(path):
        raise click.ClickException(f"{path} is a folder: name a file to write.")
    if os.path.lexists(path) and not overwrite:
        raise click.ClickException(f"{path} exists already: give --overwrite to replace it.")
    if not os.path.isdir(path.parent):
        raise click.ClickException(f"There is no folder {path.parent} to write {path.name} to.")
    require_writable(path, path.parent)
    return path


def require_writable(path: Path, folder: Path) -> None:
    """Refuse a place that nothing can be written to, and sweep away what a kill has left there.

    Args:
        path: what is to be written.
        folder: where; it may be missing, and is not made.

    Raises:
        click.ClickException: it cannot be written.
    """
    sweep(folder, time.time())
    try:
        require_room(folder)
    except OSError as error:
        raise click.ClickException(cannot_write(error, path)) from error
