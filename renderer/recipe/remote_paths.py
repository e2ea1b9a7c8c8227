r"""Paths to other computers, and whose word it takes to open one.

A recipe, session or timeline names files, and a malicious one could name `\\host\share\file`:
Windows would contact that host, with the user's name and a proof of the password, just because a
picture was restored.  So a path that came from a file leads to another computer only after the
user has named that computer.
"""

from __future__ import annotations

import re

from renderer.errors import ModelError

_SHARE = re.compile(r"[\\/]{2}(?:[?.][\\/]+(?:UNC[\\/]+)?)?(?P<host>[^\\/]*)", re.IGNORECASE)
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]+):[\\/]{2}(?P<host>[^\\/]*)", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:?", re.IGNORECASE)
_named: set[str] = set()


class RemotePathError(ModelError):
    """A file names another computer, and the user has not; the message is for the user."""


def host_of(path: str) -> str:
    """The computer that a path leads to, in small letters; empty where it stays on this one.

    The same on every system: a recipe that was made on one is opened on another.
    """
    found = _URL.match(path) or _SHARE.match(path)
    if found is None:
        return ""
    host = found["host"].lower()
    return "" if host in ("localhost", "") or _DRIVE.fullmatch(host) else host


def trust(path: str) -> None:
    """The user has named this path: what else is on its computer may be opened, too."""
    if host := host_of(path):
        _named.add(host)


def may_open(path: str) -> bool:
    """Return whether a path that came from a file may be looked at without asking."""
    host = host_of(path)
    return not host or host in _named


def require(path: str) -> None:
    """Refuse a path that came from a file and leads to a computer that the user has not named.

    Raises:
        RemotePathError: one sentence that says how to open it.
    """
    if not may_open(path):
        raise RemotePathError(
            f"{path} is on another computer, “{host_of(path)}”, and was named by a file: it is "
            "only opened when you open it yourself."
        )
