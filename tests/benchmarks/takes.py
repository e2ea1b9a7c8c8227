"""A minute that was played, rendered twice at different loads: the files must be the same.

Run with `python -m tests.benchmarks.takes [--seconds 60] [--fps 30]`; it prints a table.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import tempfile
import time
from pathlib import Path
from random import Random

from click.testing import CliRunner

from renderer.files.take_file import TakeFile, read_take
from renderer.timeline.take import thinned
from tests.benchmarks.tables import Table, plain
from tests.renderer.timeline.test_take import played
from visualizer.cli import cli


def _burn() -> None:
    while True:
        pass


def rendered(take: Path, out: Path, fps: int, others: int) -> tuple[float, str]:
    """Render a take while `others` processes keep the processor busy; seconds and the hash."""
    context = multiprocessing.get_context("spawn")
    busy = [context.Process(target=_burn, daemon=True) for _ in range(others)]
    for process in busy:
        process.start()
    try:
        begin_s = time.perf_counter()
        arguments = ["video", str(take), "--fps", str(fps), "--out", str(out)]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
        return time.perf_counter() - begin_s, hashlib.sha256(out.read_bytes()).hexdigest()
    finally:
        for process in busy:
            process.terminate()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--fps", type=int, default=30)
    options = parser.parse_args()
    samples = played(Random(7), 60 * options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        begin_s = time.perf_counter()
        kept = thinned(samples)
        thinning_s = time.perf_counter() - begin_s
        file = TakeFile(Path(folder))
        file.add(kept)
        path = file.finish()
        begin_s = time.perf_counter()
        read_take(path)
        reading_s = time.perf_counter() - begin_s
        runs = [
            rendered(path, Path(folder) / f"{others}.mp4", options.fps, others) for others in (0, 3)
        ]
        size = path.stat().st_size
    rows = [
        ("samples played", f"{len(samples)}"),
        ("samples kept", f"{len(kept)}"),
        ("thinning", f"{thinning_s:.2f} s"),
        ("file", f"{size / 1000:.0f} kB, read in {reading_s:.2f} s"),
        ("rendered alone", f"{runs[0][0]:.1f} s"),
        ("rendered beside 3 busy processes", f"{runs[1][0]:.1f} s"),
        ("equal bytes", "yes" if runs[0][1] == runs[1][1] else "NO"),
    ]
    print(plain(Table("Takes", ("figure", "value"), tuple(rows))))


if __name__ == "__main__":
    main()
