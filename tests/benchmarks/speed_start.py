"""How long the program takes from its start to the first picture, by processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import imgui_bundle
import torch

import stylegan_t
from tests.benchmarks.tables import Table, spread

WARM = "second start, home of the first"
FRESH = "first start, files in memory"
COLD = "first start, files not in memory"


def measured(rounds: int) -> list[Table]:
    """Start again and again, in turns: with an empty home, and with that of the start before."""
    kinds = [FRESH, WARM] if not hasattr(os, "posix_fadvise") else [COLD, FRESH, WARM]
    marks: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        home = ""
        for kind in kinds:
            if kind == COLD:
                _forget_files()
            if kind != WARM:
                home = tempfile.mkdtemp(prefix="stylegan-t-bench-")
            marks[kind].append(_started(home))
    rows = tuple(
        (f"{kind}: {name}", *spread([found[name] * 1e3 for found in each]))
        for kind, each in marks.items()
        for name in ("first redraw", "first picture")
    )
    memory = tuple(
        (f"{kind}: most memory, MB", *spread([found["MB"] for found in each])[:2], "")
        for kind, each in marks.items()
        if kind == WARM
    )
    note = "From the start of the process, the demo model."
    head = ("", "median ms", "p99 ms", "runs")
    return [Table("demo, start", head, (*rows, *memory), note)]


def _started(home: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.ui", "--start", home, repr(time.time())]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Any = json.loads(done.stdout.splitlines()[-1])
    return {str(name): float(value) for name, value in found.items()}


def _forget_files() -> None:
    """Have the system drop what it holds of the libraries' files and of this project's: as after
    switching the computer on.  Files that other programs use now stay."""
    for package in (torch, imgui_bundle, stylegan_t):
        for path in Path(package.__file__ or "").parent.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
