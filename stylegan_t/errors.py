"""Errors whose message is one sentence for the user: what happened, and what to do about it.

Each package has one root, so that the code which carries work out catches that and needs no list.
What an error of ours was before, such as a ValueError, it stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

BROKEN_JSON = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""Whatever msgspec raises where JSON is damaged, holds something else, or is no text."""
BROKEN_CALL = (AttributeError, KeyError, RuntimeError, TypeError)
"""Whatever an undocumented call of PyTorch raises where it is missing or takes something else."""


class ExplainedError(Exception):
    """Something that is no mistake of the program; its message is for the user."""

    @property
    def sentence(self) -> str:
        """Return the message, one sentence for the user."""
        return str(self)


class StyleGANTError(ExplainedError):
    """The root of what this package explains."""


def enumerated(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
