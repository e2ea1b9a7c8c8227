"""Figures as they are shown: with a minus sign, not the hyphen that one types."""

from __future__ import annotations

import re

_HYPHEN = re.compile(r"(?<![\w.])-(?=[\d.])")


def minus(text: str) -> str:
    """`text` with a minus sign before each negative figure; hyphens within words stay."""
    return _HYPHEN.sub("\N{MINUS SIGN}", text)
