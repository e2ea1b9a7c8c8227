"""Opens thousands of randomly damaged files and packets, and counts what happens: run it by hand.

    python -m tests.benchmarks.fuzz --kind png --count 20000 --seed 0
    python -m tests.benchmarks.fuzz --count 20000                       every kind in turn

Each is read by the program's own reader.  It may be read, and must be sound then, or be refused
with one sentence; anything else is a finding.  `--keep FOLDER` keeps what is one.  The same seed
gives the same files.  Snapshots have a fuzzer of their own, `fuzz_reference`.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzzing.readers import KINDS, Reader, is_sentence, reader

HANGS_S = 120
"""Wall-clock time after which the run ends and says where it hangs."""
SHOWN = 10


@dataclass
class Tally:
    """What became of the files of one kind."""

    kind: str
    outcomes: Counter[str] = field(default_factory=Counter)
    sentences: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many there were."""
        return self.outcomes.total()

    def row(self) -> str:
        """A line of the table."""
        counts = [self.outcomes[name] for name in ("refused", "loaded", "finding")]
        columns = [self.files, *counts, len(self.sentences), f"{1000 * self.slowest_s:.0f}"]
        return " ".join([f"{self.kind:<12}", *(f"{column:>10}" for column in columns)])


HEADER = " ".join(
    [
        f"{'kind':<12}",
        *(f"{name:>10}" for name in ("files", "refused", "loaded", "exceptions", "sentences")),
        f"{'slowest ms':>10}",
    ]
)


def fuzz(kind: str, count: int, seed: int, keep: Path | None = None, first: int = 0) -> Tally:
    """Damage input of a kind and read it.

    Args:
        kind: one of `tests.fuzzing.readers.KINDS`.
        count: how often.
        seed: decides all of them.
        keep: a folder for input that is a finding.
        first: the number of the first one, to see one of them again.
    """
    tally, how = Tally(kind), reader(kind)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of large pictures
        name = how.suffix if not how.suffix.startswith(".") else f"file{how.suffix}"
        for number in range(first, first + count):
            random = Random(f"{kind} {seed} {number}")
            data = how.damage(random.choice(how.good), random)
            _look(tally, how, Path(folder) / name, data, number)
            if keep is not None and tally.outcomes["finding"] > len(list(_kept(keep, kind))):
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{kind}-{seed}-{number}{Path(name).suffix}").write_bytes(data)
    return tally


def _kept(folder: Path, kind: str) -> list[Path]:
    return list(folder.glob(f"{kind}-*"))


def _look(tally: Tally, how: Reader, path: Path, data: bytes, number: int) -> None:
    path.write_bytes(data)
    begun_s = time.thread_time()
    try:
        outcome = "loaded" if how.read(path) else "refused"
    except how.refusals as error:
        outcome = "refused"
        tally.sentences[str(error)[:40]] += 1
        if not is_sentence(str(error)):
            outcome = "finding"
            tally.findings.append(f"{number}: no sentence: {str(error)[:300]!r}")
    except Exception:
        outcome = "finding"
        tally.findings.append(f"{number}: {traceback.format_exc()[-1500:]}")
    spent_s = time.thread_time() - begun_s
    if spent_s > tally.slowest_s:
        tally.slowest_s, tally.slowest = spent_s, number
    tally.outcomes[outcome] += 1


def main() -> None:
    """Fuzz, and print the table."""
    parser = argparse.ArgumentParser(description="Read randomly damaged files and packets.")
    parser.add_argument("--kind", choices=[*KINDS], default=None, help="all when not given")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=None, help="a folder for findings")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    tallies = []
    for kind in [options.kind] if options.kind else KINDS:
        faulthandler.dump_traceback_later(HANGS_S + options.count / 20, exit=True)
        tallies.append(fuzz(kind, options.count, options.seed, options.keep, options.first))
        print(tallies[-1].row(), f"  (number {tallies[-1].slowest})", file=sys.stderr)
    faulthandler.cancel_dump_traceback_later()
    print(HEADER)
    for tally in tallies:
        print(tally.row())
        for finding in tally.findings[:SHOWN]:
            print(f"\n{tally.kind} {finding}")
    sys.exit(any(tally.findings for tally in tallies))


if __name__ == "__main__":
    main()
