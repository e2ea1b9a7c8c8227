"""Paths as people type them, where "~" stands for a home folder."""

from __future__ import annotations

import os
from pathlib import Path

import click

from renderer.recipe.remote_paths import trust
from stylegan_t.demo.built_in import is_built_in
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


def typed_model(text: str, *, far: bool = False) -> str:
    """Return the path of a model that was typed, absolute; the user trusts it.

    Args:
        text: a built-in model's name stays as it is.
        far: the model lies on another computer, where the path is read as it was typed.

    Raises:
        click.ClickException: see `typed_path`.
    """
    path = text if far or not text or is_built_in(text) else str(typed_path(text).absolute())
    trust(path)
    return path
