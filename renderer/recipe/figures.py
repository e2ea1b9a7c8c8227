"""Figures as they are shown: a minus sign for the hyphen that one types, and sizes in bytes."""

from __future__ import annotations

import re

_HYPHEN = re.compile(r"(?<![\w.])-(?=[\d.])")


def minus(text: str) -> str:
    """`text` with a minus sign before each negative figure; hyphens within words stay."""
    return _HYPHEN.sub("\N{MINUS SIGN}", text)


def in_bytes(count: int) -> str:
    """An amount of memory, or the size of a file, in words: "1.9 GB"."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 0.1):.3g} MB"
