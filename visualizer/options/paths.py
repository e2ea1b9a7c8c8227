"""Paths as people type them, where "~" stands for a home folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

from stylegan_t.terminal.home import has_home


def typed_path(text: str) -> Path:
    """Return the path that was typed: "~" is their own home, "~name" that of another user.

    As in a shell, a name that no user has stands for itself; but it must be there already, so that
    a slip makes no folder called "~name".

    Raises:
        click.ClickException: there is no such user, and no such file either; one sentence.
    """
    path = os.path.expanduser(text)
    first = Path(text).parts[0] if text.startswith("~") else ""
    if not first or (path != text and (first != "~" or has_home())):
        return Path(path)
    if os.path.lexists(first):
        return Path(path)
    if first == "~":
        reason = "your home folder is not known: write the path in full"
    else:
        reason = f"this computer has no user {first[1:]!r}: write the path in full"
    raise click.ClickException(
        f"{text} cannot be found, {reason}, or put ./ before a name that begins with ~."
    )
