"""Names as parts of addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_SLUG = 60


def slug_of(name: str) -> str:
    """A name as part of an address: small letters, "-" for what an address cannot hold."""
    return re.sub(r"[\s#*,/?\[\]{}\x00-\x1f]+", "-", name.strip().lower()).strip("-")[:MAX_SLUG]


def free_slugs(names: Sequence[str], usual: str) -> list[str]:
    """A part of an address for each of `names`, each another: the later of equals have a number.

    `usual` stands where nothing of a name is left.
    """
    found: list[str] = []
    for name in names:
        wanted, number = slug_of(name) or usual, 1
        slug = wanted
        while slug in found:
            number += 1
            slug = f"{wanted}-{number}"
        found.append(slug)
    return found
