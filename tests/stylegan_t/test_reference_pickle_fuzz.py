"""A few hundred randomly damaged snapshots; `tests.benchmarks.fuzz_reference` opens thousands."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.benchmarks.fuzz_reference import Tally, fuzz
from tests.stylegan_t.hostile.mutations import bases, mutated
from tests.stylegan_t.reference.watch import Outcome

pytestmark = pytest.mark.slow


def test_damaged_snapshots_load_or_are_refused() -> None:
    tally = fuzz(files=300, seed=20230123, workers=1)
    assert tally.findings == []
    assert tally.files == 300
    # Damage that is always noticed at the first byte, or never, would test nothing.
    assert tally.kinds["loaded"] > 15 and tally.kinds["refused"] > 100
    assert len(tally.sentences) > 10


def test_the_same_seed_gives_the_same_files() -> None:
    [usual] = [base for base in bases() if base.name == "usual"]
    first, second = (mutated(usual, Random(5), Path("/m")) for _ in range(2))
    assert first == second
    assert first != mutated(usual, Random(6), Path("/m"))


def test_the_tally_notices() -> None:
    tally = Tally()
    assert not tally.add("good", Outcome("loaded"), False)
    assert not tally.add("good", Outcome("refused", "a.pkl is damaged."), False)
    assert tally.add("a newline", Outcome("refused", "a.pkl\nis damaged."), False)
    assert tally.add("an event", Outcome("refused", "a.pkl.", ["import os"]), False)
    assert tally.add("a marker", Outcome("loaded"), True)
    for kind in ("crashed", "hung", "died"):
        assert tally.add(kind, Outcome(kind), False)
    assert len(tally.findings) == 6 and tally.executions == 2
