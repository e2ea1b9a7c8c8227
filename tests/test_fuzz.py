"""A short piece of the fuzzing that `tests.benchmarks.fuzz` does at length."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.benchmarks.fuzz import fuzz
from tests.fuzzing.readers import KINDS, reader

pytestmark = pytest.mark.slow

COUNT = 120


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_refused_in_a_sentence_or_does_not_matter(kind: str) -> None:
    tally = fuzz(kind, COUNT, seed=4)
    assert tally.findings == []
    assert tally.files == COUNT
    assert tally.outcomes["refused"] > COUNT / 20, "the damage does no damage"
    assert tally.outcomes["loaded"] > 0, "nothing of the damage gets as far as values"


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, of a palette with transparency
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_damaged_was_good(kind: str, tmp_path: Path) -> None:
    how = reader(kind)
    path = tmp_path / (how.suffix if not how.suffix.startswith(".") else f"a{how.suffix}")
    for good in how.good:
        path.write_bytes("".join(good).encode() if isinstance(good, list) else good)
        assert how.read(path)


@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_gives_the_same_files(kind: str) -> None:
    how = reader(kind)
    once, again = (how.damage(how.good[0], Random(5)) for _ in range(2))
    assert once == again


def test_a_reader_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renderer.files.png_text.MAX_CHUNKS", None)
    tally = fuzz("png", 20, seed=4)
    assert tally.outcomes["finding"] > 0
    assert "TypeError" in tally.findings[0]
