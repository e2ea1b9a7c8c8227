"""Kill a training run at twenty random moments; each must end as an undisturbed one.

    python -m tests.benchmarks.kill_training [KILLS]

Three of them are in the test suite; this takes some minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.stylegan_t.training.killing import kill_and_compare

KILLS = 20
LONGEST_S = 3.0


def main() -> None:
    """Kill, compare, and tell."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory(prefix="kill-training-") as folder:
        killed = kill_and_compare(Path(folder), kills, seed=1, longest_s=LONGEST_S)
    print(f"{killed} of {kills} kills hit a run; every run ended with the same model.")


if __name__ == "__main__":
    main()
