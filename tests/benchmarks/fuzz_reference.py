"""Opens thousands of randomly damaged snapshots, and counts what happens: run it by hand.

    python -m tests.benchmarks.fuzz_reference --files 20000 --seed 0

Every file is opened in a child process under an audit hook.  It may load, if its generator has a
valid configuration, or be refused with one sentence; anything else is a finding.  `--keep FOLDER`
keeps the files that are findings.  The same seed gives the same files, but for the path of the
marker that gadgets in them would create.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.stylegan_t.hostile.mutations import Base, bases, mutated
from tests.stylegan_t.hostile.places import SMALL_TOWER
from tests.stylegan_t.reference.snapshot import SMALLEST_WITH_TEXT, write_snapshot
from tests.stylegan_t.reference.watch import Outcome, Watcher

LIMIT_S = 30.0
"""Wall-clock time after which a file counts as hanging; machines are busy with other things."""
SHOWN = 10


@dataclass
class Tally:
    """What became of the files."""

    kinds: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    executions: int = 0
    bad_sentences: int = 0
    slowest_s: float = 0.0
    peak_mb: float = 0.0
    findings: list[str] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many there were."""
        return sum(self.kinds.values())

    def add(self, name: str, outcome: Outcome, executed: bool) -> bool:
        """Count a file; True when it is a finding."""
        self.kinds[outcome.kind] += 1
        self.slowest_s = max(self.slowest_s, outcome.cpu_s)
        self.peak_mb = max(self.peak_mb, outcome.peak_mb)
        executed = executed or bool(outcome.events)
        badly_said = outcome.kind == "refused" and not outcome.message.isprintable()
        self.executions += executed
        self.bad_sentences += badly_said
        if outcome.kind == "refused":
            self.sentences[outcome.message[:60]] += 1
        if not executed and not badly_said and outcome.kind in ("loaded", "refused"):
            return False
        self.findings.append(f"{name}: {outcome.kind} {outcome.events} {outcome.message[-700:]}")
        return True

    def table(self) -> str:
        """For people."""
        rows = {
            "files": self.files,
            "loaded": self.kinds["loaded"],
            "refused": self.kinds["refused"],
            "executions": self.executions,
            "crashes": self.kinds["crashed"] + self.kinds["died"],
            "hangs": self.kinds["hung"],
            "sentences that are none": self.bad_sentences,
            "slowest, s of CPU": f"{self.slowest_s:.2f}",
            "peak memory, MB": f"{self.peak_mb:.0f}",
        }
        return "\n".join(f"{name:<24} {value:>8}" for name, value in rows.items())


def fuzz(files: int, seed: int, keep: Path | None = None, workers: int | None = None) -> Tally:
    """Damage snapshots and open them.

    Args:
        files: how many.
        seed: decides all of them.
        keep: a folder for the files that are findings.
        workers: processes that open files; None is one for each core.
    """
    workers = workers or os.cpu_count() or 1
    tally, good = Tally(), bases()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        warm_up = write_snapshot(folder / "warm.pkl", SMALLEST_WITH_TEXT, clip_options=SMALL_TOWER)
        with ThreadPoolExecutor(workers) as pool:
            jobs = [
                pool.submit(_share, good, seed, range(worker, files, workers), warm_up, keep, tally)
                for worker in range(workers)
            ]
            for job in jobs:
                job.result()
    return tally


def _share(
    good: list[Base], seed: int, numbers: range, warm_up: Path, keep: Path | None, tally: Tally
) -> None:
    """Open some of the files, with a child process of one's own."""
    path = warm_up.with_name(f"snapshot{numbers.start}.pkl")
    marker = warm_up.with_name(f"marker{numbers.start}")
    with Watcher(warm_up, limit_s=LIMIT_S) as watcher:
        for number, name, data in _files(good, seed, numbers, marker):
            path.write_bytes(data)
            outcome = watcher.load(path)
            if tally.add(name, outcome, marker.exists()) and keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number}-{outcome.kind}.pkl").write_bytes(data)
            marker.unlink(missing_ok=True)


def _files(
    good: list[Base], seed: int, numbers: range, marker: Path
) -> Iterator[tuple[int, str, bytes]]:
    for number in numbers:
        random = Random(f"{seed} {number}")
        base = good[random.randrange(len(good))]
        yield number, f"seed {seed}, file {number}, {base.name}", mutated(base, random, marker)


def main() -> None:
    """Fuzz, and print the table."""
    parser = argparse.ArgumentParser(description="Open randomly damaged snapshots.")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for findings")
    options = parser.parse_args()
    start = time.monotonic()
    tally = fuzz(options.files, options.seed, options.keep, options.workers)
    print(tally.table())
    print(f"{'files a second':<24} {tally.files / (time.monotonic() - start):>8.0f}")
    for finding in tally.findings[:SHOWN]:
        print(f"\n{finding}")
    sys.exit(bool(tally.findings))


if __name__ == "__main__":
    main()
