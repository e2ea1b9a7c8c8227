"""Figures as they are shown."""

from __future__ import annotations

import pytest

from renderer.recipe.figures import in_bytes


@pytest.mark.parametrize(
    ("count", "words"), [(1_940_000_000, "1.9 GB"), (13_700_000, "13.7 MB"), (4096, "0.1 MB")]
)
def test_memory_in_words(count: int, words: str) -> None:
    assert in_bytes(count) == words
