"""A home for users whom the system does not know, as there are in containers."""

from __future__ import annotations

import os

NOWHERE = os.devnull
"""A place in which no folder can be made, not even with all permissions."""


def ensure_home() -> None:
    """See that libraries which ask for the home folder get an answer, rather than fail.

    What is kept there is then not kept, which is told where it matters.
    """
    if os.path.expanduser("~") == "~":
        os.environ["USERPROFILE" if os.name == "nt" else "HOME"] = NOWHERE


def has_home() -> bool:
    """Tell whether it is known where this user's home folder is."""
    return os.path.expanduser("~") not in ("~", NOWHERE)
